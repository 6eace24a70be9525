"""What a monitoring system may know of the clients of whoever it reads for."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.metrics import Metrics
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def read_metrics(world: World, actor: Actor) -> Metrics:
    """The figures of the actor's clients.

    Raises:
        NotAllowedError: the actor may not read them.
    """
    require(actor, Permission.READ_METRICS)
    with open_as(world, actor) as unit:
        return unit.measures.metrics(actor.clients)
