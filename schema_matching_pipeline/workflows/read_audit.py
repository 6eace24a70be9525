"""The audit of a tenant: its newest rows, and whether the chain is whole."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require, require_whole_tenant
from schema_matching_pipeline.model.audit import AuditEvent, AuditVerification
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def list_audit(world: World, actor: Actor, *, client: str | None, limit: int) -> tuple[AuditEvent, ...]:
    """The newest audit rows of the actor's tenant, newest first."""
    if client is None:
        require_whole_tenant(actor, Permission.READ)
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        return unit.audit.list(limit=limit, client=client)


def verify_audit(world: World, actor: Actor) -> AuditVerification:
    """Whether the tenant's chain of audit rows is whole."""
    require(actor, Permission.READ)
    return world.registry.verify_audit(actor.tenant_id)
