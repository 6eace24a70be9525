"""Confidence against threshold: what goes through by itself, and what a person must look at, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from schema_matching_pipeline.canon.figures import compared
from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldRef
from schema_matching_pipeline.model.classification import Classification, Verdict
from schema_matching_pipeline.model.matching import (
    Correspondence,
    Disposition,
    MappingInForce,
    MappingProposal,
)
from schema_matching_pipeline.model.policy import ReviewPolicy
from schema_matching_pipeline.model.quality import LabelName, QualityLabel, QualityReport
from schema_matching_pipeline.model.registry import StandingApproval
from schema_matching_pipeline.model.review import (
    DecisionKind,
    QualityDecision,
    ReviewQueue,
    RoutedColumn,
)
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import Thresholds
from schema_matching_pipeline.model.validation import ValidationReport
from schema_matching_pipeline.review.case import RoutingCase
from schema_matching_pipeline.review.doubt import (
    ColumnRoute,
    comparison,
    failed_validation,
    mapping_doubt,
    meaning_doubt,
    quality_doubt,
    routed_to,
    settled,
)
from schema_matching_pipeline.review.exclusion import is_excluded
from schema_matching_pipeline.review.standing import (
    Change,
    change_since_settled,
    gone_source,
    standing_approval,
    target_exists,
)


def route(  # noqa: PLR0913 - every argument is one thing that routing depends on, and nothing else is
    proposal: MappingProposal,
    report: QualityReport,
    classification: Classification,
    thresholds: Thresholds,
    *,
    canonical: CanonicalSchema,
    data_types: Mapping[ColumnRef, str],
    fingerprints: Mapping[ColumnRef, str],
    approvals: Mapping[str, StandingApproval],
    in_force: Iterable[MappingInForce],
    quality_decisions: Iterable[QualityDecision],
    validation: ValidationReport | None,
    policy: ReviewPolicy,
) -> ReviewQueue:
    """A disposition for every column and an item for every doubt; same inputs, same items.

    ``approvals`` are the standing ones by their hash, ``fingerprints`` the content fingerprint of every
    column, ``in_force`` what is in production. A column has at most one open item besides those of its failed validations.
    """
    case = RoutingCase(
        proposal=proposal,
        report=report,
        classification=classification,
        thresholds=thresholds,
        canonical=canonical,
        data_types=data_types,
        fingerprints=fingerprints,
        approvals=tuple(approvals.values()),
        in_force=tuple(in_force),
        quality_decisions=tuple(quality_decisions),
        validation=validation,
        policy=policy,
    )
    routed = _without_rival_claims(case, [_route_column(case, ref) for ref in case.refs])
    tested = [_with_validation(case, column) for column in routed]
    return ReviewQueue(
        columns=tuple(column.routed for column in tested),
        items=tuple(item for column in tested for item in column.items),
    )


def _route_column(case: RoutingCase, ref: ColumnRef) -> ColumnRoute:
    """A person's word first, then quality, then confidence.

    A trust profile leaves flagged columns out, but none without a word that fills a field or was given one.
    """
    label = case.labels.get(ref)
    if label is not None and case.decided_quality.get(ref) is DecisionKind.EXCLUDE:
        return _excluded(case, label, "a person")
    approval = standing_approval(case, ref)
    if approval is not None:
        return _carried_over(case, approval)
    change = change_since_settled(case, ref)
    if label is not None and is_excluded(label, case.thresholds.profile, case.decided_quality):
        if change is not None and change.target is not None:
            return quality_doubt(case, label, f"{change.reason}; ")
        return _excluded(case, label, f"trust profile {case.thresholds.profile.name}")
    if label is not None and label.flagged and ref not in case.decided_quality:
        return quality_doubt(case, label)
    return _proposed(case, ref) if change is None else _asked_again(case, ref, change)


def _excluded(case: RoutingCase, label: QualityLabel, who: str) -> ColumnRoute:
    reason = f"left out by {who}: {label.label} ({label.reason})"
    routed = settled(case, label.ref, Disposition.EXCLUDED, 0.0, reason)
    return ColumnRoute(routed.but(approval_hash=case.quality_hash(label)))


def _carried_over(case: RoutingCase, approval: StandingApproval) -> ColumnRoute:
    if approval.target is None:
        reason = f"maps to nothing, as {approval.decided_by} decided"
        routed = settled(case, approval.ref, Disposition.UNMAPPED, 1.0, reason)
        return ColumnRoute(routed.but(approval_hash=approval.approval_hash))
    return ColumnRoute(
        RoutedColumn(
            ref=approval.ref,
            disposition=Disposition.APPROVED,
            target=approval.target,
            confidence=1.0,
            required_threshold=case.threshold(approval.target).effective_threshold,
            reason=f"approved by {approval.decided_by}; nothing changed since",
            approval_hash=approval.approval_hash,
        )
    )


def _asked_again(case: RoutingCase, ref: ColumnRef, change: Change) -> ColumnRoute:
    """A column that is not any more what was settled: however sure the matcher is, a person looks."""
    column, correspondence = _proposed(case, ref), case.correspondences.get(ref)
    target = column.routed.target or change.target
    if correspondence is None or target is None or not target_exists(case, target):
        return column
    return mapping_doubt(case, correspondence, target, f"{change.reason}; {column.routed.reason}")


def _proposed(case: RoutingCase, ref: ColumnRef) -> ColumnRoute:
    correspondence = case.correspondences.get(ref)
    floor = case.thresholds.review_floor
    if correspondence is None:
        return _unmapped(case, ref, 0.0, "nothing was proposed for it")
    target, confidence = correspondence.target, correspondence.confidence
    if target is None:
        return _unmapped(case, ref, confidence, correspondence.explanation or "no field fits")
    if confidence < floor and not correspondence.question:
        words = comparison(confidence, floor)
        return _unmapped(case, ref, confidence, f"confidence {words}, the review floor")
    threshold = case.threshold(target)
    needs = threshold.effective_threshold
    if confidence < needs:
        words = f"confidence {comparison(confidence, needs)}, which {target.entity} ({threshold.risk_class}) needs"
        asked = f"{correspondence.question}; {words}" if correspondence.question else words
        return mapping_doubt(case, correspondence, target, asked)
    doubt = None if correspondence.at_rest else _doubt_of_a_sure_one(case, correspondence, target)
    if doubt is not None:
        return mapping_doubt(case, correspondence, target, doubt)
    had, needed = compared(confidence, needs)
    words = f"confidence {had} reaches {needed}, which {target.entity} ({threshold.risk_class}) needs"
    return ColumnRoute(routed_to(case, correspondence, target, Disposition.AUTO_ACCEPTED, words))


def _doubt_of_a_sure_one(case: RoutingCase, correspondence: Correspondence, target: FieldRef) -> str | None:
    """Why a person looks at a suggestion however sure it is; None where nobody has to."""
    if correspondence.rule and correspondence.rule.computed:
        return correspondence.question
    gone = gone_source(case, target)
    if gone is not None:
        return f"in production {target} comes from {gone}, which is gone"
    label = case.labels.get(correspondence.ref)
    if label is not None and label.label is LabelName.MISUSED:
        return f"it is used though its values contradict its name, so a person says what it holds: {label.reason}"
    return None


def _unmapped(case: RoutingCase, ref: ColumnRef, confidence: float, reason: str) -> ColumnRoute:
    routed = settled(case, ref, Disposition.UNMAPPED, confidence, reason)
    verdict = case.verdicts.get(ref)
    correspondence = case.correspondences.get(ref)
    rests = correspondence is not None and correspondence.at_rest
    if verdict is None or rests or not _worth_asking(case, verdict):
        return ColumnRoute(routed)
    return meaning_doubt(case, routed, verdict)


def _worth_asking(case: RoutingCase, verdict: Verdict) -> bool:
    """A meaning is asked about when it is likely, not sure, and some free field of its entity holds just that.

    Knowing the meaning of a column that no field wants would change nothing.
    """
    if verdict.semantic_type is None or verdict.entity is None:
        return False
    entity = case.canonical.entity(verdict.entity)
    if entity is None:
        return False
    needed = case.thresholds.of(verdict.entity).effective_threshold
    likely = case.thresholds.review_floor <= verdict.confidence < needed
    wanted = {
        FieldRef(entity=entity.name, field=field.name)
        for field in entity.fields
        if field.semantic_type == verdict.semantic_type
    }
    return likely and bool(wanted - case.taken[verdict.ref.table])


def _without_rival_claims(case: RoutingCase, columns: list[ColumnRoute]) -> list[ColumnRoute]:
    """Where several columns would fill a field that admits one source, a person chooses."""
    claims: dict[FieldRef, list[ColumnRef]] = defaultdict(list)
    for column in columns:
        if column.claim is not None and _admits_one(case, column.claim):
            claims[column.claim].append(column.routed.ref)
    return [_contested(case, column, claims) for column in columns]


def _admits_one(case: RoutingCase, target: FieldRef) -> bool:
    field = case.canonical.field(target)
    return field is not None and field.one_source


def _contested(
    case: RoutingCase, column: ColumnRoute, claims: Mapping[FieldRef, list[ColumnRef]]
) -> ColumnRoute:
    if column.routed.disposition is not Disposition.AUTO_ACCEPTED or column.claim is None:
        return column
    if case.correspondences[column.routed.ref].at_rest:
        return column
    rivals = [str(ref) for ref in claims.get(column.claim, ()) if ref != column.routed.ref]
    if not rivals:
        return column
    named = ", ".join(rivals[: case.policy.rivals_named])
    more = (
        f" and {len(rivals) - case.policy.rivals_named} more"
        if len(rivals) > case.policy.rivals_named
        else ""
    )
    reason = f"{column.claim} admits one source, and {named}{more} claims it as well"
    return mapping_doubt(case, case.correspondences[column.routed.ref], column.claim, reason)


def _with_validation(case: RoutingCase, column: ColumnRoute) -> ColumnRoute:
    """Adds an item for every failed finding; what a risk class demands is not accepted without a person."""
    routed = column.routed
    if routed.target is None:
        return column
    failures = [finding for finding in case.failures.get(routed.ref, ()) if finding.target == routed.target]
    demanded = [finding for finding in failures if finding.demanded]
    if demanded and routed.disposition is Disposition.AUTO_ACCEPTED:
        threshold = case.threshold(routed.target)
        reason = f"a check that {routed.target.entity} ({threshold.risk_class}) demands failed: {demanded[0].message}"
        column = mapping_doubt(case, case.correspondences[routed.ref], routed.target, reason)
    return ColumnRoute(
        column.routed, (*column.items, *(failed_validation(case, routed, finding) for finding in failures))
    )
