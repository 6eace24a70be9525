"""Databases that speak SQL, by their SQLAlchemy URL; and SQLite files by their path.

PostgreSQL, MySQL, MariaDB and SQLite come with their drivers; any other dialect works once its driver is
installed. Sessions are opened read-only, tables and keys are listed in bulk. Small tables are fetched whole,
medium ones staged on local disk, large ones measured by the database itself; so is every table of a source
whose data must not leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.catalog import SOURCES, Setup
from schema_matching_pipeline.adapters.connectors.content_mark import content_mark
from schema_matching_pipeline.adapters.connectors.engine import make_engine, place_of, probe
from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import as_table
from schema_matching_pipeline.adapters.connectors.executors.in_place import measure_in_place
from schema_matching_pipeline.adapters.connectors.executors.push_down import SqlPlace
from schema_matching_pipeline.adapters.connectors.executors.second_process import (
    LARGEST,
    WORTH_TABLES,
)
from schema_matching_pipeline.adapters.connectors.executors.statistics import measure_statistics
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.adapters.connectors.executors.totals import Target
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault, table_of, translated
from schema_matching_pipeline.adapters.connectors.local_tables import LocalTables
from schema_matching_pipeline.adapters.connectors.read_ahead import read_ahead
from schema_matching_pipeline.adapters.connectors.reflection import Reflected, reflect
from schema_matching_pipeline.adapters.connectors.row_reader import read_texts
from schema_matching_pipeline.adapters.connectors.row_sample import a_sample_of
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.measurement import ProfilePlan, ReadsMeasurement, TableMeasurement
from schema_matching_pipeline.model.profile import PlanKind, TableProfile
from schema_matching_pipeline.model.source import SourceAddress, SourceSnapshot, SourceTable, TableKind

_AHEAD = 2  # small tables that are read while one is measured
_SQLITE_MAGIC = b"SQLite format 3\0"


class OpenDatabase:
    """A database with its session open."""

    def __init__(self, engine: sa.Engine, address: SourceAddress, place: str, setup: Setup) -> None:
        self._file = _file_of(_url_of(address))
        self._engine, self._place, self._setup = engine, place, setup
        self._schema, self._data_stays = address.schema_name, address.data_stays
        self.local = LocalTables(setup)

    def snapshot(self) -> SourceSnapshot:
        """What the database lists now.

        Raises:
            SourceError: it cannot list anything.
        """
        self.__dict__.pop("_reflected", None)
        found = self._reflected
        return SourceSnapshot(
            schema_name=found.schema, tables=tuple(found.tables.values()), troubles=found.troubles
        )

    def content_marks(self) -> Mapping[str, str]:
        """A file is known by its bytes; the counters of a server are lost and reset, nothing is read into them."""
        if self._file is None:
            return {}
        with translated(self._place):
            log = self._file.with_name(f"{self._file.name}-wal")
            mark = content_mark(self._setup.hashes.secret_key, [self._file, log])
        return dict.fromkeys(self._reflected.tables, mark)

    def measure(self, plan: ProfilePlan) -> TableMeasurement:
        """Raw figures of one table.

        Raises:
            SourceError: the table cannot be read (any more), or the plan asks for rows that must not leave.
        """
        if self._data_stays and not plan.data_stays:
            raise fault(Trouble.DATA_STAYS, self._place, table=plan.table)
        relation, kinds = self.relation(plan.table), self._reflected.kinds(plan.table)
        with self._asking(plan.table) as connection:
            if not kinds:
                return TableMeasurement(name=plan.table, row_count=_count(connection, relation), columns=())
            if plan.kind is PlanKind.LARGE:
                target = Target(
                    connection,
                    relation,
                    kinds,
                    is_view=self._is_view(plan.table),
                    unique=_alone_unique(self._reflected.tables[plan.table]),
                    hidden=frozenset(plan.hidden_columns),
                )
                measuring = Measuring(plan, self._setup.policy, self._setup.hashes)
                if plan.data_stays:
                    return measure_statistics(target, measuring)
                return measure_in_place(SqlPlace(target, self._setup.policy), measuring)
            return self.local.measure(
                plan, lambda names: read_texts(connection, relation, kinds, names, self._setup.policy)
            )

    def measure_each(
        self, plans: Sequence[ProfilePlan], begins: Callable[[ProfilePlan], None], read: ReadsMeasurement
    ) -> Iterator[tuple[ProfilePlan, TableMeasurement | TableProfile | SourceError]]:
        """The same of many tables: of many small ones some are measured and read by a second process."""
        small = sum(plan.kind is PlanKind.SMALL for plan in plans)
        beside = self.local.beside(read) if small >= WORTH_TABLES and not self._data_stays else None
        if beside is None:
            yield from self._one_by_one(plans, begins)
            return
        for plan, rows in read_ahead(((plan, self._small_rows(plan)) for plan in plans), _AHEAD):
            if rows is None:
                yield from self._one_by_one([plan], begins)
                continue
            begins(plan)
            if isinstance(rows, SourceError):
                yield plan, rows
            elif beside.takes():
                beside.give(plan, rows)
            else:
                yield plan, self.local.measure_rows(plan, rows)
            yield from beside.found(wait=False)
        yield from beside.found(wait=True)

    def _one_by_one(
        self, plans: Sequence[ProfilePlan], begins: Callable[[ProfilePlan], None]
    ) -> Iterator[tuple[ProfilePlan, TableMeasurement | SourceError]]:
        for plan in plans:
            begins(plan)
            try:
                yield plan, self.measure(plan)
            except SourceError as error:
                yield plan, error

    def _small_rows(self, plan: ProfilePlan) -> pa.Table | SourceError | None:
        """All rows of a table that proves to be small enough to be held, or why it cannot be read; nothing of another."""
        kinds = self._reflected.kinds(plan.table)
        if plan.kind is not PlanKind.SMALL or not kinds:
            return None
        relation = self.relation(plan.table)
        try:
            with self._asking(plan.table) as connection:
                return self.local.small_rows(
                    plan,
                    lambda names: read_texts(connection, relation, kinds, names, self._setup.policy),
                    most_bytes=LARGEST,
                )
        except SourceError as error:
            return error

    def texts(self, table: str, columns: Sequence[str], limit: int) -> tuple[pa.Table, bool]:
        """Rows in canonical text, at most ``limit``, and whether they are a sample.

        Raises:
            SourceError: the table cannot be read, or its rows must not leave.
        """
        if self._data_stays:
            raise fault(Trouble.DATA_STAYS, self._place, table=table)
        relation, kinds = self.relation(table), self._reflected.kinds(table)
        with self._asking(table) as connection:
            rows = _count(connection, relation)
            chosen = a_sample_of(relation, rows, limit, connection.dialect.name, is_view=self._is_view(table))
            batches = list(read_texts(connection, chosen, kinds, columns, self._setup.policy))
        return as_table(columns, batches).slice(0, limit), rows > limit

    def relation(self, table: str) -> sa.TableClause:
        """The table as listed, to select from.

        Raises:
            SourceDriftedError: it is not listed.
        """
        if table not in self._reflected.tables:
            raise fault(Trouble.VANISHED, table_of(self._place, table), table=table)
        columns = zip(self._reflected.tables[table].columns, self._reflected.types[table], strict=True)
        return sa.table(
            table, *[sa.column(column.name, data_type) for column, data_type in columns], schema=self._schema
        )

    def ask(self, statement: sa.Select[*tuple[object, ...]]) -> tuple[tuple[object, ...], ...]:
        """The database's answer."""
        with translated(self._place), self._engine.connect() as connection:
            return tuple(tuple(row) for row in connection.execute(statement))

    @contextmanager
    def _asking(self, table: str) -> Iterator[sa.Connection]:
        """A connection to ask about one table; what fails of a view fails in the view."""
        try:
            with translated(self._place, table=table), self._engine.connect() as connection:
                yield connection
        except SourceError as error:
            if error.reason == Trouble.UNREADABLE and self._is_view(table):
                raise fault(Trouble.BROKEN_VIEW, table_of(self._place, table), table=table) from None
            raise

    def _is_view(self, table: str) -> bool:
        return self._reflected.tables[table].kind is TableKind.VIEW

    @cached_property
    def _reflected(self) -> Reflected:
        with translated(self._place), self._engine.connect() as connection:
            return reflect(connection, self._schema, self._place)


