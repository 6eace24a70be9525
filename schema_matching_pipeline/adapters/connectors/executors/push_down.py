"""Measures a table that is too large to fetch: the database aggregates, a sample shows the values.

Row counts, nulls, blanks, extremes, mean, deviation, lengths of text, days and activity are exact. A column of
few values is counted value by value: nothing of it is estimated. Of the others the distinct values are
counted by the database within a few per cent, frequencies, quantiles and sketches come from the sample; they
are marked as estimated. Where the sample holds every row, all figures are those of the other executors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from time import perf_counter

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind
from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import (
    activity_candidates,
    as_table,
    measure_rows,
    wanted_columns,
)
from schema_matching_pipeline.adapters.connectors.executors.distinct_values import (
    count_distinct,
    few_tally,
    few_values,
)
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring, measure_column
from schema_matching_pipeline.adapters.connectors.filled import is_filled
from schema_matching_pipeline.adapters.connectors.row_reader import read_texts
from schema_matching_pipeline.adapters.connectors.row_sample import a_sample_of
from schema_matching_pipeline.model.measurement import ColumnMeasurement, TableMeasurement
from schema_matching_pipeline.model.profile import LengthSummary, NumberSummary

_DAYS = (Kind.DATE, Kind.MOMENT)
_NUMBERS = (Kind.INTEGER, Kind.NUMBER)
_NOTHING: sa.ColumnElement[object] = sa.literal_column("NULL")


@dataclass(frozen=True, slots=True)
class Target:
    """The table to be measured, and the connection it is measured through."""

    connection: sa.Connection
    relation: sa.TableClause
    kinds: Mapping[str, Kind]
    is_view: bool
    unique: frozenset[str] = frozenset()


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


def measure_in_place(target: Target, measuring: Measuring) -> TableMeasurement:
    """Figures of a table that stays where it is."""
    started = perf_counter()
    plan, policy = measuring.plan, measuring.policy
    rows = int(target.connection.scalar(sa.select(sa.func.count()).select_from(target.relation)) or 0)
    limit = plan.sample_rows or policy.sample_rows
    sampled = measure_rows(_sample(target, rows, limit, measuring), measuring)
    if rows <= limit:
        return replace(sampled, seconds=perf_counter() - started)
    activity = _typed_activity(target, sampled, measuring)
    columns = {column.name: column for column in sampled.columns}
    merged = tuple(
        _few(target, columns[name], total, rows, measuring)
        or _merged(columns[name], total, rows, sampled.row_count, _distinct(target, columns[name], total))
        for names in plan.slices
        for name, total in _totals(target, names, activity)
    )
    return replace(
        sampled,
        row_count=rows,
        columns=merged,
        last_activity=_last_day(target, activity) if activity is not None else sampled.last_activity,
        estimated=True,
        seconds=perf_counter() - started,
    )


@dataclass(frozen=True, slots=True)
class _Total:
    """What the database itself says about one column."""

    filled: int
    nulls: int
    numbers: tuple[float, float, float, float] | None
    days: tuple[date, date] | None
    active: tuple[date, date] | None
    lengths: LengthSummary | None


def _sample(target: Target, rows: int, limit: int, measuring: Measuring) -> pa.Table:
    names = list(wanted_columns(measuring))
    chosen = a_sample_of(target.relation, rows, limit, target.connection.dialect.name, is_view=target.is_view)
    batches = read_texts(target.connection, chosen, target.kinds, names, measuring.policy)
    return as_table(names, list(batches))


def _typed_activity(
    target: Target, sampled: TableMeasurement, measuring: Measuring
) -> sa.ColumnElement[date] | None:
    """The activity column found in the sample, as plausible days, when the database knows it holds days."""
    name = sampled.activity_column
    if name not in activity_candidates(measuring) or target.kinds[name] not in _DAYS:
        return None
    column, policy = target.relation.c[name], measuring.policy
    first, last = date(policy.activity_first_year, 1, 1), date(policy.activity_last_year, 12, 31)
    days = _day_of(column, target.connection.dialect.name)
    return sa.case((days.between(first, last), days))


def _totals(
    target: Target,
    names: Sequence[str],
    activity: sa.ColumnElement[date] | None,
) -> Iterator[tuple[str, _Total]]:
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
    present = is_filled(column, kind)
    return [
        sa.func.sum(sa.case((column.is_(None), 1), else_=0)),
        sa.func.sum(sa.case((present, 1), else_=0)),
        *_number_figures(column, kind),
        *_span(_day_of(column, target.connection.dialect.name) if kind in _DAYS else None),
        *_span(sa.case((present, activity)) if activity is not None else None),
        *_length_figures(column, kind, present),
    ]


def _length_figures(
    column: sa.ColumnElement[object], kind: Kind, present: sa.ColumnElement[bool]
) -> list[sa.ColumnElement[object]]:
    """Of text alone: how other types are written is not the database's to say."""
    if kind is not Kind.TEXT:
        return [_NOTHING] * 3
    length = sa.case((present, sa.func.char_length(sa.cast(column, sa.Text()))))
    mean = sa.func.avg(sa.cast(length, sa.Double()))
    return [sa.func.min(length), sa.func.max(length), sa.cast(mean, sa.Double())]


