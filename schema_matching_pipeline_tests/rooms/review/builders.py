"""Values for review tests that say only what matters to the test."""

from __future__ import annotations

from datetime import UTC, datetime

from schema_matching_pipeline.model.canonical import (
    CanonicalEntity,
    CanonicalField,
    CanonicalSchema,
    FieldRef,
    RiskClass,
)
from schema_matching_pipeline.model.classification import Classification, Verdict, VerdictSource
from schema_matching_pipeline.model.matching import Candidate, Correspondence, MappingProposal
from schema_matching_pipeline.model.policy import ReviewPolicy
from schema_matching_pipeline.model.quality import LabelName, QualityLabel, QualityReport
from schema_matching_pipeline.model.registry import StandingApproval
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import EntityThreshold, Thresholds, TrustProfile
from schema_matching_pipeline.model.validation import Finding, FindingStatus, ValidationReport
from schema_matching_pipeline.review import route

LIBRARY = CanonicalSchema(
    name="library",
    entities=(
        CanonicalEntity(
            name="reader",
            risk_class=RiskClass.CRITICAL,
            fields=(
                CanonicalField(name="reader_id", primary_key=True, required=True),
                CanonicalField(name="surname", required=True),
                CanonicalField(name="born", semantic_type="birth_date"),
                CanonicalField(name="phone", one_source=False),
            ),
        ),
        CanonicalEntity(
            name="note",
            risk_class=RiskClass.OPTIONAL,
            fields=(CanonicalField(name="text"), CanonicalField(name="day", required=True)),
        ),
    ),
)


def column(name="c", table="people"):
    return ColumnRef(table=table, column=name)


def field(text="reader.surname"):
    entity, name = text.split(".")
    return FieldRef(entity=entity, field=name)


def a_profile(*, exclude=True):
    return TrustProfile(
        name="standard",
        auto_accept_threshold=0.9,
        review_required_before_production=True,
        auto_exclude_flagged_columns=exclude,
        auto_verify_high_occurrence_values=False,
    )


def thresholds(*, exclude=True, floor=0.5):
    return Thresholds(
        profile=a_profile(exclude=exclude),
        review_floor=floor,
        entities=(
            EntityThreshold(
                entity="reader",
                risk_class=RiskClass.CRITICAL,
                effective_threshold=0.97,
                validation_required=True,
            ),
            EntityThreshold(
                entity="note",
                risk_class=RiskClass.OPTIONAL,
                effective_threshold=0.9,
                validation_required=False,
            ),
        ),
    )


def suggests(target, confidence, ref=None, **more):
    """One correspondence; ``target`` None says that nothing fits."""
    wanted = field(target) if target else None
    candidates = (Candidate(target=wanted, confidence=confidence),) if wanted else ()
    return Correspondence(
        ref=ref or column(), target=wanted, confidence=confidence, candidates=candidates, **more
    )


def a_label(label=LabelName.GOOD, ref=None):
    return QualityLabel(ref=ref or column(), label=label, confidence=0.9, reason="0 of 10 rows filled")


def a_verdict(semantic_type, confidence, entity="reader", ref=None):
    return Verdict(
        ref=ref or column(),
        semantic_type=semantic_type,
        entity=entity,
        confidence=confidence,
        source=VerdictSource.RULES,
        reasons=("its name says so",),
    )


def a_finding(target="reader.surname", status=FindingStatus.FAILED, ref=None, **more):
    return Finding(
        **{
            "code": "REQUIRED_MISSING",
            "status": status,
            "ref": ref or column(),
            "target": field(target),
            "expectation_id": "e1",
            "message": "12 of 100 values are missing",
            "tested": 100,
            "failed": 12,
            "demanded": True,
            **more,
        }
    )


def an_approval(item, target="same", when=1, **more):
    """What the registry keeps after somebody decided an item."""
    wanted = item.target if target == "same" else field(target) if target else None
    return StandingApproval(
        approval_hash=item.approval_hash,
        ref=item.ref,
        target=wanted,
        shown_rule=item.rule,
        decided_by="os:ann",
        decided_at=datetime(2030, 1, when, tzinfo=UTC),
        **more,
    )


def routed(*correspondences, **given):
    """A queue for these correspondences; every column is good and unchanged unless the test says otherwise."""
    labels = given.get("labels", tuple(a_label(ref=one.ref) for one in correspondences))
    refs = [label.ref for label in labels]
    approvals = given.get("approvals", ())
    return route(
        MappingProposal(correspondences=correspondences, canonical_digest="d", knowledge_version="k"),
        QualityReport(labels=labels),
        Classification(verdicts=given.get("verdicts", ())),
        given.get("thresholds", thresholds()),
        canonical=given.get("canonical", LIBRARY),
        data_types=given.get("data_types", dict.fromkeys(refs, "text")),
        fingerprints=given.get("fingerprints", dict.fromkeys(refs, "f1")),
        approvals={approval.approval_hash: approval for approval in approvals},
        in_force=given.get("in_force", ()),
        quality_decisions=given.get("quality_decisions", ()),
        validation=ValidationReport(findings=given["findings"]) if "findings" in given else None,
        policy=ReviewPolicy(),
    )
