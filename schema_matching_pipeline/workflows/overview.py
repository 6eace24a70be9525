"""All clients side by side, for the first page."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.registry.repositories.standing import ClientStanding
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def overview(world: World, actor: Actor) -> tuple[ClientStanding, ...]:
    """Where the clients stand that the actor has to do with; those first that wait for people."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        return unit.standing.list(actor.clients)
