"""A simulated steward: decides what waits from the known truth, as a person would who knows the client well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schema_matching_pipeline.entrances.cli.demo.client import Grade, QualityTruthRow, TruthRow
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.model.review import DecisionKind, ItemKind


class StewardDecision(NamedTuple):
    """What the steward says; ``entity`` and ``field`` are set where another field is named."""

    kind: DecisionKind
    reason: str
    entity: str | None = None
    field: str | None = None


class Steward:
    """Knows what each column of one client means and is worth; decisions depend on nothing else."""

    def __init__(self, truth: Iterable[TruthRow], quality_truth: Iterable[QualityTruthRow]) -> None:
        self._right: dict[tuple[str, str], tuple[str, str]] = {}
        self._accepted: set[tuple[str, str, str | None, str | None]] = set()
        for row in truth:
            place = (row.source_table, row.source_column)
            self._accepted.add((*place, row.canonical_entity, row.canonical_field))
            if row.grade is Grade.EXACT:
                self._right[place] = (row.canonical_entity, row.canonical_field)
        self._flagged = {
            (row.source_table, row.source_column) for row in quality_truth if row.label is not LabelName.GOOD
        }

    def decide(
        self, kind: ItemKind, table: str, column: str, entity: str | None = None, field: str | None = None
    ) -> StewardDecision:
        """What to do with one open item about a column, given the suggested field if there is one."""
        match kind:
            case ItemKind.QUALITY:
                return self._judge_label(table, column)
            case ItemKind.VALIDATION:
                return StewardDecision(
                    DecisionKind.APPROVE, "Known dirt of this source; the mapping itself is right."
                )
            case ItemKind.MAPPING | ItemKind.CLASSIFICATION:
                return self._judge_target(table, column, entity, field)

    def answer(self, table: str, column: str, choices: Iterable[tuple[str, str]]) -> StewardDecision:
        """Which of the choices a column fills, asked blind; one that means nearly the same where none means just that."""
        close = (each for each in choices if (table, column, *each) in self._accepted)
        right = self._right.get((table, column)) or next(close, None)
        if right is None:
            return StewardDecision(DecisionKind.UNMAP, "No field means the same.")
        return StewardDecision(DecisionKind.OVERRIDE, "This field means the same.", *right)

    def _judge_label(self, table: str, column: str) -> StewardDecision:
        if (table, column) in self._flagged:
            return StewardDecision(DecisionKind.EXCLUDE, "The flag is right: this column is not to be used.")
        return StewardDecision(DecisionKind.INCLUDE, "The flag is wrong: this column is in use.")

    def _judge_target(
        self, table: str, column: str, entity: str | None, field: str | None
    ) -> StewardDecision:
        if (table, column, entity, field) in self._accepted:
            return StewardDecision(DecisionKind.APPROVE, "The suggested field is right.")
        right = self._right.get((table, column))
        if right is None:
            return StewardDecision(
                DecisionKind.UNMAP, "This column serves the source system only; no field means the same."
            )
        return StewardDecision(DecisionKind.OVERRIDE, "Another field means the same.", *right)
