"""Rows out of PostgreSQL by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import pyarrow as pa
import sqlalchemy as sa
from psycopg import Connection, Copy
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.generators import fetch_many
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn
from psycopg.waiting import Wait
from pyarrow import csv
from sqlalchemy.dialects import postgresql

from schema_matching_pipeline.adapters.connectors.read_ahead import read_ahead

_COPY_BYTES = 8 * 1024 * 1024
# Names of columns may hold a percent sign, which this style of parameters does not double.
_COPY_DIALECT: sa.Dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy


def copied_rows(
    connection: sa.Connection, statement: sa.Select[*tuple[object, ...]], width: int
) -> Iterator[list[pa.Array]]:
    """The ``width`` columns of a statement as texts, nulls kept, some thousand rows at a time.

    Raises:
        psycopg.Error: the statement failed, at once or in the middle of its rows.
    """
    compiled = statement.compile(dialect=_COPY_DIALECT, compile_kwargs={"literal_binds": True})
    driver = connection.connection.driver_connection
    if driver is None:
        return
    copying = f"COPY ({compiled}) TO STDOUT (FORMAT csv)".encode()
    try:
        with driver.cursor() as cursor, cursor.copy(copying) as rows:
            chunks = _chunks(driver, rows)
            first = list(islice(chunks, 1))
            # A thread is worth its start where there are others.
            for chunk in first if rows._finished else read_ahead(chain(first, chunks), most=1):  # noqa: SLF001 - as below
                yield _parsed(chunk, width)
    finally:
        # SQLAlchemy, which has not seen that it broke, would try to use it once more, and say so at length.
        if driver.broken:
            connection.invalidate()


def bare_names(names: Iterable[str]) -> sa.ColumnElement[object]:
    """Columns of such a statement by their names alone.

    >>> print(bare_names(["id", 'a "b" 5%']))
    "id", "a ""b"" 5%"
    """
    return sa.literal_column(", ".join(map(_COPY_DIALECT.identifier_preparer.quote_identifier, names)))


def _chunks(driver: Connection[object], copy: Copy) -> Iterator[Sequence[bytes]]:
    """The rows, each as PostgreSQL sent it, some thousand at a time."""
    while not copy._finished and (  # noqa: SLF001 - as below
        rows := driver.wait(_chunk(driver.pgconn, copy))
    ):
        yield rows


def _chunk(sent: PGconn, copy: Copy) -> PQGen[Sequence[bytes]]:
    """Some of the rows: PostgreSQL sends each in a message of its own.

    They are read by the functions of libpq, of which the driver makes a generator a row: twice the time.
    """
    rows, held = list[bytes](), 0
    while held < _COPY_BYTES:
        size, row = sent.get_copy_data(1)
        if size > 0:
            rows.append(bytes(row))
            held += size
        elif size == 0:
            yield Wait.R
            sent.consume_input()
        else:
            yield from _end(sent, copy)
            break
    return rows


def _end(sent: PGconn, copy: Copy) -> PQGen[None]:
    """Takes what PostgreSQL says after the last row, as the driver does when it has read that itself."""
    copy._finished = True  # noqa: SLF001 - it would wait for what is taken here
    for result in (yield from fetch_many(sent)):
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)


def _parsed(chunk: Sequence[bytes], width: int) -> list[pa.Array]:
    content = b"".join(chunk)
    names = [f"c{place}" for place in range(width)]
    table = csv.read_csv(
        pa.py_buffer(content),
        read_options=csv.ReadOptions(
            column_names=names, block_size=len(content) + 1, use_threads=len(content) > _COPY_BYTES // 2
        ),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
            column_types=dict.fromkeys(names, pa.string()),
        ),
    )
    return [column.combine_chunks() for column in table.columns]
