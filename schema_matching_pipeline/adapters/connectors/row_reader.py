"""Rows out of a database as batches of canonical text; PostgreSQL hands them out by COPY."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.sql.elements import KeyedColumnElement

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, canonical_text, kind_of_arrow
from schema_matching_pipeline.adapters.connectors.copied_rows import bare_names, copied_rows
from schema_matching_pipeline.adapters.connectors.value_array import as_array
from schema_matching_pipeline.model.policy import ProfilePolicy


def read_texts(
    connection: sa.Connection,
    relation: sa.FromClause,
    kinds: Mapping[str, Kind],
    names: Sequence[str],
    policy: ProfilePolicy,
) -> Iterator[pa.RecordBatch]:
    """The columns of a relation in canonical text, batch by batch."""
    declared = [kinds[name] for name in names]
    if connection.dialect.name == "postgresql":
        copied = sa.select(*_copied(relation, kinds, names, policy)).select_from(relation)
        found = copied_rows(connection, copied, len(names))
    else:
        wanted = [_readable(relation.c[name], kinds[name], connection.dialect.name, policy) for name in names]
        found = _by_cursor(connection, sa.select(*wanted).select_from(relation), policy.fetched_rows)
    for columns in found:
        texts = [_canonical(column, kind) for column, kind in zip(columns, declared, strict=True)]
        yield pa.RecordBatch.from_arrays(texts, names=list(names))


def _canonical(column: pa.Array, declared: Kind) -> pa.Array:
    found = kind_of_arrow(column.type)
    kind = declared if found is Kind.TEXT or declared is Kind.BOOLEAN else found
    return canonical_text(column, kind)


def _copied(
    relation: sa.FromClause, kinds: Mapping[str, Kind], names: Sequence[str], policy: ProfilePolicy
) -> Iterator[sa.ColumnElement[object]]:
    """The same columns for COPY, which converts nothing: bare names, of which many are compiled as one."""
    for is_binary, some in groupby(names, lambda name: kinds[name] is Kind.BINARY):
        if is_binary:
            yield from (_readable(relation.c[name], Kind.BINARY, "postgresql", policy) for name in some)
        else:
            yield bare_names(some)


def _readable(
    column: KeyedColumnElement[object], kind: Kind, dialect: str, policy: ProfilePolicy
) -> sa.ColumnElement[object]:
    """The column as the driver gives it; of bytes only the beginning in hexadecimal digits, and their number."""
    if kind is not Kind.BINARY:
        return sa.type_coerce(column, sa.types.NullType())
    size, head = _bytes_of(column, dialect, policy.binary_bytes)
    marked = head.concat("+").concat(sa.cast(size, sa.String(20)))
    return sa.case((size > policy.binary_bytes, marked), else_=head)


def _bytes_of(
    column: sa.ColumnElement[object], dialect: str, most: int
) -> tuple[sa.ColumnElement[int], sa.ColumnElement[str]]:
    """How many bytes there are, and the first of them in hexadecimal digits."""
    size: sa.ColumnElement[int] = sa.func.octet_length(column)
    head = sa.func.substr(column, 1, most)
    match dialect:
        case "postgresql":
            digits: sa.ColumnElement[str] = sa.func.encode(head, "hex", type_=sa.String())
        case "mssql":
            size, head = sa.func.datalength(column), sa.func.substring(column, 1, most)
            digits = sa.func.convert(sa.literal_column("varchar(max)"), head, 2, type_=sa.String())
        case "oracle":
            size, head = sa.func.dbms_lob.getlength(column), sa.func.dbms_lob.substr(column, most, 1)
            digits = sa.func.rawtohex(head, type_=sa.String())
        case "snowflake":
            digits = sa.func.hex_encode(head, type_=sa.String())
        case "bigquery" | "trino":
            size, digits = sa.func.length(column), sa.func.to_hex(head, type_=sa.String())
        case _:
            size = sa.func.length(column) if dialect == "sqlite" else size
            digits = sa.func.hex(head, type_=sa.String())
    return size, sa.literal("0x", sa.String()).concat(sa.func.lower(digits, type_=sa.String()))


def _by_cursor(
    connection: sa.Connection,
    statement: sa.Select[*tuple[object, ...]],
    rows_a_fetch: int,
) -> Iterator[list[pa.Array]]:
    streaming = connection.execution_options(stream_results=True)
    with streaming.execute(statement) as result:
        while rows := result.fetchmany(rows_a_fetch):
            yield [as_array(values) for values in zip(*rows, strict=True)]
