"""DuckDB database files, by an URL (``duckdb:///path``) or by their path, opened read-only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.catalog import SOURCES, Setup
from schema_matching_pipeline.adapters.connectors.content_mark import content_mark
from schema_matching_pipeline.adapters.connectors.executors.relation import Relation
from schema_matching_pipeline.adapters.connectors.executors.staging import Staged, Staging
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault, missing, table_of, translated
from schema_matching_pipeline.adapters.connectors.local_tables import LocalTables, relation_of
from schema_matching_pipeline.adapters.connectors.quiet_duckdb import connect_duckdb
from schema_matching_pipeline.adapters.connectors.typed_select import TypedColumn, quoted, select_texts
from schema_matching_pipeline.model.measurement import ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.source import (
    ForeignKey,
    SourceAddress,
    SourceColumn,
    SourceSnapshot,
    SourceTable,
    TableKind,
)

_MAGIC = b"DUCK"
_DEFAULT_SCHEMA = "main"
_COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = ? ORDER BY table_name, column_index"""
_TABLES = """
    SELECT table_name, estimated_size, comment FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = ?"""
_CONSTRAINTS = """
    SELECT table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
    FROM duckdb_constraints() WHERE database_name = current_database() AND schema_name = ?"""
_Row = tuple[object, ...]


class OpenDuckDb:
    """A DuckDB database, open for reading."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, schema: str, file: Path, place: str, setup: Setup
    ) -> None:
        self._file = file
        self._connection, self._schema, self._place, self._setup = connection, schema, place, setup
        self.local = LocalTables(setup)

    def snapshot(self) -> SourceSnapshot:
        """What the database lists."""
        return SourceSnapshot(schema_name=self._schema, tables=tuple(self._tables.values()))

    def content_marks(self) -> Mapping[str, str]:
        """One mark for all tables: that of the file and its log."""
        with translated(self._place):
            log = self._file.with_name(f"{self._file.name}.wal")
            mark = content_mark(self._setup.hashes.secret_key, [self._file, log])
        return dict.fromkeys(self._tables, mark)

    def measure(self, plan: ProfilePlan) -> TableMeasurement:
        """Raw figures of one table.

        Raises:
            SourceError: the table cannot be read.
        """
        table = self._table(plan.table)
        with translated(self._place, table=plan.table):
            return self.local.measure(plan, lambda names: self._texts(table, names), self._direct(table))

    def _direct(self, table: SourceTable) -> Callable[[Staging], Relation] | None:
        """A large table is measured where it is."""
        if (table.row_estimate or 0) <= self._setup.policy.small_rows:
            return None
        columns = {column.name: TypedColumn(column.name, column.data_type) for column in table.columns}
        name = f"{quoted(self._schema)}.{quoted(table.name)}"
        return lambda _: Relation(self._connection, name, columns)

    def texts(self, table: str, columns: Sequence[str], limit: int) -> tuple[pa.Table, bool]:
        """Rows in canonical text, at most ``limit``, and whether they are a sample."""
        return self.local.sample(self._staged(table), columns, limit)

    def relation(self, table: str) -> sa.FromClause:
        """The table, staged, to select from."""
        return relation_of(self._staged(table))

    def ask(self, statement: sa.Select[*tuple[object, ...]]) -> tuple[tuple[object, ...], ...]:
        """The answer of the staging database."""
        with translated(self._place):
            return self.local.ask(statement)

    def _staged(self, name: str) -> Staged:
        table = self._table(name)
        with translated(self._place, table=name):
            return self.local.staged(
                name, [column.name for column in table.columns], lambda names: self._texts(table, names)
            )

    def _texts(self, table: SourceTable, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        types = {column.name: column.data_type for column in table.columns}
        wanted = [TypedColumn(name, types[name]) for name in names]
        relation = f"{quoted(self._schema)}.{quoted(table.name)}"
        with self._connection.cursor() as cursor:
            yield from select_texts(cursor, relation, wanted, self._setup.policy)

    def _table(self, name: str) -> SourceTable:
        if name not in self._tables:
            raise fault(Trouble.VANISHED, table_of(self._place, name), table=name)
        return self._tables[name]

    @cached_property
    def _tables(self) -> dict[str, SourceTable]:
        with translated(self._place):
            columns = self._connection.execute(_COLUMNS, [self._schema]).fetchall()
            tables = {
                str(row[0]): row for row in self._connection.execute(_TABLES, [self._schema]).fetchall()
            }
            constraints = self._connection.execute(_CONSTRAINTS, [self._schema]).fetchall()
        by_table: defaultdict[str, list[_Row]] = defaultdict(list)
        for row in columns:
            by_table[str(row[0])].append(row)
        return {
            name: _described(name, rows, tables.get(name), [row for row in constraints if row[0] == name])
            for name, rows in sorted(by_table.items())
        }


class DuckDbFile:
    """Opens DuckDB database files."""

    def claims(self, location: str) -> bool:
        """A DuckDB URL, or a path whose first bytes are DuckDB's."""
        if location.startswith("duckdb:"):
            return True
        path = Path(location).expanduser()
        return "://" not in location and path.is_file() and path.open("rb").read(12)[8:] == _MAGIC

    @contextmanager
    def open(self, address: SourceAddress, setup: Setup) -> Iterator[OpenDuckDb]:
        """The database, until the block ends.

        Raises:
            SourceError: there is no such file, it is none of DuckDB's, or it has no such schema.
        """
        path = _path(address.location.get_secret_value())
        place = f"The DuckDB file {path.name!r}"
        if not path.is_file():
            raise missing(path)
        with translated(place):
            connection = connect_duckdb(path)
        schema = address.schema_name or _DEFAULT_SCHEMA
        opened = OpenDuckDb(connection, schema, path, place, setup)
        try:
            _check_schema(connection, schema, place)
            yield opened
        finally:
            opened.local.close()
            connection.close()


