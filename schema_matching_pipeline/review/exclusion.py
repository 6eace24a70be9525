"""Which flagged columns are left out before anybody asks what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schema_matching_pipeline.model.quality import QualityLabel, QualityReport
from schema_matching_pipeline.model.review import DecisionKind, QualityDecision
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import TrustProfile
from schema_matching_pipeline.review.approval import quality_question


def excluded_columns(
    report: QualityReport, profile: TrustProfile, decisions: Iterable[QualityDecision]
) -> frozenset[ColumnRef]:
    """Flagged columns that the trust profile leaves out, and all that a person does; his word counts more."""
    standing = standing_decisions(report, decisions)
    return frozenset(label.ref for label in report.labels if is_excluded(label, profile, standing))


def is_excluded(
    label: QualityLabel, profile: TrustProfile, standing: Mapping[ColumnRef, DecisionKind]
) -> bool:
    """Whether one column is left out."""
    decided = standing.get(label.ref)
    if decided is None:
        return label.flagged and profile.auto_exclude_flagged_columns
    return decided is DecisionKind.EXCLUDE


def standing_decisions(
    report: QualityReport, decisions: Iterable[QualityDecision]
) -> dict[ColumnRef, DecisionKind]:
    """Whether to use a column, by people's decisions about the label it still has.

    To approve a doubt about quality is to agree that the column is not to be used.
    """
    decisions = tuple(decisions)
    decided = {decision.ref for decision in decisions}
    questions = {
        label.ref: quality_question(label.ref, label.label) for label in report.labels if label.ref in decided
    }
    return {
        decision.ref: _ANSWERS[decision.kind]
        for decision in decisions
        if decision.kind in _ANSWERS
        and decision.ref in questions
        and decision.approval_hash.startswith(questions[decision.ref])
    }


_ANSWERS = {
    DecisionKind.INCLUDE: DecisionKind.INCLUDE,
    DecisionKind.EXCLUDE: DecisionKind.EXCLUDE,
    DecisionKind.APPROVE: DecisionKind.EXCLUDE,
}
