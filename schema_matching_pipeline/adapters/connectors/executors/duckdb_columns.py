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

import duckdb

from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import (
    activity_candidates,
    wanted_columns,
)
from schema_matching_pipeline.adapters.connectors.executors.digest import Grouped, measure_grouped
from schema_matching_pipeline.adapters.connectors.executors.relation import NotAsTakenError, Relation, opened
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.adapters.connectors.executors.use import choose_activity, with_use
from schema_matching_pipeline.adapters.connectors.typed_select import grouping_value, literal, quoted
from schema_matching_pipeline.model.measurement import ColumnMeasurement, TableMeasurement

_AT_ONCE = 2
_GLANCE_ROWS = 500
_WORK_A_VALUE = 16  # as many characters more would cost as much as the value itself


def measure_relation(relation: Relation, measuring: Measuring) -> TableMeasurement:
    """All figures of a relation.

    Raises:
        NotAsTakenError: it holds what it was to hold never.
        duckdb.Error: it cannot be read.
    """
    started = perf_counter()
    columns, activity, rows = list[ColumnMeasurement](), None, 0
    for place, names in enumerate(_slices(relation, measuring)):
        beside = [activity.column] if activity else [*activity_candidates(measuring)]
        if place == 0 and relation.never:
            beside.append(relation.never[0])
        with _narrowed(relation, (*names, *beside)) as narrow, opened(narrow) as cursor:
            if place == 0:
                rows = _row_count(cursor, narrow)
                _refuse_other(cursor, narrow)
                activity = choose_activity(cursor, narrow, rows, measuring)
            measured = _measured(narrow, names, rows, measuring)
            columns += with_use(cursor, narrow, measured, activity) if activity else measured
    return TableMeasurement(
        name=measuring.plan.table,
        row_count=rows,
        columns=tuple(columns),
        last_activity=activity.last if activity else None,
        activity_column=activity.column if activity else None,
        seconds=perf_counter() - started,
    )


def _slices(relation: Relation, measuring: Measuring) -> Iterator[Sequence[str]]:
    """The columns that are measured together: all, or as many as are copied at a time; one slice at least."""
    names = tuple(wanted_columns(measuring))
    size = relation.copied_columns or len(names) or 1
    return (names[start : start + size] for start in range(0, max(1, len(names)), size))


def _row_count(cursor: duckdb.DuckDBPyConnection, relation: Relation) -> int:
    [(rows,)] = cursor.execute(f"SELECT count(*) FROM {relation.name}").fetchall()
    return int(rows)


def _refuse_other(cursor: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    if relation.never is None:
        return
    name, value = relation.never
    asked = f"SELECT 1 FROM {relation.name} WHERE {quoted(relation.columns[name].name)} = {literal(value)} LIMIT 1"
    if cursor.execute(asked).fetchall():
        raise NotAsTakenError(name)


def _measured(
    relation: Relation, names: Sequence[str], rows: int, measuring: Measuring
) -> list[ColumnMeasurement]:
    with opened(relation) as cursor:
        begun = _heaviest_first(cursor, relation, names)
    with _divided_threads(relation), ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(
            zip(begun, pool.map(partial(_measure, relation, rows, measuring=measuring), begun), strict=True)
        )
    return [found[name] for name in names]


def _heaviest_first(cursor: duckdb.DuckDBPyConnection, relation: Relation, names: Sequence[str]) -> list[str]:
    """The columns in the order they are begun in: were a long text begun last, a core would stand idle beside it.

    What a column costs is told by how many values its first rows hold, and how long these are.
    """
    if len(names) <= _AT_ONCE:
        return [*names]
    values = [f"{quoted(relation.columns[name].name)}::VARCHAR" for name in names]
    asked = ", ".join(
        f"approx_count_distinct({value}) * ({_WORK_A_VALUE} + avg(length({value})))" for value in values
    )
    glance = f"(SELECT * FROM {relation.name} LIMIT {_GLANCE_ROWS})"
    [costs] = cursor.execute(f"SELECT {asked} FROM {glance}").fetchall()
    return [name for name, _ in sorted(zip(names, costs, strict=True), key=lambda each: -(each[1] or 0.0))]


@contextmanager
def _divided_threads(relation: Relation) -> Iterator[None]:
    """Gives each of the columns that are measured at once its share of DuckDB's threads.

    What several threads group for one column must be put together again: more work in all than a column each.
    """
    with opened(relation) as cursor:
        cursor.execute("RESET threads")
        [(threads,)] = cursor.execute("SELECT current_setting('threads')").fetchall()
        cursor.execute(f"SET threads = {max(1, int(threads) // _AT_ONCE)}")
        try:
            yield
        finally:
            cursor.execute("RESET threads")


def _measure(relation: Relation, rows: int, name: str, *, measuring: Measuring) -> ColumnMeasurement:
    """One column, without the days of its use."""
    column = relation.columns[name]
    value = grouping_value(column, measuring.policy)
    data_type = column.data_type.upper() if value == quoted(column.name) else "VARCHAR"
    with opened(relation) as cursor:
        [(groups,)] = cursor.execute(
            f"CREATE TEMP TABLE grouped AS SELECT {value} AS v, count(*) AS n FROM {relation.name} GROUP BY 1"
        ).fetchall()
        grouped = Grouped(cursor, name, rows, int(groups), data_type, is_canonical=relation.is_canonical)
        return measure_grouped(grouped, measuring)


@contextmanager
def _narrowed(relation: Relation, names: Sequence[str]) -> Iterator[Relation]:
    """A copy of a few columns, where a look at the whole costs more; else the relation itself."""
    if relation.copied_columns is None:
        yield relation
        return
    copy = f"slice_{uuid4().hex}"
    asked = ", ".join(quoted(relation.columns[name].name) for name in dict.fromkeys(names)) or "1"
    with opened(relation) as cursor:
        cursor.execute(f"CREATE TABLE {copy} AS SELECT {asked} FROM {relation.name}")
    try:
        yield replace(relation, name=copy)
    finally:
        with opened(relation) as cursor:
            cursor.execute(f"DROP TABLE {copy}")
