"""The sources of a tenant's clients, as people may see them."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import Page, SourceRecord
from schema_matching_pipeline.model.source import ConnectionTest, SourceAddress
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class SourceDetail(Frozen):
    """One source with the place of its data, which bears no credential."""

    source: SourceRecord
    location: str
    data_stays: bool


def list_sources(
    world: World,
    actor: Actor,
    *,
    kind: str | None = None,
    active: bool | None = None,
    client: ClientId | None = None,
    page: int = 1,
    size: int = 20,
) -> Page[SourceRecord]:
    """One page of the sources of the clients that the actor has to do with, by client.

    Raises:
        NotAllowedError: the actor has nothing to do with the client asked for.
        UnknownNameError: there is no such client.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        if client is not None:
            unit.clients.get(client)
        return unit.sources.list(
            client=client, among=actor.clients, kind=kind, active=active, page=page, size=size
        )


def check_source(world: World, actor: Actor, address: SourceAddress) -> ConnectionTest:
    """Whether a source answers and may be read; nothing is stored.

    Raises:
        NotAllowedError: the actor may not manage clients.
    """
    require(actor, Permission.MANAGE_CLIENTS)
    return world.sources.test(address)


def show_source(world: World, actor: Actor, client: ClientId) -> SourceDetail:
    """The source of one client.

    Raises:
        NotAllowedError: the actor has nothing to do with the client.
        UnknownNameError: there is no such client.
        SecretKeyError: the key at hand does not open the stored address.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        address = unit.sources.address(unit.clients.get(client).connection_id)
        return SourceDetail(
            source=unit.sources.list(client=client).items[0],
            location=address.shown,
            data_stays=address.data_stays,
        )
