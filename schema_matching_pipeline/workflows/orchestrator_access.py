"""Who sees the orchestrator's own pages, which know neither people nor tenants."""

from __future__ import annotations

from enum import StrEnum

from schema_matching_pipeline.errors import NotAllowedError
from schema_matching_pipeline.model.access import Actor, Permission, permissions_of, require_whole_tenant
from schema_matching_pipeline.workflows.world import World


class OrchestratorAccess(StrEnum):
    """How much of it: all, or nothing that changes anything."""

    FULL = "full"
    VIEW = "view"


def orchestrator_access(world: World, actor: Actor, tenant: str) -> OrchestratorAccess:
    """All of it for whoever may run pipelines, the view for others of the ``tenant`` that keeps the installation.

    It shows the clients of every tenant.

    Raises:
        NotAllowedError: the person is of another tenant, or confined to some clients.
    """
    require_whole_tenant(actor, Permission.READ)
    if actor.tenant_id != world.registry.tenant_by_name(tenant):
        raise NotAllowedError(
            f"{actor.login} may not see Dagster's pages: they show every tenant, and are for people of {tenant!r} alone."
        )
    may_run = Permission.RUN_PIPELINE in permissions_of(actor)
    return OrchestratorAccess.FULL if may_run else OrchestratorAccess.VIEW
