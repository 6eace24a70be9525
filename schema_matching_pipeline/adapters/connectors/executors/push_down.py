"""A table of a database, as a place that is asked by SQL: the database aggregates, counts and draws the sample.

Distinct values of a column of many are counted within a few per cent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import as_table
from schema_matching_pipeline.adapters.connectors.executors.distinct_values import few_tally, few_values
from schema_matching_pipeline.adapters.connectors.executors.in_place import Distinct, Total
from schema_matching_pipeline.adapters.connectors.executors.tally import Tally
from schema_matching_pipeline.adapters.connectors.executors.totals import (
    DAYS,
    Target,
    distinct_count,
    last_day,
    plausible_days,
    row_count,
    totals,
)
from schema_matching_pipeline.adapters.connectors.row_reader import read_texts
from schema_matching_pipeline.adapters.connectors.row_sample import a_sample_of
from schema_matching_pipeline.model.measurement import ColumnMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy


@dataclass(frozen=True, slots=True)
class SqlPlace:
    """A table of a database."""

    target: Target
    policy: ProfilePolicy

    def row_count(self) -> int:
        """How many rows there are."""
        return row_count(self.target)

    def sample(self, names: Sequence[str], rows: int, limit: int) -> pa.Table:
        """Rows in canonical text, drawn by the database."""
        target = self.target
        dialect = target.connection.dialect.name
        chosen = a_sample_of(target.relation, rows, limit, dialect, is_view=target.is_view)
        return as_table(names, list(read_texts(target.connection, chosen, target.kinds, names, self.policy)))

    def holds_days(self, name: str) -> bool:
        """Whether the database knows the column to hold days."""
        return self.target.kinds[name] in DAYS

    def totals(self, names: Sequence[str], activity: str | None) -> Iterator[tuple[str, Total]]:
        """Exact figures of a slice of columns, by one statement."""
        days = None if activity is None else plausible_days(self.target, activity, self.policy)
        return totals(self.target, names, days)

    def last_day(self, activity: str) -> date | None:
        """The latest plausible day."""
        return last_day(self.target, plausible_days(self.target, activity, self.policy))

    def all_values(self, column: ColumnMeasurement, total: Total, rows: int) -> Tally | None:
        """Every value with its count, where neither the sample nor the count shows too many."""
        target, name, most = self.target, column.name, self.policy.counted_values
        if column.distinct_count > most or name in target.unique:
            return None
        kind = target.kinds[name]
        found = list(few_values(target.connection, target.relation, name, kind, self.policy, most))
        return few_tally(found, name, rows, total.nulls) if len(found) <= most else None

    def distinct(self, column: ColumnMeasurement, total: Total) -> Distinct:
        """As declared, else as the database counts."""
        return Distinct(distinct_count(self.target, column.name, total))
