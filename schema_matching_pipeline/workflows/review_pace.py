"""How fast a person accepts what is suggested, told to nobody else."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.review import ReviewPace
from schema_matching_pipeline.review import is_hasty
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def own_pace(world: World, actor: Actor) -> ReviewPace:
    """How many of the actor's last decisions, made one by one, accepted a suggestion within a moment."""
    require(actor, Permission.READ)
    policy = world.policies.review
    with open_as(world, actor) as unit:
        pace = unit.reviews.pace(actor.login, last=policy.pace_decisions, within_seconds=policy.pace_seconds)
    return pace.but(hasty=is_hasty(pace, policy))
