"""The audit of a tenant: its newest rows, and whether the chain is whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from schema_matching_pipeline.model.access import Actor, Permission, is_theirs, require, require_whole_tenant
from schema_matching_pipeline.model.audit import AuditEvent, AuditVerification, Change, PersonsAct
from schema_matching_pipeline.model.ids import ClientId, TenantId
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline.workflows.world import World


def list_audit(
    world: World, actor: Actor, *, client: str | None, limit: int, before: int | None = None
) -> tuple[AuditEvent, ...]:
    """The newest audit rows of the actor's tenant, or those ``before`` one, newest first.

    Of an item that he is to decide unaware of what others said, it is not told who did what since it was opened.
    """
    if client is None:
        require_whole_tenant(actor, Permission.READ)
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        events = unit.audit.list(limit=limit, client=client, before=before)
        withheld = unit.reviews.withheld({event.item for event in events if event.item})
    return tuple(event.withheld if _is_among(event, withheld, actor) else event for event in events)


def _is_among(event: AuditEvent, withheld: Mapping[str, datetime], actor: Actor) -> bool:
    """Whether the row tells of what another person did to an item about which the actor is to decide unaware of it."""
    opened_at = withheld.get(event.item or "")
    is_his = event.actor == actor.login or event.actor.startswith("system:")
    return opened_at is not None and event.at >= opened_at and not is_his


def last_change(world: World, actor: Actor) -> int:
    """The number of the newest audit row of the actor's tenant."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        return unit.audit.last()


def changes_since(world: World, actor: Actor, seq: int) -> tuple[Change, ...]:
    """What changed after that audit row, of what the actor has to do with.

    Raises:
        NotAllowedError: the actor's session has ended, or he may act no more.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        unit.users.acting()
        changes = unit.audit.since(seq)
    return tuple(one for one in changes if one.client is None or is_theirs(actor, ClientId(one.client)))


def acts_since(world: World, tenant: TenantId, seq: int | None) -> tuple[int, tuple[PersonsAct, ...]]:
    """What people of a tenant did after that audit row, and the row up to which this goes; nothing without a row."""
    with world.registry.open(tenant, RunStamp().actor) as unit:
        last = unit.audit.last()
        return last, unit.audit.acts(seq) if seq is not None else ()


def verify_audit(world: World, actor: Actor) -> AuditVerification:
    """Whether the tenant's chain of audit rows is whole."""
    require(actor, Permission.READ)
    return world.registry.verify_audit(actor.tenant_id)
