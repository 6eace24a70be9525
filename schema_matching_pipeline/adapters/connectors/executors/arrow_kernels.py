"""Measures a table that was fetched whole, one column after the other, with Arrow's kernels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from time import perf_counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.arrow_views import (
    array_of_truths,
    at_places,
    is_filled,
    numbers_of,
    truths,
    where,
)
from schema_matching_pipeline.adapters.connectors.days import read_days
from schema_matching_pipeline.adapters.connectors.executors.filler import filler_of
from schema_matching_pipeline.adapters.connectors.executors.tally import (
    Measuring,
    Span,
    Tally,
    measure_columns,
)
from schema_matching_pipeline.adapters.connectors.text_bytes import array_of, sizes_of
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
    texts = {name: _in_one(rows.column(name)) for name in wanted_columns(measuring)}
    tallies = [tally_of(name, own) for name, own in texts.items()]
    activity = _choose_activity(texts, tallies, measuring)
    span = activity.span() if activity else None
    columns = tuple(
        _with_meaning(measured, texts[measured.name], activity)
        for some in _together(tallies)
        for measured in measure_columns(
            some, measuring, [_in_use(tally, texts[tally.name], activity, span) for tally in some]
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


def _in_one(texts: pa.ChunkedArray) -> pa.StringArray:
    return texts.chunk(0) if texts.num_chunks == 1 else texts.combine_chunks()


def _together(tallies: Sequence[Tally]) -> Iterator[Sequence[Tally]]:
    """As many columns at a time as are looked up together."""
    return (tallies[start : start + _AT_ONCE] for start in range(0, len(tallies), _AT_ONCE))


def _in_use(tally: Tally, texts: pa.StringArray, activity: ActivityDays | None, span: Span) -> Span:
    """When a column was in use: one that every row fills as long as the table."""
    if activity is None or not (tally.null_count or tally.blank_count):
        return span
    return activity.span(is_filled(texts)) if not tally.blank_count else _active(texts, activity)


def _with_meaning(
    measured: ColumnMeasurement, texts: pa.StringArray, activity: ActivityDays | None
) -> ColumnMeasurement:
    """The column with the last day of a value that is no filler, where it has one."""
    filler = filler_of(measured) if activity is not None and activity.column != measured.name else None
    meant = _active(texts, activity, filler) if filler else None
    return replace(measured, meant_to=meant[1]) if meant else measured


def as_table(names: Sequence[str], batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """Batches of text as one table; also where there is none."""
    schema = pa.schema([(name, pa.string()) for name in names])
    cast = (batch if batch.schema == schema else batch.cast(schema) for batch in batches)
    return pa.Table.from_batches(list(cast), schema=schema)


def wanted_columns(measuring: Measuring) -> Iterator[str]:
    """The plan's columns, slice by slice."""
    return (name for columns in measuring.plan.slices for name in columns)


def tally_of(name: str, texts: pa.StringArray) -> Tally:
    """Distinct filled values and counts of one column."""
    counted = pc.value_counts(texts)
    values, counts = counted.field(0), numbers_of(counted.field(1), np.int64)
    filled = sizes_of(values) > 0
    if not filled.all():
        places = np.flatnonzero(filled)
        values, counts = at_places(values, places), counts[places]
    return Tally(
        name=name,
        row_count=len(texts),
        null_count=texts.null_count,
        blank_count=len(texts) - texts.null_count - int(counts.sum()),
        values=values,
        counts=counts,
    )


def _choose_activity(
    texts: Mapping[str, pa.StringArray], tallies: Sequence[Tally], measuring: Measuring
) -> ActivityDays | None:
    """The first candidate that is filled well enough, else the best filled one."""
    plan = measuring.plan
    by_name = {tally.name: tally for tally in tallies}
    best: ActivityDays | None = None
    for name in activity_candidates(measuring):
        days = _days_of(by_name[name], texts[name], measuring.policy)
        if days is None:
            continue
        if days.known.sum() >= plan.activity_filled_share * by_name[name].row_count:
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
    return where(array_of_truths(_are_plausible(days, policy)), days)


def _are_plausible(days: pa.Array, policy: ProfilePolicy) -> npt.NDArray[np.bool_]:
    first, last = (
        date(policy.activity_first_year, 1, 1) - _EPOCH,
        date(policy.activity_last_year, 12, 31) - _EPOCH,
    )
    numbers = numbers_of(days, np.int32)
    return is_filled(days) & (numbers >= first.days) & (numbers <= last.days)


def _days_of(tally: Tally, texts: pa.StringArray, policy: ProfilePolicy) -> ActivityDays | None:
    per_value = read_days(tally.values, least_share=policy.type_share)
    if per_value is None:
        return None
    days, is_plausible = numbers_of(per_value, np.int32), _are_plausible(per_value, policy)
    found = pc.index_in(texts, value_set=tally.values)
    is_known = is_filled(found)
    places = np.where(is_known, numbers_of(found, np.int32), 0)
    return ActivityDays(tally.name, days[places], is_known & is_plausible[places])


def _active(
    texts: pa.StringArray, activity: ActivityDays | None, filler: str | None = None
) -> tuple[date, date] | None:
    """The first and last day of rows that hold a value; another than the filler, where there is one."""
    if activity is None:
        return None
    filled = is_filled(texts) & (sizes_of(texts) > 0)
    if filler:
        filled &= ~truths(pc.is_in(texts, value_set=array_of([filler])))
    return activity.span(filled)
