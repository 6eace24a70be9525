"""What a database declares: tables, columns, keys, comments and row estimates, in a handful of queries."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import (
    ReflectedColumn,
    ReflectedForeignKeyConstraint,
    ReflectedIndex,
    ReflectedUniqueConstraint,
    TableKey,
)
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, kind_of_sql
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault
from schema_matching_pipeline.model.source import (
    ForeignKey,
    SourceColumn,
    SourceTable,
    TableKind,
    TableTrouble,
)

_ESTIMATES = {
    "postgresql": """
        SELECT c.relname, CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint ELSE pg_relation_size(c.oid) / 64 END
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = :schema AND c.relkind IN ('r', 'm')""",
    "mysql": "SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = :schema AND table_type LIKE '%TABLE%'",
}
_ESTIMATES["mariadb"] = _ESTIMATES["mysql"]


class _Wanted(TypedDict):
    """What every bulk query is asked for."""

    schema: str | None
    kind: ObjectKind
    scope: ObjectScope


@dataclass(frozen=True, slots=True)
class Reflected:
    """Everything a schema declares; ``kinds`` and ``types`` stand in the order of each table's columns."""

    schema: str | None
    tables: Mapping[str, SourceTable]
    types: Mapping[str, tuple[sa.types.TypeEngine[object], ...]]
    troubles: tuple[TableTrouble, ...]

    def kinds(self, table: str) -> dict[str, Kind]:
        """What each column of a table promises."""
        columns = self.tables[table].columns
        return {
            column.name: kind_of_sql(data_type)
            for column, data_type in zip(columns, self.types[table], strict=True)
        }


def reflect(connection: sa.Connection, schema_name: str | None, place: str) -> Reflected:
    """What the schema declares, read in bulk.

    Raises:
        SourceRefusedError: there is no such schema.
    """
    inspector = sa.inspect(connection)
    schema = schema_name or inspector.default_schema_name
    _check_schema(inspector, schema_name, place)
    unreflectable: dict[TableKey, Exception] = {}
    wanted = _Wanted(schema=schema_name, kind=ObjectKind.ANY, scope=ObjectScope.DEFAULT)
    with warnings.catch_warnings():
        # A type SQLAlchemy does not know is read as text; that is no news to anybody.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        columns = inspector.get_multi_columns(**wanted, unreflectable=unreflectable)
        keys = _Keys(inspector, wanted)
    estimates = _row_estimates(connection, schema, sorted(name for _, name in columns))
    views = {*inspector.get_view_names(schema_name), *_materialized(inspector, schema_name)}
    tables = {
        key[1]: _table(key, found, keys, estimates, connection.dialect, views=views)
        for key, found in sorted(columns.items(), key=lambda item: item[0][1])
    }
    types = {key[1]: tuple(column["type"] for column in found) for key, found in columns.items()}
    troubles = tuple(_unlistable(name, place) for _, name in sorted(unreflectable, key=str))
    return Reflected(schema, tables, types, troubles)


class _Keys:
    """Primary keys, unique keys, foreign keys and comments of all tables."""

    def __init__(self, inspector: sa.Inspector, wanted: _Wanted) -> None:
        broken: dict[TableKey, Exception] = {}
        self.primary = inspector.get_multi_pk_constraint(**wanted, unreflectable=broken)
        self.foreign = inspector.get_multi_foreign_keys(**wanted, unreflectable=broken)
        self.unique = inspector.get_multi_unique_constraints(**wanted, unreflectable=broken)
        # SQLite keeps unique constraints as indexes of its own making; other databases know no such option.
        self.indexes = inspector.get_multi_indexes(**wanted, unreflectable=broken, include_auto_indexes=True)
        self.comments = _comments(inspector, wanted)


def _comments(inspector: sa.Inspector, wanted: _Wanted) -> Mapping[TableKey, str | None]:
    broken: dict[TableKey, Exception] = {}
    try:
        found = inspector.get_multi_table_comment(**wanted, unreflectable=broken)
    except NotImplementedError:
        return {}
    return {key: comment["text"] for key, comment in found.items()}


