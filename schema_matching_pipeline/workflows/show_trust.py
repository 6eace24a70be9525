"""What trust a client is given: the thresholds its next proposal or its present run goes by."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.reliability import Guarantee
from schema_matching_pipeline.model.trust import Thresholds, TrustInForce
from schema_matching_pipeline.review import guarantee, unknown_entities
from schema_matching_pipeline.workflows.gather_knowledge import client_thresholds
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def show_trust(world: World, actor: Actor) -> TrustInForce:
    """The profiles and risk classes of the installation, and what decisions made of the tenant's thresholds."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        adjusted = unit.trust.newest_adjustments(actor.clients)
    return TrustInForce(**dict(world.trust), adjustments=adjusted)


def show_thresholds(world: World, actor: Actor, client: str) -> Thresholds:
    """The client's profile, and what each entity of its canonical model needs under it.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        return client_thresholds(world, unit, client)


def show_guarantee(
    world: World, actor: Actor, client: str, *, wanted_error: float, certainty: float, with_others: bool
) -> Guarantee:
    """Which bar holds an error rate, by what people decided about the client's suggestions so far.

    ``with_others``: decisions about all clients of its canonical model count, which the actor must be allowed to see.

    Raises:
        NotAllowedError: the actor may not see that.
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, None if with_others else client)
    with open_as(world, actor) as unit:
        unit.clients.get(client)
        floor = client_thresholds(world, unit, client).review_floor
        decided = unit.reviews.decided_suggestions(client, with_others=with_others)
    return guarantee(decided, wanted_error=wanted_error, certainty=certainty, floor=floor)


def unknown_everywhere(world: World, actor: Actor) -> tuple[str, ...]:
    """What the configuration says of entities that no canonical model of the tenant has: misspelt, most likely."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        models = [unit.canonical.get(summary.name) for summary in unit.canonical.list()]
    known = {entity.name for model in models for entity in model.entities}
    return unknown_entities(world.trust, sorted(known), "no canonical model has an")