class Relational:
    """Opens databases by SQLAlchemy URL."""

    keeps_data = True

    def claims(self, location: str) -> bool:
        """An URL that is neither a file nor a DuckDB database; or a path whose first bytes are SQLite's."""
        scheme, separator, _ = location.partition("://")
        if separator:
            return scheme not in {"file", "duckdb"}
        path = Path(location).expanduser()
        return path.is_file() and path.open("rb").read(16) == _SQLITE_MAGIC

    @contextmanager
    def open(self, address: SourceAddress, setup: Setup) -> Iterator[OpenDatabase]:
        """The database, until the block ends.

        Raises:
            SourceError: host, port, user, password, database or schema is not right.
        """
        location = _url_of(address)
        engine = make_engine(location, setup.policy)
        place = place_of(sa.make_url(location))
        if engine.dialect.name != "sqlite":
            probe(engine.url, setup.policy.connect_timeout_seconds)
        with translated(place), engine.connect():
            database = OpenDatabase(engine, address, place, setup)
        try:
            yield database
        finally:
            database.local.close()
            engine.dispose()


SOURCES.register("relational")(Relational())


def _alone_unique(table: SourceTable) -> frozenset[str]:
    """Columns declared unique by themselves."""
    return frozenset(names[0] for names in (table.primary_key, *table.unique_keys) if len(names) == 1)


def _url_of(address: SourceAddress) -> str:
    location = address.location.get_secret_value()
    return location if "://" in location else f"sqlite:///{Path(location).expanduser().absolute()}"


def _file_of(location: str) -> Path | None:
    url = sa.make_url(location)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database).expanduser().absolute()


def _count(connection: sa.Connection, relation: sa.FromClause) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(relation)).scalar() or 0)
