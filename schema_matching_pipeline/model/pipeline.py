"""The ten states of a client's pipeline and the transitions between them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import RunId


class PipelineState(StrEnum):
    """Where a client's pipeline stands."""

    PENDING = "pending"
    PROFILING = "profiling"
    QUALITY_CHECK = "quality_check"
    CLASSIFYING = "classifying"
    MATCHING = "matching"
    VALIDATING = "validating"
    AWAITING_REVIEW = "awaiting_review"
    AWAITING_APPROVAL = "awaiting_approval"
    COMPLETED = "completed"
    FAILED = "failed"


class Phase(StrEnum):
    """The phases of a run, named as their assets."""

    COLUMN_PROFILES = "column_profiles"
    QUALITY_LABELS = "quality_labels"
    CLASSIFICATIONS = "classifications"
    MAPPINGS = "mappings"
    VALIDATION_REPORTS = "validation_reports"
    PUBLISHED_MAPPINGS = "published_mappings"


_S = PipelineState
_WORKING = (_S.PROFILING, _S.QUALITY_CHECK, _S.CLASSIFYING, _S.MATCHING, _S.VALIDATING)

# A phase may start again from any later state (a single asset can be materialised by hand) and any state but
# the end may fail; waiting follows validation, approval follows review, completion follows approval.
TRANSITIONS: dict[PipelineState, frozenset[PipelineState]] = {
    _S.PENDING: frozenset({_S.PROFILING, _S.FAILED}),
    _S.PROFILING: frozenset({_S.PROFILING, _S.QUALITY_CHECK, _S.FAILED}),
    _S.QUALITY_CHECK: frozenset({_S.QUALITY_CHECK, _S.PROFILING, _S.CLASSIFYING, _S.FAILED}),
    _S.CLASSIFYING: frozenset({_S.CLASSIFYING, _S.PROFILING, _S.QUALITY_CHECK, _S.MATCHING, _S.FAILED}),
    _S.MATCHING: frozenset(
        {_S.MATCHING, _S.PROFILING, _S.QUALITY_CHECK, _S.CLASSIFYING, _S.VALIDATING, _S.FAILED}
    ),
    _S.VALIDATING: frozenset({*_WORKING, _S.AWAITING_REVIEW, _S.AWAITING_APPROVAL, _S.FAILED}),
    _S.AWAITING_REVIEW: frozenset({*_WORKING, _S.AWAITING_REVIEW, _S.AWAITING_APPROVAL, _S.FAILED}),
    _S.AWAITING_APPROVAL: frozenset(
        {*_WORKING, _S.AWAITING_REVIEW, _S.AWAITING_APPROVAL, _S.COMPLETED, _S.FAILED}
    ),
    _S.COMPLETED: frozenset({*_WORKING, _S.AWAITING_REVIEW, _S.AWAITING_APPROVAL, _S.COMPLETED, _S.FAILED}),
    _S.FAILED: frozenset({*_WORKING, _S.PENDING, _S.AWAITING_REVIEW, _S.AWAITING_APPROVAL, _S.FAILED}),
}

STATE_OF_PHASE: dict[Phase, PipelineState] = {
    Phase.COLUMN_PROFILES: _S.PROFILING,
    Phase.QUALITY_LABELS: _S.QUALITY_CHECK,
    Phase.CLASSIFICATIONS: _S.CLASSIFYING,
    Phase.MAPPINGS: _S.MATCHING,
    Phase.VALIDATION_REPORTS: _S.VALIDATING,
}


def may_follow(present: PipelineState, wanted: PipelineState) -> bool:
    """Whether a pipeline in the present state may become the wanted one."""
    return wanted in TRANSITIONS[present]


class RequestKind(StrEnum):
    """What somebody asked the orchestrator to run."""

    ONBOARD = "onboard"
    REPROFILE = "reprofile"
    VALIDATE = "validate"
    RELEASE = "release"
    PROFILE = "profile"  # these three: single phases
    CLASSIFY = "classify"
    MATCH = "match"


class PipelineRun(Frozen):
    """One pipeline run of a client, as people see it."""

    id: RunId
    client: str
    state: PipelineState
    trust_profile: str
    phase: Phase | None = None
    dagster_run_id: str | None = None
    failed_phase: Phase | None = None
    error_code: str | None = None
    error: str | None = None
    started_at: datetime | None = None
    updated_at: datetime | None = None


class WorkItem(Frozen):
    """Something the orchestrator must launch, exactly once per ``run_key``."""

    client: str
    tenant_id: str
    kind: RequestKind
    run_key: str
    pipeline_run_id: str | None = None
    attempt: int = 1
    trace_id: str | None = None
