"""The values a tenant has learned, known by their hashes alone, and a person's word about those nobody verified."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require, require_whole_tenant
from schema_matching_pipeline.model.registry import LearnedValue, ValueState
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def list_learned(
    world: World, actor: Actor, entity: str, *, pending: bool = False
) -> tuple[LearnedValue, ...]:
    """What is known of an entity's fields, value by value; only what nobody verified yet where asked."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        return unit.value_bank.values(entity, pending=pending)


def decide_learned(
    world: World, actor: Actor, value_id: int, state: ValueState, reason: str = ""
) -> LearnedValue:
    """The value as verified or rejected; what a field looks like follows with the next publication.

    Raises:
        NotAllowedError: the actor may not decide about the whole tenant.
        UnknownNameError: the tenant knows no such value.
        StaleDecisionError: it was decided otherwise.
    """
    require_whole_tenant(actor, Permission.DECIDE)
    with open_as(world, actor, reason=reason or None) as unit:
        return unit.value_bank.decide_value(value_id, state)
