"""Confidence against threshold: what goes through by itself, and what a person must look at, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldRef, RiskClass
from schema_matching_pipeline.model.classification import Classification, Verdict
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.matching import (
    Correspondence,
    Disposition,
    MappingProposal,
)
from schema_matching_pipeline.model.policy import ReviewPolicy
from schema_matching_pipeline.model.quality import EvidenceFact, QualityLabel, QualityReport
from schema_matching_pipeline.model.registry import StandingApproval
from schema_matching_pipeline.model.review import (
    DecisionKind,
    ItemKind,
    QualityDecision,
    ReviewItem,
    ReviewQueue,
    RoutedColumn,
)
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import EntityThreshold, Thresholds
from schema_matching_pipeline.model.validation import Finding, FindingStatus, ValidationReport
from schema_matching_pipeline.review.approval import (
    NO_TARGET,
    approval_hash,
    column_anchor,
    quality_hash,
    waiver_hash,
)
from schema_matching_pipeline.review.exclusion import is_excluded, standing_decisions

_ACCEPTED = frozenset({Disposition.AUTO_ACCEPTED, Disposition.APPROVED})


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
    quality_decisions: Iterable[QualityDecision],
    validation: ValidationReport | None,
    policy: ReviewPolicy,
) -> ReviewQueue:
    """A disposition for every column and an item for every doubt; same inputs, same items.

    ``approvals`` are the standing ones by their hash, ``fingerprints`` the content fingerprint of every
    column. A column has at most one open item besides those of its failed validations.
    """
    case = _Case(
        proposal=proposal,
        report=report,
        classification=classification,
        thresholds=thresholds,
        canonical=canonical,
        data_types=data_types,
        fingerprints=fingerprints,
        approvals=tuple(approvals.values()),
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


@dataclass(frozen=True)
class _Column:
    """One column on its way: what is to become of it, and the items it raises."""

    routed: RoutedColumn
    items: tuple[ReviewItem, ...] = ()

    @property
    def claim(self) -> FieldRef | None:
        """The field it fills without anybody looking any more."""
        return self.routed.target if self.routed.disposition in _ACCEPTED else None


@dataclass(frozen=True, kw_only=True)
class _Case:
    """Everything routing looks at, with what is looked up often kept by column."""

    proposal: MappingProposal
    report: QualityReport
    classification: Classification
    thresholds: Thresholds
    canonical: CanonicalSchema
    data_types: Mapping[ColumnRef, str]
    fingerprints: Mapping[ColumnRef, str]
    approvals: tuple[StandingApproval, ...]
    quality_decisions: tuple[QualityDecision, ...]
    validation: ValidationReport | None
    policy: ReviewPolicy

    @cached_property
    def refs(self) -> tuple[ColumnRef, ...]:
        """Every column that was profiled or proposed, each once, in order."""
        profiled = (label.ref for label in self.report.labels)
        return tuple(dict.fromkeys((*profiled, *self.correspondences)))

    @cached_property
    def labels(self) -> dict[ColumnRef, QualityLabel]:
        return self.report.by_ref()

    @cached_property
    def correspondences(self) -> dict[ColumnRef, Correspondence]:
        return self.proposal.by_ref()

    @cached_property
    def verdicts(self) -> dict[ColumnRef, Verdict]:
        return self.classification.by_ref()

    @cached_property
    def decided_quality(self) -> dict[ColumnRef, DecisionKind]:
        return standing_decisions(self.report, self.quality_decisions)

    @cached_property
    def approvals_of(self) -> dict[ColumnRef, list[StandingApproval]]:
        found: dict[ColumnRef, list[StandingApproval]] = defaultdict(list)
        for approval in sorted(self.approvals, key=lambda approval: approval.decided_at, reverse=True):
            found[approval.ref].append(approval)
        return found

    @cached_property
    def failures(self) -> dict[ColumnRef, list[Finding]]:
        found: dict[ColumnRef, list[Finding]] = defaultdict(list)
        for finding in self.validation.findings if self.validation else ():
            if finding.status is FindingStatus.FAILED:
                found[finding.ref].append(finding)
        return found

    @cached_property
    def taken(self) -> dict[str, set[FieldRef]]:
        """Fields that some column of a table is proposed for, by table."""
        found: dict[str, set[FieldRef]] = defaultdict(set)
        for ref, correspondence in self.correspondences.items():
            if correspondence.target and correspondence.confidence >= self.thresholds.review_floor:
                found[ref.table].add(correspondence.target)
        return found

    @cached_property
    def definitions(self) -> dict[FieldRef, str]:
        return {ref: self.canonical.definition_hash(ref) for ref in self.canonical.refs()}

    def hash_of(self, ref: ColumnRef, target: FieldRef | None, correspondence: Correspondence | None) -> str:
        """The approval hash of one column to one target by the proposed rule."""
        definition = self.definitions.get(target, NO_TARGET) if target else NO_TARGET
        return approval_hash(self.anchor(ref), definition, correspondence.rule if correspondence else None)

    def anchor(self, ref: ColumnRef) -> str:
        label = self.labels.get(ref)
        return column_anchor(
            ref, self.data_types.get(ref, ""), label.label if label else None, self.fingerprints.get(ref, "")
        )

    def quality_hash(self, label: QualityLabel) -> str:
        return quality_hash(label.ref, label.label, self.anchor(label.ref))

    def threshold(self, target: FieldRef) -> EntityThreshold:
        return self.thresholds.of(target.entity)


def _route_column(case: _Case, ref: ColumnRef) -> _Column:
    """A person's word first, then quality, then confidence."""
    label = case.labels.get(ref)
    if label is not None and case.decided_quality.get(ref) is DecisionKind.EXCLUDE:
        return _excluded(case, label, "a person")
    approval = _standing_approval(case, ref)
    if approval is not None:
        return _carried_over(case, approval)
    if label is not None and is_excluded(label, case.thresholds.profile, case.decided_quality):
        return _excluded(case, label, f"trust profile {case.thresholds.profile.name}")
    if label is not None and label.flagged and ref not in case.decided_quality:
        return _quality_doubt(case, label)
    return _asked_again(case, ref) if _decisions(case, ref) else _proposed(case, ref)