SOURCES.register("duckdb_file")(DuckDbFile())


def _path(location: str) -> Path:
    if location.startswith("duckdb:"):
        location = sa.make_url(location).database or ""
    return Path(location).expanduser().absolute()


def _check_schema(connection: duckdb.DuckDBPyConnection, schema: str, place: str) -> None:
    rows = connection.execute(
        "SELECT DISTINCT schema_name FROM duckdb_schemas() WHERE database_name = current_database()"
    ).fetchall()
    known = sorted(str(row[0]) for row in rows)
    if schema not in known:
        raise fault(Trouble.UNKNOWN_SCHEMA, place, hint=f"It has: {', '.join(known[:20])}.")


def _described(
    name: str, columns: Sequence[_Row], table: _Row | None, constraints: Sequence[_Row]
) -> SourceTable:
    """A table as its catalog rows tell; what is no table is a view."""
    keys = {
        kind: [row for row in constraints if row[1] == kind]
        for kind in ("PRIMARY KEY", "UNIQUE", "FOREIGN KEY")
    }
    primary = keys["PRIMARY KEY"]
    return SourceTable(
        name=name,
        columns=tuple(_column(row, place) for place, row in enumerate(columns)),
        kind=TableKind.TABLE if table else TableKind.VIEW,
        comment=_text(table[2]) if table else None,
        primary_key=_names(primary[0][2]) if primary else (),
        unique_keys=tuple(sorted(_names(row[2]) for row in keys["UNIQUE"])),
        foreign_keys=tuple(
            ForeignKey(columns=_names(row[2]), referred_table=str(row[3]), referred_columns=_names(row[4]))
            for row in keys["FOREIGN KEY"]
        ),
        row_estimate=int(str(table[1])) if table else None,
    )


def _column(row: _Row, place: int) -> SourceColumn:
    return SourceColumn(
        name=str(row[1]), position=place, data_type=str(row[2]), nullable=bool(row[3]), comment=_text(row[4])
    )


def _names(listed: object) -> tuple[str, ...]:
    return tuple(str(name) for name in listed) if isinstance(listed, list | tuple) else ()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
