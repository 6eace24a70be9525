"""Logins reach the audit after they were answered, so that nobody who logs in waits for who writes there."""

from __future__ import annotations

import structlog

from schema_matching_pipeline.errors import RegistryBusyError, SmpError
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.workflows.world import World

_log = structlog.get_logger("smp.audit")


def carry_logins(world: World) -> int:
    """Brings what is kept of logins, and due, into the audit of each tenant; how many rows that were.

    A tenant of which somebody holds the end of the audit, or whose logins the registry refuses, is left for the next
    time; the others go on.
    """
    return sum(_carried(world, tenant) for tenant in world.registry.tenants_with_logins())


def _carried(world: World, tenant: TenantId) -> int:
    try:
        with world.registry.open(tenant, "system:logins") as unit:
            return unit.sessions.carry_logins()
    except RegistryBusyError:
        _log.info("logins_wait", tenant_id=tenant)
    except SmpError as fault:  # whatever the registry makes of a statement that it refuses
        _log.error("logins_refused", tenant_id=tenant, code=fault.code)
    return 0
