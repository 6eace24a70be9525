"""What a database itself says of a table's columns: exact figures of all rows, in one statement a slice."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind
from schema_matching_pipeline.adapters.connectors.executors.distinct_values import count_distinct
from schema_matching_pipeline.adapters.connectors.executors.in_place import Total
from schema_matching_pipeline.adapters.connectors.filled import is_filled
from schema_matching_pipeline.adapters.connectors.spoken_sql import day_in_writing, text_length
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import LengthSummary

DAYS = (Kind.DATE, Kind.MOMENT)
_NUMBERS = (Kind.INTEGER, Kind.NUMBER)
_NOTHING: sa.ColumnElement[object] = sa.literal_column("NULL")


@dataclass(frozen=True, slots=True)
class Target:
    """The table to be measured, and the connection it is measured through.

    No extreme is asked of a ``hidden`` column: it would be one row's value.
    """

    connection: sa.Connection
    relation: sa.TableClause
    kinds: Mapping[str, Kind]
    is_view: bool
    unique: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


class population_deviation(GenericFunction[float]):  # noqa: N801 - the name becomes SQL
    """The standard deviation of a whole population, under the name each database gives it."""

    type = sa.Float()
    inherit_cache = True


@compiles(population_deviation)
def _deviation(element: population_deviation, compiler: SQLCompiler, **options: object) -> str:
    return f"stddev_pop({compiler.process(element.clauses, **options)})"


@compiles(population_deviation, "sqlite")
def _deviation_sqlite(element: population_deviation, compiler: SQLCompiler, **options: object) -> str:
    number = compiler.process(element.clauses, **options)
    return f"sqrt(max(avg({number} * {number}) - avg({number}) * avg({number}), 0))"


@compiles(population_deviation, "mssql")
def _deviation_mssql(element: population_deviation, compiler: SQLCompiler, **options: object) -> str:
    return f"stdevp({compiler.process(element.clauses, **options)})"


def row_count(target: Target) -> int:
    """How many rows the table has."""
    return int(target.connection.scalar(sa.select(sa.func.count()).select_from(target.relation)) or 0)


def plausible_days(target: Target, name: str, policy: ProfilePolicy) -> sa.ColumnElement[date]:
    """The days of a column of days, null where they stand for "never" or "for ever"."""
    first, last = date(policy.activity_first_year, 1, 1), date(policy.activity_last_year, 12, 31)
    days = _day_of(target.relation.c[name], target.connection.dialect.name)
    return sa.case((days.between(first, last), days))


def totals(
    target: Target,
    names: Sequence[str],
    activity: sa.ColumnElement[date] | None,
) -> Iterator[tuple[str, Total]]:
    """Exact figures of a slice of columns, by one statement."""
    asked = [expression for name in names for expression in _expressions(target, name, activity)]
    statement = sa.select(*[expression.label(f"f{place}") for place, expression in enumerate(asked)])
    row = tuple(target.connection.execute(statement.select_from(target.relation)).one())
    width = len(asked) // len(names)
    for place, name in enumerate(names):
        yield name, _total(row[place * width : (place + 1) * width])


def _expressions(
    target: Target, name: str, activity: sa.ColumnElement[date] | None
) -> list[sa.ColumnElement[object]]:
    """Thirteen figures a column; those that make no sense for its type are null."""
    column, kind = target.relation.c[name], target.kinds[name]
    present, is_day = is_filled(column, kind), kind in DAYS and name not in target.hidden
    return [
        sa.func.sum(sa.case((column.is_(None), 1), else_=0)),
        sa.func.sum(sa.case((present, 1), else_=0)),
        *(_number_figures(column) if kind in _NUMBERS and name not in target.hidden else [_NOTHING] * 4),
        *_span(_day_of(column, target.connection.dialect.name) if is_day else None),
        *_span(sa.case((present, activity)) if activity is not None else None),
        *_length_figures(column, kind, present),
    ]


def _length_figures(
    column: sa.ColumnElement[object], kind: Kind, present: sa.ColumnElement[bool]
) -> list[sa.ColumnElement[object]]:
    """Of text alone: how other types are written is not the database's to say."""
    if kind is not Kind.TEXT:
        return [_NOTHING] * 3
    length = sa.case((present, text_length(column)))
    mean = sa.func.avg(sa.cast(length, sa.Double()))
    return [sa.func.min(length), sa.func.max(length), sa.cast(mean, sa.Double())]


def _number_figures(column: sa.ColumnElement[object]) -> list[sa.ColumnElement[object]]:
    number: sa.ColumnElement[float] = sa.cast(column, sa.Double())
    figures = (sa.func.min(number), sa.func.max(number), sa.func.avg(number), population_deviation(number))
    return [sa.cast(figure, sa.Double()) for figure in figures]


def _day_of(column: sa.ColumnElement[object], dialect: str) -> sa.ColumnElement[date]:
    """The day of a day or moment; SQLite keeps both as text and would cast them to their year."""
    if dialect == "sqlite":
        return sa.func.date(column, type_=sa.Date())
    return sa.cast(column, sa.Date())


def _span(day: sa.ColumnElement[date] | None) -> list[sa.ColumnElement[object]]:
    """First and last day as text: a driver may refuse days that Python does not know."""
    if day is None:
        return [_NOTHING] * 2
    return [day_in_writing(sa.func.min(day)), day_in_writing(sa.func.max(day))]


def _total(row: Sequence[object]) -> Total:
    numbers = tuple(float(str(figure)) for figure in row[2:6] if figure is not None)
    finite = len(numbers) == 4 and all(math.isfinite(number) for number in numbers)
    return Total(
        nulls=_whole(row[0]),
        filled=_whole(row[1]),
        numbers=(numbers[0], numbers[1], numbers[2], numbers[3]) if finite else None,
        days=_days(row[6], row[7]),
        active=_days(row[8], row[9]),
        lengths=_lengths(row[10:13]),
    )


def _lengths(row: Sequence[object]) -> LengthSummary | None:
    if row[0] is None:
        return None
    return LengthSummary(minimum=_whole(row[0]), maximum=_whole(row[1]), mean=float(str(row[2])))


def _whole(figure: object) -> int:
    return int(float(str(figure or 0)))


def _days(first: object, last: object) -> tuple[date, date] | None:
    try:
        return date.fromisoformat(str(first)[:10]), date.fromisoformat(str(last)[:10])
    except ValueError:
        return None


def last_day(target: Target, activity: sa.ColumnElement[date]) -> date | None:
    """The latest of some days."""
    latest = sa.select(*_span(activity)).select_from(target.relation)
    first, last = tuple(target.connection.execute(latest).one())
    span = _days(first, last)
    return span[1] if span else None


def distinct_count(target: Target, name: str, total: Total) -> int:
    """How many distinct values all rows hold: as declared, else as the database counts."""
    if name in target.unique or not total.filled:
        return total.filled
    return min(total.filled, count_distinct(target.connection, target.relation, name, target.kinds[name]))