def _excluded(case: _Case, label: QualityLabel, who: str) -> _Column:
    reason = f"left out by {who}: {label.label} ({label.reason})"
    routed = _settled(case, label.ref, Disposition.EXCLUDED, 0.0, reason)
    return _Column(routed.but(approval_hash=case.quality_hash(label)))


def _quality_doubt(case: _Case, label: QualityLabel) -> _Column:
    """A flagged column under a profile that leaves nothing out by itself."""
    correspondence = case.correspondences.get(label.ref)
    target = correspondence.target if correspondence else None
    threshold = case.thresholds.of(target.entity if target else None)
    reason = f"the column looks {label.label}: {label.reason}"
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
    return _Column(routed, (item,))


def _standing_approval(case: _Case, ref: ColumnRef) -> StandingApproval | None:
    """The newest decision about a column whose hash still follows from what the column is today.

    A person who overrides was shown one field and chose another; the hash may speak of either, so every
    field of the model may have been the one shown. A flagged column may have been asked about its quality.
    """
    return next(
        (
            approval
            for approval in _decisions(case, ref)
            if _target_exists(case, approval.target) and approval.approval_hash in _hashes(case, approval)
        ),
        None,
    )


def _decisions(case: _Case, ref: ColumnRef) -> list[StandingApproval]:
    """What people decided about the column's target, newest first."""
    return [approval for approval in case.approvals_of.get(ref, ()) if not _says_to_use(case, approval)]


def _hashes(case: _Case, approval: StandingApproval) -> Iterator[str]:
    """Every hash that a decision about the column as it is today could have, the likeliest first."""
    anchor, label = case.anchor(approval.ref), case.labels.get(approval.ref)
    if label is not None and label.flagged:
        yield case.quality_hash(label)
    correspondence = case.correspondences.get(approval.ref)
    rules = dict.fromkeys((approval.rule, correspondence.rule if correspondence else None, None))
    likely = (approval.target, correspondence.target if correspondence else None)
    first = (case.definitions[target] for target in likely if target in case.definitions)
    for definition in (*first, NO_TARGET, *case.definitions.values()):
        for rule in rules:
            yield approval_hash(anchor, definition, rule)


def _target_exists(case: _Case, target: FieldRef | None) -> bool:
    return target is None or target in case.definitions


def _says_to_use(case: _Case, approval: StandingApproval) -> bool:
    """Whether it only says that a flagged column is to be used, and not yet for what."""
    label = case.labels.get(approval.ref)
    asked_quality = label is not None and approval.approval_hash == case.quality_hash(label)
    included = case.decided_quality.get(approval.ref) is DecisionKind.INCLUDE
    return approval.target is None and asked_quality and included


