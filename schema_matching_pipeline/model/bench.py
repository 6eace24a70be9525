"""Matching tasks with a known truth, and how a matcher did on them."""

from __future__ import annotations

from pathlib import Path

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.reliability import JudgedSuggestion
from schema_matching_pipeline.model.source import ColumnRef, SourceSnapshot


class TaskSide(Frozen):
    """One side of a task: its tables, and the folder that holds their rows where there are any."""

    folder: Path
    tables: SourceSnapshot

    @property
    def columns(self) -> tuple[ColumnRef, ...]:
        """Every column, in order."""
        return tuple(
            ColumnRef(table=table.name, column=column.name)
            for table in self.tables.tables
            for column in table.columns
        )


class TaskTruth(Frozen):
    """What is known of a task: its true pairs of source and target columns; a column may have several.

    ``ignored`` columns are not judged. Where ``nothing_is_known`` a column without a pair has no target; otherwise
    it may have one that nobody wrote down, and only columns with a pair are judged.
    """

    name: str
    family: str
    pairs: tuple[tuple[ColumnRef, ColumnRef], ...]
    ignored: frozenset[ColumnRef] = frozenset()
    nothing_is_known: bool = True


class TaskScore(Frozen):
    """How one matcher did on one task, each figure in 0..1; what they mean is told by ``score_predictions``.

    ``best_pairs`` are the first candidates of the judged columns.
    """

    task: str
    family: str
    matcher: str
    mrr: float
    hit_at_1: float
    hit_at_5: float
    hit_at_10: float
    hit_at_20: float
    recall_at_truth: float
    precision: float
    recall: float
    f1: float
    coverage_at_95: float
    nothing_accuracy: float | None
    columns: int
    best_pairs: tuple[JudgedSuggestion, ...]
    seconds: float = 0.0
