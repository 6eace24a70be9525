"""Fields of a client's canonical model by words that somebody types."""

from __future__ import annotations

from schema_matching_pipeline.canon.field_search import FoundField, find_fields
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def search_fields(
    world: World, actor: Actor, client: str, words: str, *, most: int
) -> tuple[FoundField, ...]:
    """The fields that the words may mean, the likeliest first.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        canonical = unit.canonical.get(unit.clients.get(client).canonical_model)
    return find_fields(canonical, words, most=most)
