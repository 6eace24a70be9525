"""Measures a table that is too large to fetch: the database aggregates, a sample shows the values.

Row counts, nulls, blanks, extremes, mean, deviation, lengths of text, days and activity are exact. A column of
few values is counted value by value: nothing of it is estimated. Of the others the distinct values are
counted by the database within a few per cent, frequencies, quantiles and sketches come from the sample; they
are marked as estimated. Where the sample holds every row, all figures are those of the other executors.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from time import perf_counter

import pyarrow as pa
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import (
    activity_candidates,
    as_table,
    measure_rows,
    wanted_columns,
)
from schema_matching_pipeline.adapters.connectors.executors.distinct_values import few_tally, few_values
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring, measure_column
from schema_matching_pipeline.adapters.connectors.executors.totals import (
    DAYS,
    Target,
    Total,
    distinct_count,
    last_day,
    plausible_days,
    row_count,
    totals,
)
from schema_matching_pipeline.adapters.connectors.row_reader import read_texts
from schema_matching_pipeline.adapters.connectors.row_sample import a_sample_of
from schema_matching_pipeline.model.measurement import ColumnMeasurement, TableMeasurement
from schema_matching_pipeline.model.profile import NumberSummary


def measure_in_place(target: Target, measuring: Measuring) -> TableMeasurement:
    """Figures of a table that stays where it is."""
    started = perf_counter()
    plan, policy = measuring.plan, measuring.policy
    rows = row_count(target)
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
        for name, total in totals(target, names, activity)
    )
    return replace(
        sampled,
        row_count=rows,
        columns=merged,
        last_activity=last_day(target, activity) if activity is not None else sampled.last_activity,
        estimated=True,
        seconds=perf_counter() - started,
    )


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
    if name not in activity_candidates(measuring) or target.kinds[name] not in DAYS:
        return None
    return plausible_days(target, name, measuring.policy)


def _few(
    target: Target, column: ColumnMeasurement, total: Total, rows: int, measuring: Measuring
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
    column: ColumnMeasurement, total: Total, rows: int, sample_rows: int, distinct: int
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


def _numbers(sampled: NumberSummary | None, total: Total) -> NumberSummary | None:
    if total.numbers is None:
        return sampled
    minimum, maximum, mean, deviation = total.numbers
    quantiles = sampled.quantiles if sampled else ()
    return NumberSummary(minimum=minimum, maximum=maximum, mean=mean, stddev=deviation, quantiles=quantiles)


def _distinct(target: Target, column: ColumnMeasurement, total: Total) -> int:
    """How many distinct values all rows hold, never fewer than seen."""
    return max(column.distinct_count, distinct_count(target, column.name, total))
