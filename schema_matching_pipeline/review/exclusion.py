"""Which flagged columns are left out before anybody asks what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schema_matching_pipeline.model.quality import QualityLabel, QualityReport
from schema_matching_pipeline.model.review import DecisionKind, QualityDecision
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import TrustProfile
from schema_matching_pipeline.review.approval import quality_hash


def excluded_columns(
    report: QualityReport, profile: TrustProfile, decisions: Iterable[QualityDecision]
) -> frozenset[ColumnRef]:
    """Flagged columns that the trust profile or a person leaves out; a person's word counts more."""
    standing = standing_decisions(report, decisions)
    return frozenset(label.ref for label in report.labels if is_excluded(label, profile, standing))


def is_excluded(
    label: QualityLabel, profile: TrustProfile, standing: Mapping[ColumnRef, DecisionKind]
) -> bool:
    """Whether one column is left out."""
    if not label.flagged:
        return False
    decided = standing.get(label.ref)
    if decided is None:
        return profile.auto_exclude_flagged_columns
    return decided is DecisionKind.EXCLUDE


def standing_decisions(
    report: QualityReport, decisions: Iterable[QualityDecision]
) -> dict[ColumnRef, DecisionKind]:
    """Decisions about columns that still have the label they were made for."""
    labels = report.by_ref()
    return {
        decision.ref: decision.kind
        for decision in decisions
        if decision.ref in labels
        and decision.approval_hash == quality_hash(decision.ref, labels[decision.ref].label)
    }
