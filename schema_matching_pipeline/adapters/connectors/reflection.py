"""What a database declares: tables, columns, keys, comments and row estimates, in a handful of queries."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.engine.interfaces import (
    ReflectedColumn,
    ReflectedForeignKeyConstraint,
    TableKey,
)
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope
from sqlalchemy.sql.operators import OperatorClass

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, kind_of_sql
from schema_matching_pipeline.adapters.connectors.declared import Declared, Wanted, declarations
from schema_matching_pipeline.adapters.connectors.faults import Trouble, diagnose, fault, table_of
from schema_matching_pipeline.model.source import (
    ForeignKey,
    SourceColumn,
    SourceTable,
    TableKind,
    TableTrouble,
)

_MOST_NAMED = 10


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
    """What the schema declares, read in bulk; a table of which no column may be read is a trouble alone.

    Raises:
        SourceRefusedError: there is no such schema.
    """
    inspector = sa.inspect(connection)
    schema = schema_name or inspector.default_schema_name
    _check_schema(inspector, schema_name, place)
    unreflectable: dict[TableKey, Exception] = {}
    wanted = Wanted(schema=schema_name, kind=ObjectKind.ANY, scope=ObjectScope.DEFAULT, filter_names=None)
    with _no_collection(), warnings.catch_warnings():
        # A type SQLAlchemy does not know is read as text; that is no news to anybody.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        try:
            columns = inspector.get_multi_columns(**wanted, unreflectable=unreflectable)
        except sa.exc.OperationalError:
            if connection.dialect.name != "sqlite":
                raise
            wanted = wanted | {"filter_names": _without_broken_views(inspector, wanted, unreflectable)}
            columns = inspector.get_multi_columns(**wanted, unreflectable=unreflectable)
        references = inspector.get_multi_foreign_keys(**wanted, unreflectable={})
        names = sorted(name for _, name in columns)
        declared = declarations(connection, inspector, wanted, schema, names)
        words = _TypeWords(connection.dialect)
        by_name = {
            key[1]: _readable(found, references.get(key) or [], declared.get(key[1]))
            for key, found in columns.items()
        }
        listed = [name for name in names if name in declared]
        tables = {
            name: _table(name, *by_name[name], declared[name], words)
            for name in listed
            if by_name[name][0] or not declared[name].closed
        }
        types = {name: tuple(_plain_type(column["type"]) for column in by_name[name][0]) for name in tables}
    troubles = tuple(_unlistable(key[1], place, unreflectable[key]) for key in sorted(unreflectable, key=str))
    closed = tuple(
        _closed(name, place, declared[name].closed, is_whole=name not in tables)
        for name in listed
        if declared[name].closed
    )
    return Reflected(schema, tables, types, troubles + closed)


def _without_broken_views(
    inspector: sa.Inspector, wanted: Wanted, unreflectable: dict[TableKey, Exception]
) -> list[str]:
    """What else can be listed; SQLite, which is asked one by one, answers for all with the fault of one view."""
    schema = wanted["schema"]
    names = inspector.get_table_names(schema)
    for view in inspector.get_view_names(schema):
        try:
            inspector.get_columns(view, schema)
        except sa.exc.OperationalError as error:
            unreflectable[schema, view] = error
        else:
            names.append(view)
    return names


@contextmanager
def _no_collection() -> Iterator[None]:
    """Spares the search for garbage while ten thousands of objects are made that all stay: a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _check_schema(inspector: sa.Inspector, schema_name: str | None, place: str) -> None:
    if schema_name is None:
        return
    known = inspector.get_schema_names()
    if schema_name not in known:
        shown = ", ".join(sorted(known)[:20])
        raise fault(Trouble.UNKNOWN_SCHEMA, place, hint=f"It has: {shown}.")


def _readable(
    columns: Sequence[ReflectedColumn],
    references: Sequence[ReflectedForeignKeyConstraint],
    declared: Declared | None,
) -> tuple[Sequence[ReflectedColumn], Sequence[ReflectedForeignKeyConstraint]]:
    """The columns that may be read, and the references made of these alone."""
    closed = set(declared.closed) if declared else set()
    if not closed:
        return columns, references
    return (
        [column for column in columns if column["name"] not in closed],
        [found for found in references if closed.isdisjoint(found["constrained_columns"])],
    )


def _table(
    name: str,
    columns: Sequence[ReflectedColumn],
    references: Sequence[ReflectedForeignKeyConstraint],
    declared: Declared,
    words: _TypeWords,
) -> SourceTable:
    return SourceTable(
        name=name,
        columns=tuple(_column(column, place, words) for place, column in enumerate(columns)),
        kind=TableKind.VIEW if declared.is_view else TableKind.TABLE,
        comment=declared.comment,
        primary_key=declared.primary_key,
        unique_keys=declared.unique_keys,
        foreign_keys=tuple(_foreign_key(found) for found in references),
        row_estimate=declared.row_estimate,
    )


def _column(column: ReflectedColumn, place: int, words: _TypeWords) -> SourceColumn:
    return SourceColumn(
        name=column["name"],
        position=place,
        data_type=words.of(column["type"]),
        nullable=column["nullable"],
        comment=column.get("comment"),
    )


def _plain_type(data_type: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """The type; the one that a domain narrows; nothing known of a type that SQLAlchemy knows no operators of."""
    if isinstance(data_type, DOMAIN):
        return _plain_type(data_type.data_type)
    unknown = data_type.operator_classes is OperatorClass.UNSPECIFIED
    return sa.types.NullType() if unknown else data_type


class _TypeWords:
    """Types in the database's own words; thousands of columns share a handful, each is spelled once."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect
        self._known: dict[Hashable, str] = {}

    def of(self, data_type: sa.types.TypeEngine[object]) -> str:
        """The words of one type."""
        key = (type(data_type), *data_type.__dict__.items())
        try:
            return self._known[key]
        except KeyError:
            return self._known.setdefault(key, self._spelled(data_type))
        except TypeError:  # a type with a list of its own, such as an enumeration
            return self._spelled(data_type)

    def _spelled(self, data_type: sa.types.TypeEngine[object]) -> str:
        if isinstance(data_type, sa.types.NullType):
            return "unknown"
        try:
            return str(data_type.compile(dialect=self._dialect))
        except sa.exc.CompileError:
            return type(data_type).__name__


def _foreign_key(found: ReflectedForeignKeyConstraint) -> ForeignKey:
    return ForeignKey(
        columns=tuple(found["constrained_columns"]),
        referred_table=found["referred_table"],
        referred_columns=tuple(found["referred_columns"]),
    )


def _closed(table: str, place: str, columns: Sequence[str], *, is_whole: bool) -> TableTrouble:
    """That a table may not be read, or which of its columns may not."""
    where = table_of(place, table)
    if is_whole:
        found = fault(Trouble.NO_PERMISSION, where, table=table)
    else:
        named = ", ".join(columns[:_MOST_NAMED]) + (" and others" if len(columns) > _MOST_NAMED else "")
        found = fault(Trouble.CLOSED_COLUMNS, where, table=table, hint=f"They are: {named}.")
    return TableTrouble(table=table, code=found.code, message=str(found))


def _unlistable(table: str, place: str, error: Exception) -> TableTrouble:
    """Why a table has no columns to list; what is only ever broken there is a view."""
    trouble = diagnose(error)
    told = trouble if trouble in {Trouble.LOCKED, Trouble.NO_PERMISSION} else Trouble.BROKEN_VIEW
    found = fault(told, table_of(place, table), table=table)
    return TableTrouble(table=table, code=found.code, message=str(found))
