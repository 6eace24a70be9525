"""Quality labels: what a column is worth before anybody asks what it means."""

from __future__ import annotations

from enum import StrEnum

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.source import ColumnRef


class LabelName(StrEnum):
    """The one main label of a column."""

    GOOD = "good"
    EMPTY = "empty"
    ABANDONED = "abandoned"
    MISUSED = "misused"
    TEST_ONLY = "test_only"


class EvidenceFact(Frozen):
    """One figure behind a judgement, in words and as text: name "filled", value "0 of 1,885"."""

    name: str
    value: str


class QualityLabel(Frozen):
    """The label of one column, with the figures behind it.

    ``notes`` names lesser findings that do not flag the column: constant, mixed_types, sentinel_values ...
    ``overruled`` says that a person uses the column all the same: it counts as good.
    """

    ref: ColumnRef
    label: LabelName
    confidence: float
    reason: str
    facts: tuple[EvidenceFact, ...] = ()
    notes: tuple[str, ...] = ()
    overruled: bool = False

    @property
    def flagged(self) -> bool:
        """Whether the column is anything but good."""
        return self.label is not LabelName.GOOD

    @property
    def stays_flagged(self) -> bool:
        """Whether it is flagged and no person overruled that: what counts where flagged columns are counted."""
        return self.flagged and not self.overruled


class QualityReport(Frozen):
    """One label for every profiled column."""

    labels: tuple[QualityLabel, ...]

    def of(self, ref: ColumnRef) -> QualityLabel | None:
        """The label of one column, or None where it was not profiled."""
        return self.by_ref().get(ref)

    def by_ref(self) -> dict[ColumnRef, QualityLabel]:
        """Labels by column; build it once where many are looked up."""
        return {label.ref: label for label in self.labels}