def _check_schema(inspector: sa.Inspector, schema_name: str | None, place: str) -> None:
    if schema_name is None:
        return
    known = inspector.get_schema_names()
    if schema_name not in known:
        shown = ", ".join(sorted(known)[:20])
        raise fault(Trouble.UNKNOWN_SCHEMA, place, hint=f"It has: {shown}.")


def _materialized(inspector: sa.Inspector, schema_name: str | None) -> list[str]:
    try:
        return inspector.get_materialized_view_names(schema_name)
    except NotImplementedError:
        return []


def _row_estimates(connection: sa.Connection, schema: str | None, names: Sequence[str]) -> dict[str, int]:
    statement = _ESTIMATES.get(connection.dialect.name)
    if statement:
        rows = connection.execute(sa.text(statement), {"schema": schema})
        return {name: int(count) for name, count in rows if count is not None}
    return _last_row_ids(connection, names) if connection.dialect.name == "sqlite" else {}


def _last_row_ids(connection: sa.Connection, names: Sequence[str]) -> dict[str, int]:
    """SQLite keeps no estimate, but the highest row number is found at once and is rarely far off."""
    found: dict[str, int] = {}
    for name in names:
        highest: sa.Select[int] = sa.select(sa.func.max(sa.literal_column("rowid"))).select_from(
            sa.table(name)
        )
        try:
            found[name] = int(connection.execute(highest).scalar() or 0)
        except (sa.exc.DBAPIError, TypeError, ValueError):
            continue  # a view, or a table without row numbers
    return found


def _table(
    key: TableKey,
    columns: Sequence[ReflectedColumn],
    keys: _Keys,
    estimates: Mapping[str, int],
    dialect: sa.Dialect,
    *,
    views: set[str],
) -> SourceTable:
    name = key[1]
    reflected_key = keys.primary.get(key)
    primary = tuple(reflected_key["constrained_columns"]) if reflected_key else ()
    unique = _unique_keys(keys.unique.get(key) or [], keys.indexes.get(key) or [])
    return SourceTable(
        name=name,
        columns=tuple(_column(column, place, dialect) for place, column in enumerate(columns)),
        kind=TableKind.VIEW if name in views else TableKind.TABLE,
        comment=keys.comments.get(key),
        primary_key=primary,
        unique_keys=tuple(names for names in unique if names != primary),
        foreign_keys=tuple(_foreign_key(found) for found in keys.foreign.get(key) or []),
        row_estimate=estimates.get(name) if name not in views else None,
    )


def _column(column: ReflectedColumn, place: int, dialect: sa.Dialect) -> SourceColumn:
    return SourceColumn(
        name=column["name"],
        position=place,
        data_type=_type_words(column["type"], dialect),
        nullable=column["nullable"],
        comment=column.get("comment"),
    )


def _type_words(data_type: sa.types.TypeEngine[object], dialect: sa.Dialect) -> str:
    if isinstance(data_type, sa.types.NullType):
        return "unknown"
    try:
        return str(data_type.compile(dialect=dialect))
    except sa.exc.CompileError:
        return type(data_type).__name__


def _unique_keys(
    constraints: Sequence[ReflectedUniqueConstraint], indexes: Sequence[ReflectedIndex]
) -> tuple[tuple[str, ...], ...]:
    """Column groups declared unique, by constraint or by an index over plain columns of all rows."""
    found = [tuple(constraint["column_names"]) for constraint in constraints]
    for index in indexes:
        options = index.get("dialect_options") or {}
        partial = any(option.endswith("_where") for option in options)
        names = tuple(name for name in index["column_names"] if name)
        if index["unique"] and not partial and len(names) == len(index["column_names"]):
            found.append(names)
    return tuple(dict.fromkeys(sorted(found)))


def _foreign_key(found: ReflectedForeignKeyConstraint) -> ForeignKey:
    return ForeignKey(
        columns=tuple(found["constrained_columns"]),
        referred_table=found["referred_table"],
        referred_columns=tuple(found["referred_columns"]),
    )


def _unlistable(table: str, place: str) -> TableTrouble:
    error = fault(Trouble.UNREADABLE, f"Table {table!r} of {place}", table=table)
    return TableTrouble(table=table, code=error.code, message=str(error))
