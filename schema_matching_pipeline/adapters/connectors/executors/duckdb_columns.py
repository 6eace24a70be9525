"""Measures what DuckDB can select from, a column at a time, two columns at once.

One GROUP BY a column gives exact distinct values and exact frequencies together. Few distinct values are
fetched and tallied as those of a small table are; of many, only the figures leave the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from time import perf_counter
from uuid import uuid4

from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import wanted_columns
from schema_matching_pipeline.adapters.connectors.executors.digest import Grouped, measure_grouped
from schema_matching_pipeline.adapters.connectors.executors.relation import Relation, opened
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.adapters.connectors.executors.use import choose_activity, with_use
from schema_matching_pipeline.adapters.connectors.typed_select import grouping_value, quoted
from schema_matching_pipeline.model.measurement import ColumnMeasurement, TableMeasurement

# From this many columns on the planning of a statement takes longer than a copy of the columns it asks about.
_WIDE = 100
_AT_ONCE = 2


def measure_relation(relation: Relation, measuring: Measuring) -> TableMeasurement:
    """All figures of a relation."""
    started = perf_counter()
    with opened(relation) as cursor:
        [(rows,)] = cursor.execute(f"SELECT count(*) FROM {relation.name}").fetchall()
        activity = choose_activity(cursor, relation, int(rows), measuring)
        columns = tuple(_measured(relation, int(rows), measuring))
        if activity:
            columns = with_use(cursor, relation, columns, activity)
    return TableMeasurement(
        name=measuring.plan.table,
        row_count=int(rows),
        columns=columns,
        last_activity=activity.last if activity else None,
        activity_column=activity.column if activity else None,
        seconds=perf_counter() - started,
    )


def _measured(relation: Relation, rows: int, measuring: Measuring) -> Iterator[ColumnMeasurement]:
    for names in _slices(relation, measuring):
        with _narrowed(relation, names) as narrow, ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from pool.map(partial(_measure, narrow, rows, measuring=measuring), names)


def _slices(relation: Relation, measuring: Measuring) -> Sequence[Sequence[str]]:
    """Slices of columns where each is copied first; else all at once, so that no slice waits for another."""
    if _is_copied(relation):
        return measuring.plan.slices
    return [tuple(wanted_columns(measuring))]


def _measure(relation: Relation, rows: int, name: str, *, measuring: Measuring) -> ColumnMeasurement:
    """One column, without the days of its use."""
    column = relation.columns[name]
    value = grouping_value(column, measuring.policy)
    data_type = column.data_type.upper() if value == quoted(column.name) else "VARCHAR"
    with opened(relation) as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE grouped AS SELECT {value} AS v, count(*) AS n FROM {relation.name} GROUP BY 1"
        )
        return measure_grouped(
            Grouped(cursor, name, rows, data_type, is_canonical=relation.is_canonical), measuring
        )


def _is_copied(relation: Relation) -> bool:
    return relation.is_costly and len(relation.columns) > _WIDE


@contextmanager
def _narrowed(relation: Relation, names: Sequence[str]) -> Iterator[Relation]:
    """A copy of a few columns, where every statement about the relation pays for the planning of all."""
    if not _is_copied(relation):
        yield relation
        return
    copy = f"slice_{uuid4().hex}"
    asked = ", ".join(quoted(relation.columns[name].name) for name in names)
    with opened(relation) as cursor:
        cursor.execute(f"CREATE TABLE {copy} AS SELECT {asked} FROM {relation.name}")
    yield replace(relation, name=copy)
    with opened(relation) as cursor:
        cursor.execute(f"DROP TABLE {copy}")
