"""Three jobs, each ending at a gate: no run waits for a person, none spans a gate."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from schema_matching_pipeline.model.pipeline import Phase, RequestKind

_PROPOSED = (
    Phase.COLUMN_PROFILES,
    Phase.QUALITY_LABELS,
    Phase.CLASSIFICATIONS,
    Phase.MAPPINGS,
    Phase.VALIDATION_REPORTS,
)

_DECIDED = (Phase.QUALITY_LABELS, Phase.CLASSIFICATIONS, Phase.MAPPINGS)
"""Phases whose checks look different once people have decided."""


EMBEDDINGS = "mapping_embeddings"
"""The asset that follows the publication, and is no phase: no pipeline waits for it or fails with it."""


def _with_checks(*phases: Phase) -> dg.AssetSelection:
    return dg.AssetSelection.assets(*(str(phase) for phase in phases))


def _only_checks(*phases: Phase) -> dg.AssetSelection:
    return dg.AssetSelection.checks_for_assets(*(str(phase) for phase in phases))


propose = dg.define_asset_job(
    "propose",
    selection=_with_checks(*_PROPOSED),
    description="From the source to the review queue. Ends at the review gate.",
)

validate = dg.define_asset_job(
    "validate",
    selection=_with_checks(Phase.VALIDATION_REPORTS) | _only_checks(*_DECIDED),
    description="Once the queue is empty: validates what the decisions changed. Ends at the final gate.",
)

release = dg.define_asset_job(
    "release",
    selection=_with_checks(Phase.PUBLISHED_MAPPINGS)
    | _only_checks(*_DECIDED, Phase.VALIDATION_REPORTS)
    | dg.AssetSelection.assets(EMBEDDINGS),
    description="Publishes what is approved at the newest version, once both gates are open; then embeds it.",
)

JOBS = [propose, validate, release]

PHASES_OF_JOB: Mapping[str, tuple[Phase, ...]] = {
    propose.name: _PROPOSED,
    validate.name: (Phase.VALIDATION_REPORTS,),
    release.name: (Phase.PUBLISHED_MAPPINGS,),
}
"""The phases of each segment, in their order."""

JOB_OF_REQUEST: Mapping[RequestKind, str] = {
    RequestKind.ONBOARD: propose.name,
    RequestKind.REPROFILE: propose.name,
    RequestKind.VALIDATE: validate.name,
    RequestKind.RELEASE: release.name,
    RequestKind.PROFILE: propose.name,
    RequestKind.CLASSIFY: propose.name,
    RequestKind.MATCH: propose.name,
}
"""Which segment answers which request."""

PHASES_ALONE: Mapping[RequestKind, tuple[Phase, ...]] = {
    RequestKind.PROFILE: (Phase.COLUMN_PROFILES, Phase.QUALITY_LABELS),
    RequestKind.CLASSIFY: (Phase.CLASSIFICATIONS,),
    RequestKind.MATCH: (Phase.MAPPINGS,),
}
"""Which phases of its segment a request is about, where that is not all of them."""
