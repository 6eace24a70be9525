"""Canonical models of a tenant: import, list, show."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require, require_whole_tenant
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.registry import CanonicalSummary
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def import_canonical(world: World, actor: Actor, schema: CanonicalSchema) -> CanonicalSummary:
    """Stores a canonical model; the same content again changes nothing, other content makes a new version."""
    require_whole_tenant(actor, Permission.MANAGE_CLIENTS)
    with open_as(world, actor) as unit:
        unit.canonical.put(schema)
        return next(model for model in unit.canonical.list() if model.name == schema.name)


def list_canonical(world: World, actor: Actor) -> tuple[CanonicalSummary, ...]:
    """The newest version of every canonical model of the tenant."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        return unit.canonical.list()


def show_canonical(world: World, actor: Actor, name: str) -> CanonicalSchema:
    """The newest version of one canonical model.

    Raises:
        UnknownNameError: there is none of that name.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        return unit.canonical.get(name)
