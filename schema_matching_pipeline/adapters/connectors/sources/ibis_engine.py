"""Engines that measure in place what outgrows one machine, through Ibis: Spark, and every other that Ibis speaks.

``ibis+pyspark://HOST:PORT/FOLDER`` is a folder of Parquet as the cluster at HOST sees it: each file or folder in it is
a table. ``?folder=s3a://bucket/lake`` names one that is no path, ``?master=...`` a cluster that is no host, and options
that begin with ``spark.`` are Spark's own. Without a folder the tables are those of Spark's catalogue, of the schema
where one is named. ``ibis+KIND://...`` is any other engine, as Ibis writes its address behind ``ibis+``.

Every table is measured by the engine, whatever its size. Needs the extra ``ibis``; Spark needs Java.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import PurePosixPath
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind
from schema_matching_pipeline.adapters.connectors.catalog import SOURCES, Setup
from schema_matching_pipeline.adapters.connectors.engine import probe
from schema_matching_pipeline.adapters.connectors.engine_faults import translated_engine
from schema_matching_pipeline.adapters.connectors.executors.in_place import measure_in_place
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault, table_of
from schema_matching_pipeline.adapters.connectors.spark_session import spark_session
from schema_matching_pipeline.errors import MissingExtraError, SourceError
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.measurement import ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.source import (
    SourceAddress,
    SourceColumn,
    SourceSnapshot,
    SourceTable,
    TableTrouble,
)

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table
    from pyspark.sql import SparkSession

    from schema_matching_pipeline.adapters.connectors.executors.ibis_place import IbisPlace

_PREFIX = "ibis+"
_SPARK = "pyspark"
_PARQUET = (".parquet", ".parq", ".pq")
# Ibis 12 calls what DuckDB 2 no longer has.
_DUCKDB = "Leave out 'ibis+': a DuckDB file is read by DuckDB itself."
# Ibis translates the SQL it is given from the words of a database it knows.
_SPOKEN = "postgres"
_DIALECT: sa.Dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
_SQL_TYPES: Mapping[Kind, sa.types.TypeEngine[Any]] = {
    Kind.TEXT: sa.Text(),
    Kind.INTEGER: sa.BigInteger(),
    Kind.NUMBER: sa.Float(),
    Kind.BOOLEAN: sa.Boolean(),
    Kind.DATE: sa.Date(),
    Kind.MOMENT: sa.DateTime(),
    Kind.TIME: sa.Time(),
    Kind.BINARY: sa.LargeBinary(),
    Kind.NESTED: sa.JSON(),
}


@dataclass(frozen=True, slots=True)
class _Listed:
    """A table of an engine: what to select from, how SQL names it, and its columns of moments in UTC."""

    table: Table
    name: str
    schema: str | None
    zoned: frozenset[str]


@dataclass(frozen=True, slots=True, repr=False)
class _Engine:
    """An engine that answers, and where its tables are.

    ``session`` is Spark's, of which alone can be asked which moments are in UTC; ``folder`` holds its tables.
    """

    backend: BaseBackend
    place: str
    schema: str | None
    session: SparkSession | None = None
    folder: str | None = None


class OpenEngine:
    """An engine with its tables, open for reading."""

    def __init__(self, engine: _Engine, setup: Setup) -> None:
        self._engine, self._setup = engine, setup
        self._lock = Lock()

    def snapshot(self) -> SourceSnapshot:
        """Every table with its columns; those that cannot be read as troubles.

        Raises:
            SourceError: the engine cannot list anything.
        """
        tables, troubles = self._found
        return SourceSnapshot(
            schema_name=self._engine.schema,
            tables=tuple(_described(name, listed.table) for name, listed in tables.items()),
            troubles=troubles,
        )

    def measure(self, plan: ProfilePlan) -> TableMeasurement:
        """Raw figures of one table.

        Raises:
            SourceError: the table cannot be read (any more).
        """
        place = self._place_of(plan.table)
        with translated_engine(self._engine.place, table=plan.table):
            if not place.kinds:
                return TableMeasurement(name=plan.table, row_count=place.row_count(), columns=())
            return measure_in_place(place, Measuring(plan, self._setup.policy, self._setup.hashes))

    def texts(self, table: str, columns: Sequence[str], limit: int) -> tuple[pa.Table, bool]:
        """Rows in canonical text, at most ``limit``, and whether they are a sample."""
        place = self._place_of(table)
        with translated_engine(self._engine.place, table=table):
            rows = place.row_count()
            return place.sample(columns, rows, limit).slice(0, limit), rows > limit

    def relation(self, table: str) -> sa.FromClause:
        """The table as SQL names it.

        Raises:
            SourceDriftedError: it is not listed.
        """
        listed, kinds = self._listed(table), self._place_of(table).kinds
        columns = [sa.column(_as_is(name), _SQL_TYPES[kind]) for name, kind in kinds.items()]
        return sa.table(_as_is(listed.name), *columns, schema=listed.schema and _as_is(listed.schema))

    def ask(self, statement: sa.Select[*tuple[object, ...]]) -> tuple[tuple[object, ...], ...]:
        """The engine's answer to SQL in its own words."""
        asked = str(statement.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))
        with translated_engine(self._engine.place):
            answer = self._answer(self._engine.backend.sql(asked, dialect=_SPOKEN))
        return tuple(zip(*(column.to_pylist() for column in answer.columns), strict=True))

    def _answer(self, expression: Table) -> pa.Table:
        """One question at a time: a connection of most engines is not to be shared."""
        with self._lock:
            return self._engine.backend.to_pyarrow(expression)

    def _place_of(self, table: str) -> IbisPlace:
        from ibis.expr.operations import IsNan

        from schema_matching_pipeline.adapters.connectors.executors.ibis_place import IbisPlace

        listed, has_nan = self._listed(table), self._engine.backend.has_operation(IsNan)
        return IbisPlace(listed.table, self._answer, self._setup.policy, listed.zoned, has_nan=has_nan)

    def _listed(self, table: str) -> _Listed:
        tables, _ = self._found
        if table not in tables:
            raise fault(Trouble.VANISHED, table_of(self._engine.place, table), table=table)
        return tables[table]

    @cached_property
    def _found(self) -> tuple[dict[str, _Listed], tuple[TableTrouble, ...]]:
        engine, tables, troubles = self._engine, dict[str, _Listed](), list[TableTrouble]()
        with translated_engine(engine.place):
            paths = _paths(engine.session, engine.folder) if engine.session and engine.folder else None
            names = sorted(paths if paths is not None else engine.backend.list_tables(database=engine.schema))
        for name in names:
            try:
                with translated_engine(engine.place, table=name):
                    tables[name] = (
                        _parquet(engine, paths[name]) if paths is not None else _catalogued(engine, name)
                    )
            except SourceError as error:
                troubles.append(TableTrouble(table=name, code=error.code, message=str(error)))
        return tables, tuple(troubles)