def _number_figures(column: sa.ColumnElement[object], kind: Kind) -> list[sa.ColumnElement[object]]:
    if kind not in _NUMBERS:
        return [_NOTHING] * 4
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
    return [sa.cast(sa.func.min(day), sa.String(40)), sa.cast(sa.func.max(day), sa.String(40))]


def _total(row: Sequence[object]) -> _Total:
    numbers = tuple(float(str(figure)) for figure in row[2:6] if figure is not None)
    finite = len(numbers) == 4 and all(math.isfinite(number) for number in numbers)
    return _Total(
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


def _last_day(target: Target, activity: sa.ColumnElement[date]) -> date | None:
    latest = sa.select(*_span(activity)).select_from(target.relation)
    first, last = tuple(target.connection.execute(latest).one())
    span = _days(first, last)
    return span[1] if span else None


def _few(
    target: Target, column: ColumnMeasurement, total: _Total, rows: int, measuring: Measuring
) -> ColumnMeasurement | None:
    """The exact figures of a column of few values; None where there are many, by the sample or after all."""
    name, most = column.name, measuring.policy.counted_values
    if column.distinct_count > most or name in target.unique:
        return None
    kind = target.kinds[name]
    found = list(few_values(target.connection, target.relation, name, kind, measuring.policy, most))
    if len(found) > most:
        return None
    sampled_span = _span_of(column)
    measured = measure_column(
        few_tally(found, name, rows, total.nulls), measuring, total.active or sampled_span
    )
    return replace(measured, estimated=total.active is None and sampled_span is not None)


def _span_of(column: ColumnMeasurement) -> tuple[date, date] | None:
    if column.active_from is None or column.active_to is None:
        return None
    return column.active_from, column.active_to


def _merged(
    column: ColumnMeasurement, total: _Total, rows: int, sample_rows: int, distinct: int
) -> ColumnMeasurement:
    """The sample's picture of a column, with the figures that are known exactly put in."""
    scale = rows / max(1, sample_rows)
    days = total.days or (column.first_date, column.last_date)
    active = total.active or (column.active_from, column.active_to)
    return replace(
        column,
        row_count=rows,
        null_count=total.nulls,
        blank_count=rows - total.nulls - total.filled,
        distinct_count=distinct,
        values=tuple((text, round(count * scale)) for text, count in column.values),
        values_complete=False,
        numbers=_numbers(column.numbers, total),
        lengths=total.lengths or column.lengths,
        first_date=days[0],
        last_date=days[1],
        active_from=active[0],
        active_to=active[1],
        estimated=True,
    )


def _numbers(sampled: NumberSummary | None, total: _Total) -> NumberSummary | None:
    if total.numbers is None:
        return sampled
    minimum, maximum, mean, deviation = total.numbers
    quantiles = sampled.quantiles if sampled else ()
    return NumberSummary(minimum=minimum, maximum=maximum, mean=mean, stddev=deviation, quantiles=quantiles)


def _distinct(target: Target, column: ColumnMeasurement, total: _Total) -> int:
    """How many distinct values all rows hold: as declared, else as the database counts; never fewer than seen."""
    if column.name in target.unique or not total.filled:
        return total.filled
    counted = count_distinct(target.connection, target.relation, column.name, target.kinds[column.name])
    return max(column.distinct_count, min(total.filled, counted))
