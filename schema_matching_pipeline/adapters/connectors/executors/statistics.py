"""Measures a table whose rows must not leave the database: statistics do, and values that many rows share.

Row counts, nulls, blanks, extremes, mean, deviation, lengths, days and activity are exact. Distinct values are
counted by the database. Of values only the most frequent are fetched, and of those only what enough rows
hold to be shown in a profile; nothing of a column whose name announces personal data. A column that these
values fill is known whole and nothing of it is estimated. Of the others there is neither sketch nor shape.
"""

from __future__ import annotations

from datetime import date
from time import perf_counter

import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind
from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import activity_candidates
from schema_matching_pipeline.adapters.connectors.executors.distinct_values import few_tally, frequent_values
from schema_matching_pipeline.adapters.connectors.executors.in_place import Total
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring, measure_column
from schema_matching_pipeline.adapters.connectors.executors.totals import (
    DAYS,
    Target,
    distinct_count,
    last_day,
    plausible_days,
    row_count,
    totals,
)
from schema_matching_pipeline.model.measurement import ColumnMeasurement, TableMeasurement
from schema_matching_pipeline.model.profile import NumberSummary


def measure_statistics(target: Target, measuring: Measuring) -> TableMeasurement:
    """Figures of a table of which no row is fetched."""
    started, rows = perf_counter(), row_count(target)
    chosen = _activity_column(target, measuring, rows)
    activity = plausible_days(target, chosen, measuring.policy) if chosen else None
    columns = tuple(
        _column(target, name, total, rows, measuring)
        for names in measuring.plan.slices
        for name, total in totals(target, names, activity)
    )
    return TableMeasurement(
        name=measuring.plan.table,
        row_count=rows,
        columns=columns,
        last_activity=last_day(target, activity) if activity is not None else None,
        activity_column=chosen,
        estimated=any(column.estimated for column in columns),
        seconds=perf_counter() - started,
    )


def _activity_column(target: Target, measuring: Measuring, rows: int) -> str | None:
    """The first candidate of days that is filled well enough, else the best filled one."""
    names = [name for name in activity_candidates(measuring) if target.kinds[name] in DAYS]
    if not names:
        return None
    asked = [sa.func.count(plausible_days(target, name, measuring.policy)) for name in names]
    filled = tuple(target.connection.execute(sa.select(*asked).select_from(target.relation)).one())
    enough = measuring.plan.activity_filled_share * rows
    well = (name for name, count in zip(names, filled, strict=True) if count >= enough)
    return next(well, names[filled.index(max(filled))])


def _column(target: Target, name: str, total: Total, rows: int, measuring: Measuring) -> ColumnMeasurement:
    distinct = distinct_count(target, name, total)
    found = _shared_values(target, name, distinct, measuring)
    known = sum(count for _, count in found)
    if found and known == total.filled:
        return measure_column(few_tally(found, name, rows, total.nulls), measuring, total.active)
    told = found if known >= measuring.policy.type_share * total.filled else ()
    return ColumnMeasurement(
        name=name,
        row_count=rows,
        null_count=total.nulls,
        blank_count=rows - total.nulls - total.filled,
        distinct_count=max(distinct, len(found)),
        texts=tuple(text for text, _ in told),
        counts=tuple(count for _, count in told),
        values_complete=not total.filled,
        sketch_hashes=(),
        numbers=_numbers(total.numbers),
        lengths=total.lengths,
        first_date=_first(total.days),
        last_date=_last(total.days),
        active_from=_first(total.active),
        active_to=_last(total.active),
        estimated=bool(total.filled) and name not in target.unique,
    )


def _shared_values(target: Target, name: str, distinct: int, measuring: Measuring) -> list[tuple[str, int]]:
    """The values that may be told; none where there are so many that the frequent ones say little of the column."""
    policy, kind = measuring.policy, target.kinds[name]
    if name in target.unique | target.hidden or kind is Kind.BINARY or distinct > policy.counted_values:
        return []
    most = measuring.plan.top_values
    found = frequent_values(target.connection, target.relation, name, kind, policy, most)
    return [(text, count) for text, count in found if text is not None]


def _numbers(known: tuple[float, float, float, float] | None) -> NumberSummary | None:
    if known is None:
        return None
    minimum, maximum, mean, deviation = known
    return NumberSummary(minimum=minimum, maximum=maximum, mean=mean, stddev=deviation, quantiles=())


def _first(span: tuple[date, date] | None) -> date | None:
    return span[0] if span else None


def _last(span: tuple[date, date] | None) -> date | None:
    return span[1] if span else None
