"""Every column of a client as the registry holds it."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.matching import MappedColumn
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def list_mappings(world: World, actor: Actor, client: str) -> tuple[MappedColumn, ...]:
    """The client's columns with their fields and dispositions, by table and column.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        unit.clients.get(client)
        found = unit.mappings.current(client)
    return tuple(sorted(found, key=lambda mapped: (mapped.ref.table, mapped.ref.column)))
