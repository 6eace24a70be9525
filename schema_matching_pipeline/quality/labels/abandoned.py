"""Columns that were in use once, while their table still is: empty since, or filled with nothing but one filler."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schema_matching_pipeline.model.profile import DateSummary, ValueType
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact, filled_fact, percent


@dataclass(frozen=True)
class _Stop:
    """When values stopped, how many rows came up to then and after, and how many of all hold a filler."""

    last: date
    rows_before: int
    rows_after: int
    filled: int
    fillers: int

    @property
    def share_before(self) -> float:
        """How often the column was filled while it was in use."""
        return min(1.0, self.filled / self.rows_before) if self.rows_before else 0.0

    @property
    def expected_after(self) -> float:
        """How many values the rows after the stop should have had, at the earlier rate."""
        return self.share_before * self.rows_after


@LABELS.register("abandoned")
def abandoned(case: Case) -> Verdict | None:
    """Values stop at a day while rows go on, by the table's own activity column.

    It must have been filled often enough before, and enough rows must have come since that the lack is no
    chance. A column that starts late is new, not abandoned. Where the most frequent value stands for none, N/A or
    zero among other figures, rows that hold it count as not filled.
    """
    newest = case.table.last_activity
    if newest is None:
        return None
    stop = next((stop for stop in _stops(case) if _is_clear(stop, newest, case)), None)
    if stop is None:
        return None
    since = f"about {stop.rows_after:,} rows since, the newest of {newest:%Y-%m}"
    return Verdict(
        LabelName.ABANDONED,
        "abandoned",
        f"Filled in {percent(stop.share_before)} of the rows up to {stop.last:%Y-%m}, and in none of {since}"
        + (": they hold a filler that stands for no value." if stop.fillers else "."),
        confidence=min(0.99, 1 - 0.5 / (1 + stop.expected_after)),
        facts=(
            filled_fact(case.column),
            fact("last value", f"{stop.last:%Y-%m-%d}"),
            fact("newest row", f"{newest:%Y-%m-%d}"),
            fact("by", case.table.activity_column or ""),
            fact("rows since", stop.rows_after),
            *((fact("rows with the filler", f"{stop.fillers:,}"),) if stop.fillers else ()),
        ),
    )


def _is_clear(stop: _Stop, newest: date, case: Case) -> bool:
    policy = case.policy
    return (
        (newest - stop.last).days >= policy.abandoned_gap_days
        and stop.share_before >= policy.abandoned_filled_before
        and stop.rows_after >= policy.abandoned_rows_after
        and stop.rows_after >= policy.abandoned_rows_share * (stop.rows_before + stop.rows_after)
        and stop.expected_after >= policy.abandoned_expected
    )


def _stops(case: Case) -> Iterator[_Stop]:
    """When any values stopped, and when those that are no fillers did."""
    activity, rows = case.column.activity, _rows_by_year(case)
    if activity is None or rows is None or case.column.column == case.table.activity_column:
        return
    filled = case.column.filled_count
    yield _count(activity.last, rows, filled, 0)
    if activity.last_meant is not None:
        yield _count(activity.last_meant, rows, filled - activity.filler_rows, activity.filler_rows)


def _count(last: date, rows: DateSummary, filled: int, fillers: int) -> _Stop:
    """Rows are known by year: those of the year of the last value count as before, which errs for the column."""
    before = sum(count for year, count in rows.by_year if year <= last.year)
    after = sum(count for year, count in rows.by_year if year > last.year)
    return _Stop(last, before, after, filled, fillers)


def _rows_by_year(case: Case) -> DateSummary | None:
    own = (column for column in case.table.columns if column.column == case.table.activity_column)
    column = next(own, None)
    return column.dates if column and column.value_type in {ValueType.DATE, ValueType.DATETIME} else None
