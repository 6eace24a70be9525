"""Everything routing looks at about one client, with what is looked up often kept by column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldRef
from schema_matching_pipeline.model.classification import Classification, Verdict
from schema_matching_pipeline.model.matching import (
    Correspondence,
    MappingInForce,
    MappingProposal,
)
from schema_matching_pipeline.model.policy import ReviewPolicy
from schema_matching_pipeline.model.quality import QualityLabel, QualityReport
from schema_matching_pipeline.model.registry import StandingApproval
from schema_matching_pipeline.model.review import (
    DecisionKind,
    QualityDecision,
)
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import EntityThreshold, Thresholds
from schema_matching_pipeline.model.validation import Finding, FindingStatus, ValidationReport
from schema_matching_pipeline.review.approval import (
    NO_TARGET,
    approval_hash,
    column_anchor,
    quality_hash,
)
from schema_matching_pipeline.review.exclusion import standing_decisions


@dataclass(frozen=True, kw_only=True)
class RoutingCase:
    """Everything routing looks at, with what is looked up often kept by column."""

    proposal: MappingProposal
    report: QualityReport
    classification: Classification
    thresholds: Thresholds
    canonical: CanonicalSchema
    data_types: Mapping[ColumnRef, str]
    fingerprints: Mapping[ColumnRef, str]
    approvals: tuple[StandingApproval, ...]
    in_force: tuple[MappingInForce, ...]
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
        """The quality label of every profiled column."""
        return self.report.by_ref()

    @cached_property
    def correspondences(self) -> dict[ColumnRef, Correspondence]:
        """What is proposed for each column."""
        return self.proposal.by_ref()

    @cached_property
    def verdicts(self) -> dict[ColumnRef, Verdict]:
        """What each column was classified as."""
        return self.classification.by_ref()

    @cached_property
    def decided_quality(self) -> dict[ColumnRef, DecisionKind]:
        """What people said about the use of flagged columns, where it still holds."""
        return standing_decisions(self.report, self.quality_decisions)

    @cached_property
    def approvals_of(self) -> dict[ColumnRef, list[StandingApproval]]:
        """Each column's standing decisions, the newest first."""
        found: dict[ColumnRef, list[StandingApproval]] = defaultdict(list)
        for approval in sorted(self.approvals, key=lambda approval: approval.decided_at, reverse=True):
            found[approval.ref].append(approval)
        return found

    @cached_property
    def failures(self) -> dict[ColumnRef, list[Finding]]:
        """Each column's failed findings."""
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
        """The definition hash of every field of the model."""
        return {ref: self.canonical.definition_hash(ref) for ref in self.canonical.refs()}

    def hash_of(self, ref: ColumnRef, target: FieldRef | None, correspondence: Correspondence | None) -> str:
        """The approval hash of one column to one target by the proposed rule."""
        definition = self.definitions.get(target, NO_TARGET) if target else NO_TARGET
        return approval_hash(self.anchor(ref), definition, correspondence.rule if correspondence else None)

    def anchor(self, ref: ColumnRef) -> str:
        """The column's part of every hash a decision about it is bound to."""
        label = self.labels.get(ref)
        return column_anchor(
            ref, self.data_types.get(ref, ""), label.label if label else None, self.fingerprints.get(ref, "")
        )

    def quality_hash(self, label: QualityLabel) -> str:
        """The hash of an answer to whether a flagged column is to be used."""
        return quality_hash(label.ref, label.label, self.anchor(label.ref))

    def threshold(self, target: FieldRef) -> EntityThreshold:
        """What an entity demands of a field of it."""
        return self.thresholds.of(target.entity)
