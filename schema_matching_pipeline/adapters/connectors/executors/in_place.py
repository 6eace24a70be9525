"""Measures a table that is too large to fetch: whoever holds it aggregates, a sample shows the values.

Row counts, nulls, blanks, extremes, mean, deviation, lengths of text, days and activity are exact. A column of
few values is counted value by value: nothing of it is estimated. Of the others frequencies, quantiles and sketches
come from the sample; they are marked as estimated. Where the sample holds every row, all figures are those of the
other executors. What a database or an engine of many machines has to be able to do for it is a ``Place``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from time import perf_counter
from typing import Protocol

import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import (
    activity_candidates,
    measure_rows,
    wanted_columns,
)
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring, Tally, measure_column
from schema_matching_pipeline.model.measurement import ColumnMeasurement, TableMeasurement
from schema_matching_pipeline.model.profile import LengthSummary, NumberSummary


@dataclass(frozen=True, slots=True)
class Total:
    """What is known exactly about all rows of one column; ``distinct`` is roughly how many values, where it was asked."""

    filled: int
    nulls: int
    numbers: tuple[float, float, float, float] | None
    days: tuple[date, date] | None
    active: tuple[date, date] | None
    lengths: LengthSummary | None
    distinct: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Distinct:
    """How many distinct values a column of many has, and its most frequent ones where they were counted.

    ``most_rows`` is how many rows any of the others may hold, where that is known.
    """

    count: int
    is_exact: bool = False
    frequent: tuple[tuple[str, int], ...] = ()
    most_rows: int | None = None


class Place(Protocol):
    """A table where it lies, and the questions it answers about all of its rows."""

    def row_count(self) -> int:
        """How many rows there are."""
        ...

    def sample(self, names: Sequence[str], rows: int, limit: int) -> pa.Table:
        """Some columns in canonical text: of all ``rows``, or of about ``limit`` of them, drawn by chance."""
        ...

    def holds_days(self, name: str) -> bool:
        """Whether a column is of a type of days or moments."""
        ...

    def totals(self, names: Sequence[str], activity: str | None) -> Iterator[tuple[str, Total]]:
        """Exact figures of a slice of columns; ``activity`` is the column that tells when rows were made."""
        ...

    def last_day(self, activity: str) -> date | None:
        """The latest plausible day of a column of days."""
        ...

    def all_values(self, column: ColumnMeasurement, total: Total, rows: int) -> Tally | None:
        """Every value with its count; None where there are many. ``column`` is what the sample says."""
        ...

    def distinct(self, column: ColumnMeasurement, total: Total) -> Distinct:
        """How many distinct values a column of many has."""
        ...


def measure_in_place(place: Place, measuring: Measuring) -> TableMeasurement:
    """Figures of a table that stays where it is."""
    started = perf_counter()
    plan, policy = measuring.plan, measuring.policy
    rows = place.row_count()
    limit = plan.sample_rows or policy.sample_rows
    sampled = measure_rows(place.sample(list(wanted_columns(measuring)), rows, limit), measuring)
    if rows <= limit:
        return replace(sampled, seconds=perf_counter() - started)
    activity = _typed_activity(place, sampled, measuring)
    columns = {column.name: column for column in sampled.columns}
    merged = tuple(
        _few(place, columns[name], total, rows, measuring)
        or _merged(columns[name], total, rows, sampled.row_count, place.distinct(columns[name], total))
        for names in plan.slices
        for name, total in place.totals(names, activity)
    )
    known_days = activity is not None or sampled.last_activity is None
    return replace(
        sampled,
        row_count=rows,
        columns=merged,
        last_activity=place.last_day(activity) if activity is not None else sampled.last_activity,
        estimated=not known_days or any(column.estimated for column in merged),
        seconds=perf_counter() - started,
    )


def _typed_activity(place: Place, sampled: TableMeasurement, measuring: Measuring) -> str | None:
    """The activity column found in the sample, when its type says that it holds days."""
    name = sampled.activity_column
    if name is None or name not in activity_candidates(measuring) or not place.holds_days(name):
        return None
    return name


def _few(
    place: Place, column: ColumnMeasurement, total: Total, rows: int, measuring: Measuring
) -> ColumnMeasurement | None:
    """The exact figures of a column of few values; None where there are many."""
    tally = place.all_values(column, total, rows)
    if tally is None:
        return None
    sampled_span = _span_of(column)
    measured = measure_column(tally, measuring, total.active or sampled_span)
    return replace(measured, estimated=total.active is None and sampled_span is not None)


def _span_of(column: ColumnMeasurement) -> tuple[date, date] | None:
    if column.active_from is None or column.active_to is None:
        return None
    return column.active_from, column.active_to


def _merged(
    column: ColumnMeasurement, total: Total, rows: int, sample_rows: int, distinct: Distinct
) -> ColumnMeasurement:
    """The sample's picture of a column, with the figures that are known exactly put in."""
    days = total.days or (column.first_date, column.last_date)
    active = total.active or (column.active_from, column.active_to)
    values = _values(column, rows / max(1, sample_rows), distinct)
    return replace(
        column,
        row_count=rows,
        null_count=total.nulls,
        blank_count=rows - total.nulls - total.filled,
        distinct_count=distinct.count if distinct.is_exact else max(column.distinct_count, distinct.count),
        distinct_is_exact=distinct.is_exact,
        texts=tuple(text for text, _ in values),
        counts=tuple(count for _, count in values),
        values_complete=False,
        values_ranked=False,
        numbers=_numbers(column.numbers, total),
        lengths=total.lengths or column.lengths,
        first_date=days[0],
        last_date=days[1],
        active_from=active[0],
        active_to=active[1],
        meant_to=None,
        estimated=True,
    )


def _values(column: ColumnMeasurement, scale: float, distinct: Distinct) -> tuple[tuple[str, int], ...]:
    """The frequent values as counted, the others as the sample has them."""
    counted = {text for text, _ in distinct.frequent}
    others = [(text, round(count * scale)) for text, count in column.values if text not in counted]
    if distinct.most_rows is not None:
        others = [(text, min(count, distinct.most_rows)) for text, count in others]
    return (*distinct.frequent, *others)


def _numbers(sampled: NumberSummary | None, total: Total) -> NumberSummary | None:
    if total.numbers is None:
        return sampled
    minimum, maximum, mean, deviation = total.numbers
    quantiles = sampled.quantiles if sampled else ()
    return NumberSummary(minimum=minimum, maximum=maximum, mean=mean, stddev=deviation, quantiles=quantiles)