def _carried_over(case: _Case, approval: StandingApproval) -> _Column:
    if approval.target is None:
        reason = f"maps to nothing, as {approval.decided_by} decided"
        routed = _settled(case, approval.ref, Disposition.UNMAPPED, 1.0, reason)
        return _Column(routed.but(approval_hash=approval.approval_hash))
    return _Column(
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


def _asked_again(case: _Case, ref: ColumnRef) -> _Column:
    """A column that is not what somebody decided about any more: however sure the matcher is, a person looks."""
    column, correspondence = _proposed(case, ref), case.correspondences.get(ref)
    last = _decisions(case, ref)[0]
    target = column.routed.target or last.target
    if correspondence is None or target is None or not _target_exists(case, target):
        return column
    decided = (
        f"{last.decided_by} chose {last.target or 'no field'}, and the column or the field changed since"
    )
    return _mapping_doubt(case, correspondence, target, f"{decided}; {column.routed.reason}")


def _proposed(case: _Case, ref: ColumnRef) -> _Column:
    correspondence = case.correspondences.get(ref)
    floor = case.thresholds.review_floor
    if correspondence is None:
        return _unmapped(case, ref, 0.0, "nothing was proposed for it")
    target, confidence = correspondence.target, correspondence.confidence
    if target is None:
        return _unmapped(case, ref, confidence, correspondence.explanation or "no field fits")
    if confidence < floor:
        words = comparison(confidence, floor)
        return _unmapped(case, ref, confidence, f"confidence {words}, the review floor")
    threshold = case.threshold(target)
    needs = threshold.effective_threshold
    if confidence < needs:
        words = f"confidence {comparison(confidence, needs)}, which {target.entity} ({threshold.risk_class}) needs"
        return _mapping_doubt(case, correspondence, target, words)
    words = f"confidence {confidence:.2f} reaches {needs:.2f}, which {target.entity} ({threshold.risk_class}) needs"
    return _Column(_routed(case, correspondence, target, Disposition.AUTO_ACCEPTED, words))


def comparison(had: float, needed: float) -> str:
    """A figure that is too low beside what it should be, with as many digits as it takes to see it.

    >>> comparison(0.83, 0.97), comparison(0.9699, 0.97)
    ('0.83 is below 0.97', '0.9699 is below 0.9700')
    """
    for digits in (2, 4, 8):
        if f"{had:.{digits}f}" != f"{needed:.{digits}f}":
            return f"{had:.{digits}f} is below {needed:.{digits}f}"
    return f"{had!r} is below {needed!r}"


def _mapping_doubt(case: _Case, correspondence: Correspondence, target: FieldRef, reason: str) -> _Column:
    routed = _routed(case, correspondence, target, Disposition.PENDING_REVIEW, reason)
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
    )
    return _Column(routed, (item,))


def _objections(correspondence: Correspondence) -> tuple[EvidenceFact, ...]:
    return tuple(EvidenceFact(name="objection", value=text) for text in correspondence.objections)


def _unmapped(case: _Case, ref: ColumnRef, confidence: float, reason: str) -> _Column:
    routed = _settled(case, ref, Disposition.UNMAPPED, confidence, reason)
    verdict = case.verdicts.get(ref)
    if verdict is None or not _worth_asking(case, verdict):
        return _Column(routed)
    return _meaning_doubt(case, routed, verdict)


def _worth_asking(case: _Case, verdict: Verdict) -> bool:
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


def _meaning_doubt(case: _Case, routed: RoutedColumn, verdict: Verdict) -> _Column:
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
    )
    return _Column(routed.but(reason=reason), (item,))


def _settled(
    case: _Case, ref: ColumnRef, disposition: Disposition, confidence: float, reason: str
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


def _routed(
    case: _Case, correspondence: Correspondence, target: FieldRef, disposition: Disposition, reason: str
) -> RoutedColumn:
    return RoutedColumn(
        ref=correspondence.ref,
        disposition=disposition,
        target=target,
        confidence=correspondence.confidence,
        required_threshold=case.threshold(target).effective_threshold,
        reason=reason,
        approval_hash=case.hash_of(correspondence.ref, target, correspondence),
    )


def _without_rival_claims(case: _Case, columns: list[_Column]) -> list[_Column]:
    """Where several columns would fill a field that admits one source, a person chooses."""
    claims: dict[FieldRef, list[ColumnRef]] = defaultdict(list)
    for column in columns:
        if column.claim is not None and _admits_one(case, column.claim):
            claims[column.claim].append(column.routed.ref)
    return [_contested(case, column, claims) for column in columns]


def _admits_one(case: _Case, target: FieldRef) -> bool:
    field = case.canonical.field(target)
    return field is not None and field.one_source


def _contested(case: _Case, column: _Column, claims: Mapping[FieldRef, list[ColumnRef]]) -> _Column:
    if column.routed.disposition is not Disposition.AUTO_ACCEPTED or column.claim is None:
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
    return _mapping_doubt(case, case.correspondences[column.routed.ref], column.claim, reason)


def _with_validation(case: _Case, column: _Column) -> _Column:
    """Adds an item for every failed finding; what a risk class demands is not accepted without a person."""
    routed = column.routed
    if routed.target is None:
        return column
    failures = [finding for finding in case.failures.get(routed.ref, ()) if finding.target == routed.target]
    demanded = [finding for finding in failures if finding.demanded]
    if demanded and routed.disposition is Disposition.AUTO_ACCEPTED:
        threshold = case.threshold(routed.target)
        reason = f"a check that {routed.target.entity} ({threshold.risk_class}) demands failed: {demanded[0].message}"
        column = _mapping_doubt(case, case.correspondences[routed.ref], routed.target, reason)
    return _Column(
        column.routed, (*column.items, *(_failed_validation(case, routed, finding) for finding in failures))
    )


def _failed_validation(case: _Case, routed: RoutedColumn, finding: Finding) -> ReviewItem:
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
