"""Why a client is not in production: what holds its gates, or where that is very much, how much of what."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.review import GateState
from schema_matching_pipeline.registry.repositories.standing import WaitingItems
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World

FEW = 500  # items that are looked at one by one


class WhyHeld(Frozen):
    """What waits of which kind and risk class; the gate with everything that holds it, None where that is too much to tell."""

    waiting: tuple[WaitingItems, ...]
    gate: GateState | None

    @property
    def items(self) -> int:
        """How many items wait."""
        return sum(each.items for each in self.waiting)


def why_held(world: World, actor: Actor, client: str) -> WhyHeld:
    """What keeps the client from production.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        slug = unit.clients.get(client).slug
        waiting = unit.standing.waiting(slug)
        many = sum(each.items for each in waiting) > FEW
        return WhyHeld(waiting=waiting, gate=None if many else unit.publications.gate(slug))
