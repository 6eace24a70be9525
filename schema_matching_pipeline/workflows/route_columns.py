"""Decides for every column whether it goes through, waits for a person, or is left out."""

from __future__ import annotations

from schema_matching_pipeline.model.matching import MappingProposal
from schema_matching_pipeline.model.review import ReviewQueue
from schema_matching_pipeline.model.validation import ValidationReport
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import route, with_derived_columns
from schema_matching_pipeline.workflows.classify_columns import current_classification
from schema_matching_pipeline.workflows.gather_knowledge import client_thresholds
from schema_matching_pipeline.workflows.label_columns import current_profile, current_report
from schema_matching_pipeline.workflows.world import World


def route_columns(
    world: World,
    unit: UnitOfWork,
    client: str,
    *,
    proposal: MappingProposal,
    validation: ValidationReport | None,
) -> ReviewQueue:
    """A disposition for every column and an item for every doubt, with earlier decisions in force."""
    return route(
        proposal,
        current_report(unit, client),
        current_classification(unit, client),
        client_thresholds(world, unit, client),
        canonical=unit.canonical.get(unit.clients.get(client).canonical_model),
        data_types={ref: column.data_type for ref, column in current_profile(unit, client).by_ref().items()},
        fingerprints=with_derived_columns(unit.profiles.fingerprints(client), proposal.correspondences),
        approvals={approval.approval_hash: approval for approval in unit.reviews.standing_approvals(client)},
        in_force=unit.publications.in_force(client),
        quality_decisions=unit.reviews.quality_decisions(client),
        validation=validation,
        policy=world.policies.review,
    )
