"""Puts together all that a run may know."""

from __future__ import annotations

from schema_matching_pipeline.canon.value_bank import packaged_values
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.knowledge import Knowledge, RejectedPair
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.model.trust import Thresholds
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import effective_thresholds, standing_refusals, with_raised
from schema_matching_pipeline.workflows.world import World


def gather_knowledge(world: World, unit: UnitOfWork, client: str) -> Knowledge:
    """The canonical schema, the client's thresholds and what earlier decisions taught, as one frozen value."""
    record = unit.clients.get(client)
    canonical = unit.canonical.get(record.canonical_model)
    return Knowledge(
        canonical=canonical,
        thresholds=thresholds_of(world, unit, record, canonical),
        variants=unit.value_bank.variants(),
        field_values=(*unit.value_bank.field_values(), *packaged_values(canonical, world.hash_value)),
        examples=unit.value_bank.examples(exclude_client=client),
        past_mappings=unit.value_bank.past_mappings(exclude_client=client),
        rejected_pairs=_refusals(unit, client, canonical),
        refused_before=unit.value_bank.refused(exclude_client=client),
        reviewed=unit.reviews.reviewed_suggestions(client),
    )


def _refusals(unit: UnitOfWork, client: str, canonical: CanonicalSchema) -> tuple[RejectedPair, ...]:
    """What people refused and may not be suggested as the columns are now."""
    pairs = unit.reviews.rejected_pairs(client)
    if not any(pair.drifted for pair in pairs):
        return pairs  # a profile of thousands of columns takes its time
    profile, report = unit.profiles.current(client), unit.quality.current(client)
    return standing_refusals(
        pairs,
        canonical,
        profile.by_ref() if profile else {},
        report.by_ref() if report else {},
        unit.profiles.fingerprints(client),
    )


def client_thresholds(world: World, unit: UnitOfWork, client: str) -> Thresholds:
    """The client's effective thresholds alone."""
    record = unit.clients.get(client)
    return thresholds_of(world, unit, record, unit.canonical.get(record.canonical_model))


def thresholds_of(
    world: World, unit: UnitOfWork, record: ClientRecord, canonical: CanonicalSchema
) -> Thresholds:
    """The thresholds of a client under its model. A run goes by the trust profile and the thresholds it began under, whatever becomes of the client meanwhile."""
    run = unit.runs.latest_or_none(record.slug)
    profile = run.trust_profile if run else record.trust_profile
    configured = effective_thresholds(world.trust, profile, canonical)
    return with_raised(configured, unit.trust.raised(record.slug, run.started_at if run else None))
