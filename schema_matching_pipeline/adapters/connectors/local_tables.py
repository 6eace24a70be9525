"""Tables that are read batch by batch and measured, or asked questions, on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from threading import Lock

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from schema_matching_pipeline.adapters.connectors.catalog import Setup
from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import as_table, measure_rows
from schema_matching_pipeline.adapters.connectors.executors.duckdb_columns import measure_relation
from schema_matching_pipeline.adapters.connectors.executors.relation import NotAsTakenError, Relation
from schema_matching_pipeline.adapters.connectors.executors.second_process import (
    SecondProcess,
    second_process,
)
from schema_matching_pipeline.adapters.connectors.executors.staging import Staged, Staging
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.model.measurement import ProfilePlan, ReadsMeasurement, TableMeasurement
from schema_matching_pipeline.model.profile import PlanKind

# Gives the canonical text of some columns of a table, batch by batch, from its beginning.
Batches = Callable[[Sequence[str]], Iterator[pa.RecordBatch]]

# DuckDB quotes names as SQLite does and takes the same parameters; only plain selects are compiled.
_DIALECT = sqlite.dialect(paramstyle="qmark")


class LocalTables:
    """Measures and questions tables here; what is staged is staged once, in the folder of the set-up."""

    def __init__(self, setup: Setup, source_bytes: int | None = None) -> None:
        self._setup, self._source_bytes = setup, source_bytes
        self._staging: Staging | None = None
        self._staged: dict[str, Staged] = {}
        self._lock = Lock()
        self._beside: SecondProcess | None = None

    def close(self) -> None:
        """Lets go of the staging database and of the second process."""
        if self._staging:
            self._staging.close()
        if self._beside:
            self._beside.close()

    def beside(self, read: ReadsMeasurement) -> SecondProcess | None:
        """A new process to measure small tables beside this one, where one can be had; it ends with what was opened here."""
        if self._beside:
            self._beside.close()
        self._beside = second_process(self._setup.policy, self._setup.hashes, read)
        return self._beside

    def measure(
        self, plan: ProfilePlan, batches: Batches, direct: Callable[[Staging], Relation] | None = None
    ) -> TableMeasurement:
        """Figures of one table: in memory where it proves to be small, whatever the plan supposed; else staged.

        ``direct`` gives a table that is known to be no small one to DuckDB without a detour; where it cannot
        read it after all, the batches are taken.
        """
        if direct:
            with suppress(duckdb.Error, NotAsTakenError):
                return measure_relation(direct(self._open_staging()), self._measuring(plan))
        found = self._here(plan, batches)
        if isinstance(found, Relation):
            return measure_relation(found, self._measuring(plan))
        return self.measure_rows(plan, found)

    def small_rows(self, plan: ProfilePlan, batches: Batches, most_bytes: int) -> pa.Table | None:
        """All rows of a table, to be measured here or elsewhere; nothing where they prove to be more."""
        names = _names(plan)
        fetched, rest = _fetch(batches(names), most_bytes, None)
        return as_table(names, fetched) if rest is None else None

    def measure_rows(self, plan: ProfilePlan, rows: pa.Table) -> TableMeasurement:
        """Figures of a table of which all rows are here."""
        return measure_rows(rows, self._measuring(plan))

    def staged(self, table: str, names: Sequence[str], batches: Batches) -> Staged:
        """The table in the staging database, put there on first use."""
        if table not in self._staged:
            self._staged[table] = self._stage(names, batches(names))
        return self._staged[table]

    def ask(self, statement: sa.Select[*tuple[object, ...]]) -> tuple[tuple[object, ...], ...]:
        """The answer to a question about staged tables."""
        compiled = statement.compile(dialect=_DIALECT)
        values = compiled.construct_params()
        parameters = [values[name] for name in compiled.positiontup or ()]
        return tuple(self._open_staging().ask(str(compiled), parameters))

    def sample(self, staged: Staged, columns: Sequence[str], limit: int) -> tuple[pa.Table, bool]:
        """Rows of a staged table, at most ``limit``, and whether they are a sample."""
        [(rows,)] = staged.staging.ask(f"SELECT count(*)::INTEGER FROM {staged.name}")
        sampled = int(str(rows)) > limit
        places = ", ".join(staged.place(name) for name in columns)
        clause = f" USING SAMPLE reservoir({int(limit)} ROWS) REPEATABLE (1)" if sampled else ""
        table = staged.staging.table(f"SELECT {places} FROM {staged.name}{clause}")
        return table.rename_columns(list(columns)), sampled

    def _here(self, plan: ProfilePlan, batches: Batches) -> pa.Table | Relation:
        """All rows of a table, in memory where there are few, else staged."""
        policy, names = self._setup.policy, _names(plan)
        most_rows = None if plan.kind is PlanKind.SMALL else policy.small_rows
        fetched, rest = _fetch(batches(names), policy.fetched_bytes, most_rows)
        if rest is None:
            return as_table(names, fetched)
        return self._stage(names, chain(fetched, rest)).relation

    def _measuring(self, plan: ProfilePlan) -> Measuring:
        return Measuring(plan, self._setup.policy, self._setup.hashes)

    def _stage(self, names: Sequence[str], batches: Iterator[pa.RecordBatch]) -> Staged:
        staging = self._open_staging()
        return Staged(staging, staging.stage(len(names), batches), tuple(names))

    def _open_staging(self) -> Staging:
        with self._lock:
            if self._staging is None:
                self._staging = Staging(self._setup.folder, self._setup.policy, self._source_bytes)
        return self._staging


def relation_of(staged: Staged) -> sa.FromClause:
    """A staged table to select from, its columns under their own names."""
    places = [sa.column(staged.place(name), sa.String()).label(name) for name in staged.columns]
    return sa.select(*places).select_from(sa.table(staged.name)).subquery()


def _names(plan: ProfilePlan) -> tuple[str, ...]:
    return tuple(name for names in plan.slices for name in names)


def _fetch(
    batches: Iterator[pa.RecordBatch], most_bytes: int, most_rows: int | None
) -> tuple[list[pa.RecordBatch], Iterator[pa.RecordBatch] | None]:
    """All batches; or those up to a limit of bytes or rows, and the rest."""
    fetched, held, rows = list[pa.RecordBatch](), 0, 0
    for batch in batches:
        fetched.append(batch)
        held += batch.nbytes
        rows += batch.num_rows
        if held > most_bytes or (most_rows is not None and rows > most_rows):
            return fetched, batches
    return fetched, None
