"""All clients of a tenant with what people want to see of each."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, is_theirs, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class ClientLine(Frozen):
    """One client in a list: its state, how many items wait, and the version in production."""

    client: ClientRecord
    trust_profile: str
    state: str
    waiting: int
    published: int | None


def list_clients(world: World, actor: Actor) -> tuple[ClientLine, ...]:
    """The clients of the actor's tenant that the actor has to do with, by name."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        briefs = {brief.client: brief for brief in unit.standing.brief()}
        return tuple(
            ClientLine(
                client=record,
                trust_profile=record.trust_profile or world.trust.default_trust_profile,
                state=briefs[record.slug].state,
                waiting=briefs[record.slug].waiting,
                published=briefs[record.slug].published,
            )
            for record in unit.clients.list()
            if is_theirs(actor, record.slug)
        )


def show_record(world: World, actor: Actor, client: ClientId) -> ClientRecord:
    """One client as it was added and changed since.

    Raises:
        NotAllowedError: the actor has nothing to do with the client.
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        return unit.clients.get(client)


def name_clients(world: World, actor: Actor) -> tuple[ClientRecord, ...]:
    """The same clients with nothing but what they are, which takes no time."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        return tuple(record for record in unit.clients.list() if is_theirs(actor, record.slug))
