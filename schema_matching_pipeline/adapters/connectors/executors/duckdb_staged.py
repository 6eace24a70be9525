"""Measures a table that was copied once into a DuckDB database on local disk.

Totals are taken for a slice of columns at a time (one statement with hundreds of expressions is slower than
many small ones); one GROUP BY a column gives exact distinct values and exact frequencies together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.days import read_days
from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import (
    activity_candidates,
    plausible_days,
)
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring, Tally, measure_column
from schema_matching_pipeline.model.measurement import ColumnMeasurement, TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy

# From this many columns on the planning of a statement takes longer than a copy of the columns it asks about.
_WIDE = 100


class Staging:
    """A DuckDB database in a temporary folder: tables of canonical text, their columns named by place."""

    def __init__(self, folder: Path, policy: ProfilePolicy) -> None:
        self._connection = duckdb.connect(str(folder / "staging.duckdb"))
        self._connection.execute(f"SET memory_limit = '{policy.staging_memory_megabytes}MB'")
        self._connection.execute("SET temp_directory = $folder", {"folder": str(folder)})
        self._tables = 0
        self._lock = Lock()

    def close(self) -> None:
        """Lets go of the database; its folder is removed by whoever made it."""
        self._connection.close()

    def stage(self, width: int, batches: Iterable[pa.RecordBatch]) -> str:
        """The name of a new table with these rows of canonical text."""
        names = [f"c{place}" for place in range(width)]
        schema = pa.schema([(name, pa.string()) for name in names])
        texts = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in batches)
        with closing(pa.RecordBatchReader.from_batches(schema, texts)) as incoming:
            return self._create(incoming)

    def keep(self, table: pa.Table) -> str:
        """The name of a new table that holds a small Arrow table as it is."""
        return self._create(table)

    def ask(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """The rows of one statement."""
        with self._connection.cursor() as cursor:
            return cursor.execute(statement, list(parameters)).fetchall()

    def table(self, statement: str) -> pa.Table:
        """The rows of one statement as Arrow."""
        with self._connection.cursor() as cursor:
            return cursor.sql(statement).to_arrow_table()

    def copy(self, table: str, places: Sequence[str]) -> str:
        """The name of a new table that holds some columns of another."""
        with self._lock:
            self._tables += 1
            name = f"staged_{self._tables}"
            self._connection.execute(f"CREATE TABLE {name} AS SELECT {', '.join(places)} FROM {table}")
        return name

    def drop(self, name: str) -> None:
        """Lets go of a table that is not needed any more."""
        self.ask(f"DROP TABLE {name}")

    def _create(self, incoming: pa.RecordBatchReader | pa.Table) -> str:
        with self._lock:
            self._tables += 1
            name = f"staged_{self._tables}"
            self._connection.register("incoming", incoming)
            try:
                self._connection.execute(f"CREATE TABLE {name} AS FROM incoming")
            finally:
                self._connection.unregister("incoming")
        return name


@dataclass(frozen=True, slots=True)
class Staged:
    """One staged table: its name in the staging database, and its columns in the order they were staged."""

    staging: Staging
    name: str
    columns: tuple[str, ...]

    def place(self, column: str) -> str:
        """What a column is called in the staging database."""
        return f"c{self.columns.index(column)}"

    def but_only(self, places: Sequence[str]) -> Staged:
        """A copy of some of its columns, which keep what they are called there."""
        return Staged(self.staging, self.staging.copy(self.name, places), self.columns)


class _Activity(NamedTuple):
    """The activity column, and a table that says which day each of its texts means."""

    column: str
    place: str
    days: str
    filled: int
    last: date | None


class _Totals(NamedTuple):
    nulls: int
    blanks: int
    active: tuple[date, date] | None


def measure_staged(staged: Staged, measuring: Measuring) -> TableMeasurement:
    """All figures of a staged table."""
    started = perf_counter()
    [(rows,)] = staged.staging.ask(f"SELECT count(*)::INTEGER FROM {staged.name}")
    row_count = int(str(rows))
    activity = _choose_activity(staged, row_count, measuring)
    columns = tuple(
        column
        for names in measuring.plan.slices
        for column in _measure_slice(staged, names, row_count, activity, measuring)
    )
    return TableMeasurement(
        name=measuring.plan.table,
        row_count=row_count,
        columns=columns,
        last_activity=activity.last if activity else None,
        activity_column=activity.column if activity else None,
        seconds=perf_counter() - started,
    )


def _measure_slice(
    staged: Staged, names: Sequence[str], row_count: int, activity: _Activity | None, measuring: Measuring
) -> Iterable[ColumnMeasurement]:
    narrow = _narrowed(staged, names, activity) if len(staged.columns) > _WIDE else staged
    totals = _totals(narrow, names, activity)
    for name, total in zip(names, totals, strict=True):
        yield measure_column(_tally(narrow, name, row_count, total), total.active, measuring)
    if narrow is not staged:
        staged.staging.drop(narrow.name)


def _narrowed(staged: Staged, names: Sequence[str], activity: _Activity | None) -> Staged:
    """A copy of a few columns: every statement about a table pays for the planning of all its columns."""
    places = {staged.place(name) for name in names} | ({activity.place} if activity else set())
    return staged.but_only(sorted(places))


def _totals(staged: Staged, names: Sequence[str], activity: _Activity | None) -> list[_Totals]:
    """Null and blank rows of some columns, and the days their filled rows span."""
    places = [staged.place(name) for name in names]
    rows, day = staged.name, "NULL::DATE"
    if activity:
        rows = f"{staged.name} LEFT JOIN {activity.days} ON {activity.place} = text"
        day = "day"
    asked = ", ".join(
        f"count(*) FILTER ({place} IS NULL), count(*) FILTER ({place} = ''),"
        f" min({day}) FILTER ({place} <> ''), max({day}) FILTER ({place} <> '')"
        for place in places
    )
    [row] = staged.staging.ask(f"SELECT {asked} FROM {rows}")
    return [_one_total(row[start : start + 4]) for start in range(0, len(row), 4)]


def _one_total(row: Sequence[object]) -> _Totals:
    nulls, blanks, first, last = row
    active = (first, last) if isinstance(first, date) and isinstance(last, date) else None
    return _Totals(int(str(nulls)), int(str(blanks)), active)


def _tally(staged: Staged, name: str, row_count: int, total: _Totals) -> Tally:
    place = staged.place(name)
    counted = staged.staging.table(
        f"SELECT {place} AS text, count(*) AS rows FROM {staged.name} WHERE {place} <> '' GROUP BY 1"
    )
    return Tally(
        name=name,
        row_count=row_count,
        null_count=total.nulls,
        blank_count=total.blanks,
        values=counted.column("text").combine_chunks(),
        counts=np.asarray(counted.column("rows"), dtype=np.int64),
    )


def _choose_activity(staged: Staged, row_count: int, measuring: Measuring) -> _Activity | None:
    """The first candidate that is filled well enough, else the best filled one."""
    best: _Activity | None = None
    for name in activity_candidates(measuring):
        activity = _activity(staged, name, measuring.policy)
        if activity is None:
            continue
        if activity.filled >= measuring.plan.activity_filled_share * row_count:
            return activity
        if best is None or activity.filled > best.filled:
            best = activity
    return best


def _activity(staged: Staged, name: str, policy: ProfilePolicy) -> _Activity | None:
    place = staged.place(name)
    counted = staged.staging.table(
        f"SELECT {place} AS text, count(*) AS rows FROM {staged.name} WHERE {place} <> '' GROUP BY 1"
    )
    days = read_days(counted.column("text").combine_chunks(), least_share=policy.type_share)
    if days is None:
        return None
    days = plausible_days(days, policy)
    kept = staged.staging.keep(pa.table({"text": counted.column("text"), "day": days}))
    filled = pc.sum(pc.filter(counted.column("rows"), days.is_valid())).as_py() or 0
    return _Activity(name, place, kept, int(filled), pc.max(days).as_py())