class IbisEngine:
    """Opens engines that Ibis speaks to."""

    def claims(self, location: str) -> bool:
        """An URL that begins with ``ibis+``."""
        return location.startswith(_PREFIX)

    @contextmanager
    def open(self, address: SourceAddress, setup: Setup) -> Iterator[OpenEngine]:
        """The engine, until the block ends.

        Raises:
            MissingExtraError: Ibis is not installed.
            SourceError: the engine does not answer, or has no such schema or folder.
        """
        location = address.location.get_secret_value().removeprefix(_PREFIX)
        _demand("ibis")
        if location.startswith(f"{_SPARK}:"):
            _demand(_SPARK)
            with _spark(location, address.schema_name, setup) as engine:
                yield OpenEngine(engine, setup)
        else:
            with _connected(location, address.schema_name) as engine:
                yield OpenEngine(engine, setup)


SOURCES.register("ibis_engine")(IbisEngine())


def _demand(library: str) -> None:
    """Imports an optional library for the first time, so that its absence is told in words."""
    try:
        __import__(library)
    except ImportError:
        raise MissingExtraError("A source of the kind ibis+...", "ibis") from None


@contextmanager
def _spark(location: str, schema: str | None, setup: Setup) -> Iterator[_Engine]:
    import ibis

    parts = urlsplit(location)
    options = dict(parse_qsl(parts.query))
    place = f"The Spark cluster at {parts.hostname}" if parts.hostname else "The Spark cluster"
    master = options.pop("master", f"spark://{parts.netloc}" if parts.hostname else None)
    folder = options.pop("folder", unquote(parts.path).rstrip("/")) or None
    unknown = [name for name in options if not name.startswith("spark.")]
    if unknown:
        raise fault(Trouble.BAD_ADDRESS, place, hint=f"It has no option {unknown[0]!r}.")
    if parts.hostname and parts.port:
        probe(
            sa.URL.create("spark", host=parts.hostname, port=parts.port), setup.policy.connect_timeout_seconds
        )
    with spark_session(master, options, place) as session:
        with translated_engine(place):
            backend = ibis.pyspark.connect(session)
        engine = _Engine(backend, place, schema, session, folder)
        _check_schema(engine)
        yield engine


