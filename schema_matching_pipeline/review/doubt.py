"""One column on its way through routing, and the questions it raises: one function a kind of doubt."""

from __future__ import annotations

from dataclasses import dataclass

from schema_matching_pipeline.canon.figures import compared
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.classification import Verdict
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.matching import (
    Correspondence,
    Disposition,
)
from schema_matching_pipeline.model.quality import EvidenceFact, QualityLabel
from schema_matching_pipeline.model.review import (
    OBJECTION,
    ItemKind,
    ReviewItem,
    RoutedColumn,
)
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import Finding
from schema_matching_pipeline.review.approval import (
    waiver_hash,
)
from schema_matching_pipeline.review.case import RoutingCase

_ACCEPTED = frozenset({Disposition.AUTO_ACCEPTED, Disposition.APPROVED})


@dataclass(frozen=True)
class ColumnRoute:
    """One column on its way: what is to become of it, and the items it raises."""

    routed: RoutedColumn
    items: tuple[ReviewItem, ...] = ()

    @property
    def claim(self) -> FieldRef | None:
        """The field it fills without anybody looking any more."""
        return self.routed.target if self.routed.disposition in _ACCEPTED else None


def settled(
    case: RoutingCase, ref: ColumnRef, disposition: Disposition, confidence: float, reason: str
) -> RoutedColumn:
    """A column without a target."""
    return RoutedColumn(
        ref=ref,
        disposition=disposition,
        target=None,
        confidence=confidence,
        required_threshold=case.thresholds.review_floor,
        reason=reason,
        approval_hash=case.hash_of(ref, None, None),
    )


def routed_to(
    case: RoutingCase, correspondence: Correspondence, target: FieldRef, disposition: Disposition, reason: str
) -> RoutedColumn:
    """A column with the field proposed for it."""
    return RoutedColumn(
        ref=correspondence.ref,
        disposition=disposition,
        target=target,
        confidence=correspondence.confidence,
        required_threshold=case.threshold(target).effective_threshold,
        reason=reason,
        approval_hash=case.hash_of(correspondence.ref, target, correspondence),
    )


def quality_doubt(case: RoutingCase, label: QualityLabel, before: str = "") -> ColumnRoute:
    """A flagged column that the profile does not leave out by itself; ``before`` says what it was until now."""
    correspondence = case.correspondences.get(label.ref)
    target = correspondence.target if correspondence else None
    threshold = case.thresholds.of(target.entity if target else None)
    reason = f"{before}the column looks {label.label}: {label.reason}"
    asked = case.quality_hash(label)
    item = ReviewItem(
        id=_item_id(ItemKind.QUALITY, label.ref, target, asked),
        kind=ItemKind.QUALITY,
        ref=label.ref,
        target=target,
        risk_class=threshold.risk_class,
        reason=reason,
        needed=threshold.effective_threshold,
        had=label.confidence,
        candidates=correspondence.candidates if correspondence else (),
        facts=label.facts,
        approval_hash=asked,
    )
    routed = RoutedColumn(
        ref=label.ref,
        disposition=Disposition.PENDING_REVIEW,
        target=target,
        confidence=correspondence.confidence if correspondence else 0.0,
        required_threshold=threshold.effective_threshold,
        reason=reason,
        approval_hash=asked,
    )
    return ColumnRoute(routed, (item,))


def mapping_doubt(
    case: RoutingCase, correspondence: Correspondence, target: FieldRef, reason: str
) -> ColumnRoute:
    """A suggestion that a person has to confirm."""
    routed = routed_to(case, correspondence, target, Disposition.PENDING_REVIEW, reason)
    threshold = case.threshold(target)
    item = ReviewItem(
        id=_item_id(ItemKind.MAPPING, correspondence.ref, target, routed.approval_hash),
        kind=ItemKind.MAPPING,
        ref=correspondence.ref,
        target=target,
        risk_class=threshold.risk_class,
        reason=reason,
        needed=threshold.effective_threshold,
        had=correspondence.confidence,
        candidates=correspondence.candidates,
        facts=_objections(correspondence),
        approval_hash=routed.approval_hash,
        rule=correspondence.rule,
    )
    return ColumnRoute(routed, (item,))


def _objections(correspondence: Correspondence) -> tuple[EvidenceFact, ...]:
    return tuple(EvidenceFact(name=OBJECTION, value=text) for text in correspondence.objections)


def meaning_doubt(case: RoutingCase, routed: RoutedColumn, verdict: Verdict) -> ColumnRoute:
    """A likely meaning for which no field was found."""
    threshold = case.thresholds.of(verdict.entity)
    needed = threshold.effective_threshold
    correspondence = case.correspondences.get(verdict.ref)
    reason = (
        f"it looks like {verdict.semantic_type}, but no field was found; confidence "
        f"{comparison(verdict.confidence, needed)}, which {verdict.entity} ({threshold.risk_class}) needs"
    )
    item = ReviewItem(
        id=_item_id(ItemKind.CLASSIFICATION, verdict.ref, None, routed.approval_hash),
        kind=ItemKind.CLASSIFICATION,
        ref=verdict.ref,
        risk_class=threshold.risk_class,
        reason=reason,
        needed=needed,
        had=verdict.confidence,
        candidates=correspondence.candidates if correspondence else (),
        facts=tuple(EvidenceFact(name="because", value=text) for text in verdict.reasons),
        approval_hash=routed.approval_hash,
        rule=correspondence.rule if correspondence else None,
    )
    return ColumnRoute(routed.but(reason=reason), (item,))


def failed_validation(case: RoutingCase, routed: RoutedColumn, finding: Finding) -> ReviewItem:
    """The question whether to live with a check that failed on the data."""
    threshold = case.threshold(finding.target)
    four_eyes = finding.demanded and threshold.risk_class is RiskClass.CRITICAL
    asked = waiver_hash(routed.approval_hash, finding.expectation_id)
    return ReviewItem(
        id=_item_id(ItemKind.VALIDATION, routed.ref, finding.target, asked),
        kind=ItemKind.VALIDATION,
        ref=routed.ref,
        target=finding.target,
        risk_class=threshold.risk_class,
        reason=finding.message,
        needed=1.0,
        had=1.0 - finding.failed / finding.tested if finding.tested else 0.0,
        facts=_finding_facts(finding),
        expectation_id=finding.expectation_id,
        required_approvals=case.policy.four_eyes_approvals if four_eyes else 1,
        approval_hash=asked,
    )


def _finding_facts(finding: Finding) -> tuple[EvidenceFact, ...]:
    counts = EvidenceFact(name="failed", value=f"{finding.failed:,} of {finding.tested:,}")
    samples = (EvidenceFact(name="sample", value=sample.text) for sample in finding.samples)
    return (counts, *samples)


def _item_id(kind: ItemKind, ref: ColumnRef, target: FieldRef | None, *more: str) -> str:
    """Depends on what is asked, never on how sure anybody was, so that a re-run asks nothing twice."""
    return content_id("item", kind, ref.table, ref.column, target or "", *more)


def comparison(had: float, needed: float) -> str:
    """A figure that is too low beside what it should be.

    >>> comparison(0.83, 0.97), comparison(0.9699, 0.97)
    ('0.83 is below 0.97', '0.96 is below 0.97')
    """
    return "{} is below {}".format(*compared(had, needed))
