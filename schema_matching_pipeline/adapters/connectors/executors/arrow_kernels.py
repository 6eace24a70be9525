"""Measures a table that was fetched whole, one column after the other, with Arrow's kernels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from time import perf_counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.days import read_days
from schema_matching_pipeline.adapters.connectors.executors.filler import filler_of
from schema_matching_pipeline.adapters.connectors.executors.tally import (
    Measuring,
    Span,
    Tally,
    measure_columns,
)
from schema_matching_pipeline.adapters.connectors.text_bytes import sizes_of
from schema_matching_pipeline.model.measurement import ColumnMeasurement, TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy

_EPOCH = date(1970, 1, 1)
_AT_ONCE = 50  # columns


@dataclass(frozen=True, slots=True, repr=False)
class ActivityDays:
    """The day each row was active, as days since 1970, and the rows that have one."""

    column: str
    days: npt.NDArray[np.int32]
    known: npt.NDArray[np.bool_]

    def span(self, rows: npt.NDArray[np.bool_] | None = None) -> tuple[date, date] | None:
        """First and last day, of some rows or of all."""
        days = self.days[self.known if rows is None else self.known & rows]
        if not len(days):
            return None
        return _EPOCH + timedelta(days=int(days.min())), _EPOCH + timedelta(days=int(days.max()))


def measure_rows(rows: pa.Table, measuring: Measuring) -> TableMeasurement:
    """All figures of a table, from its rows in canonical text."""
    started = perf_counter()
    activity = choose_activity(rows, measuring)
    span = activity.span() if activity else None
    columns = tuple(
        _with_meaning(measured, rows.column(measured.name), activity)
        for tallies in _tallies(rows, measuring)
        for measured in measure_columns(
            tallies, measuring, [_in_use(tally, rows, activity, span) for tally in tallies]
        )
    )
    return TableMeasurement(
        name=measuring.plan.table,
        row_count=rows.num_rows,
        columns=columns,
        last_activity=span[1] if span else None,
        activity_column=activity.column if activity else None,
        seconds=perf_counter() - started,
    )


def _tallies(rows: pa.Table, measuring: Measuring) -> Iterator[list[Tally]]:
    """The distinct values of all columns, as many columns at a time as are looked up together."""
    names = tuple(wanted_columns(measuring))
    for start in range(0, len(names), _AT_ONCE):
        yield [tally_of(name, rows.column(name)) for name in names[start : start + _AT_ONCE]]


def _in_use(tally: Tally, rows: pa.Table, activity: ActivityDays | None, span: Span) -> Span:
    """When a column was in use: one that every row fills as long as the table."""
    partly = activity is not None and (tally.null_count or tally.blank_count)
    return _active(rows.column(tally.name), activity) if partly else span


def _with_meaning(
    measured: ColumnMeasurement, texts: pa.ChunkedArray, activity: ActivityDays | None
) -> ColumnMeasurement:
    """The column with the last day of a value that is no filler, where it has one."""
    filler = filler_of(measured) if activity is not None and activity.column != measured.name else None
    meant = _active(texts, activity, filler) if filler else None
    return replace(measured, meant_to=meant[1]) if meant else measured


def as_table(names: Sequence[str], batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """Batches of text as one table; also where there is none."""
    schema = pa.schema([(name, pa.string()) for name in names])
    return pa.Table.from_batches([batch.cast(schema) for batch in batches], schema=schema)


def wanted_columns(measuring: Measuring) -> Iterator[str]:
    """The plan's columns, slice by slice."""
    return (name for columns in measuring.plan.slices for name in columns)


def tally_of(name: str, texts: pa.ChunkedArray) -> Tally:
    """Distinct filled values and counts of one column."""
    counted = pc.value_counts(texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts)
    values, counts = counted.field("values"), np.asarray(counted.field("counts"), dtype=np.int64)
    sizes = sizes_of(values)
    is_text = np.asarray(values.is_valid()) if values.null_count else np.ones(len(sizes), dtype=bool)
    filled = (sizes > 0) & is_text
    return Tally(
        name=name,
        row_count=len(texts),
        null_count=texts.null_count,
        blank_count=int(counts[(sizes == 0) & is_text].sum()),
        values=values if filled.all() else pc.filter(values, pa.array(filled)),
        counts=counts[filled],
    )


def choose_activity(rows: pa.Table, measuring: Measuring) -> ActivityDays | None:
    """The first candidate that is filled well enough, else the best filled one."""
    plan = measuring.plan
    best: ActivityDays | None = None
    for name in activity_candidates(measuring):
        days = _days_of(name, rows.column(name), measuring.policy)
        if days is None:
            continue
        if days.known.sum() >= plan.activity_filled_share * rows.num_rows:
            return days
        if best is None or days.known.sum() > best.known.sum():
            best = days
    return best


def activity_candidates(measuring: Measuring) -> tuple[str, ...]:
    """The plan's candidates that are among its columns; its first guess alone where it lists none."""
    plan = measuring.plan
    listed = plan.activity_candidates or ((plan.activity_column,) if plan.activity_column else ())
    known = set(wanted_columns(measuring))
    return tuple(name for name in listed if name in known)


def plausible_days(days: pa.Array, policy: ProfilePolicy) -> pa.Array:
    """Days with those set to null that stand for "never" or "for ever"."""
    first, last = date(policy.activity_first_year, 1, 1), date(policy.activity_last_year, 12, 31)
    plausible = pc.and_(pc.greater_equal(days, first), pc.less_equal(days, last))
    return pc.if_else(plausible, days, None)


def _days_of(name: str, texts: pa.ChunkedArray, policy: ProfilePolicy) -> ActivityDays | None:
    counted = tally_of(name, texts)
    per_value = read_days(counted.values, least_share=policy.type_share)
    if per_value is None:
        return None
    places = pc.index_in(texts, value_set=counted.values)
    days = pc.take(plausible_days(per_value, policy), places)
    known = np.asarray(days.is_valid())
    return ActivityDays(name, np.asarray(days.cast(pa.int32()).fill_null(0)), known)


def _active(
    texts: pa.ChunkedArray, activity: ActivityDays | None, filler: str | None = None
) -> tuple[date, date] | None:
    """The first and last day of rows that hold a value; another than the filler, where there is one."""
    if activity is None:
        return None
    filled = pc.not_equal(texts, "")
    if filler:
        filled = pc.and_(filled, pc.not_equal(texts, filler))
    return activity.span(np.asarray(pc.fill_null(filled, False)))