@contextmanager
def _connected(location: str, schema: str | None) -> Iterator[_Engine]:
    import ibis

    kind, parts = location.partition(":")[0], urlsplit(location)
    place = f"The {kind} engine at {parts.hostname}" if parts.hostname else f"The {kind} engine"
    if kind.replace("postgresql", "postgres") not in entry_points(group="ibis.backends").names:
        raise fault(Trouble.UNSUPPORTED_KIND, f"An address that begins with {_PREFIX + kind[:40]!r}")
    if kind == "duckdb":
        raise fault(Trouble.UNSUPPORTED_KIND, repr("ibis+duckdb"), hint=_DUCKDB)
    with translated_engine(place):
        try:
            backend = ibis.connect(location)
        except ImportError:
            hint = f"Install it with: pip install 'ibis-framework[{kind}]'"
            raise fault(Trouble.MISSING_DRIVER, place, hint=hint) from None
    try:
        engine = _Engine(backend, place, schema)
        _check_schema(engine)
        yield engine
    finally:
        with suppress(NotImplementedError):
            backend.disconnect()


def _check_schema(engine: _Engine) -> None:
    if engine.schema is None:
        return
    with translated_engine(engine.place):
        known = sorted(engine.backend.list_databases())
    if engine.schema not in known:
        raise fault(Trouble.UNKNOWN_SCHEMA, engine.place, hint=f"It has: {', '.join(known[:20])}.")


def _paths(session: SparkSession, folder: str) -> Mapping[str, str]:
    """The tables of a folder of Parquet, by name: every file and folder in it; itself where it holds parts.

    Asked through Spark, since only the cluster knows its storage.
    """
    hadoop = session._jvm.org.apache.hadoop.fs.Path  # noqa: SLF001 - PySpark offers no other way to a listing
    root = hadoop(folder)
    files = root.getFileSystem(session._jsc.hadoopConfiguration())  # noqa: SLF001 - see above
    if not files.exists(root):
        raise fault(Trouble.MISSING_PATH, repr(PurePosixPath(folder).name))
    found = {status.getPath().getName(): status for status in files.listStatus(root)}
    shown = {name: status for name, status in found.items() if not name.startswith((".", "_"))}
    if any(_is_part(name, is_folder=status.isDirectory()) for name, status in shown.items()):
        return {PurePosixPath(folder).stem: folder}
    tables = {
        name: str(status.getPath().toString())
        for name, status in shown.items()
        if status.isDirectory() or name.casefold().endswith(_PARQUET)
    }
    if not tables:
        raise fault(Trouble.EMPTY_FOLDER, repr(PurePosixPath(folder).name))
    stems = Counter(PurePosixPath(name).stem for name in tables)
    return {
        stem if stems[stem := PurePosixPath(name).stem] == 1 else name: path for name, path in tables.items()
    }


def _is_part(name: str, *, is_folder: bool) -> bool:
    return "=" in name if is_folder else name.startswith("part-")


def _parquet(engine: _Engine, path: str) -> _Listed:
    """Parquet as a table for as long as the session lasts; nothing is written."""
    session = engine.session
    if session is None:
        raise fault(Trouble.CONNECTION_LOST, engine.place)
    rows, view = session.read.parquet(path), f"smp_{content_id(path)}"
    rows.createOrReplaceTempView(view)
    zoned = frozenset(name for name, data_type in rows.dtypes if data_type == "timestamp")
    return _Listed(engine.backend.table(view), view, None, zoned)


def _catalogued(engine: _Engine, name: str) -> _Listed:
    table = engine.backend.table(name, database=engine.schema)
    if engine.session is not None:
        written = engine.session.sql(engine.backend.compile(table.limit(0))).dtypes
        zoned = [column for column, data_type in written if data_type == "timestamp"]
    else:
        types = table.schema().items()
        zoned = [column for column, kind in types if kind.is_timestamp() and kind.timezone is not None]
    return _Listed(table, name, engine.schema, frozenset(zoned))


def _described(name: str, table: Table) -> SourceTable:
    return SourceTable(
        name=name,
        columns=tuple(
            SourceColumn(
                name=column,
                position=position,
                data_type=str(data_type.copy(nullable=True)),
                nullable=bool(data_type.nullable),
            )
            for position, (column, data_type) in enumerate(table.schema().items())
        ),
    )


def _as_is(name: str) -> sa.sql.quoted_name:
    """A name that is always quoted: what the engine wrote is what it is asked for."""
    return sa.sql.quoted_name(name, quote=True)
