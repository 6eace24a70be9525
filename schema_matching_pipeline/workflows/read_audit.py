"""The audit of a tenant: its newest rows, and whether the chain is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from schema_matching_pipeline.canon.signed_lines import broken, signed
from schema_matching_pipeline.errors import UnknownNameError, UsageError
from schema_matching_pipeline.model.access import Actor, Permission, is_theirs, require, require_whole_tenant
from schema_matching_pipeline.model.audit import (
    KINDS,
    AuditEvent,
    AuditFilter,
    AuditRow,
    AuditVerification,
    Change,
    PersonsAct,
    RegistryThen,
    item_in,
)
from schema_matching_pipeline.model.ids import ClientId, TenantId
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline.workflows.world import Progress, World, silent

_EXPORTED_AT_ONCE = 5_000
_ALL = AuditFilter()


def list_audit(
    world: World,
    actor: Actor,
    *,
    client: str | None,
    limit: int,
    before: int | None = None,
    asked: AuditFilter = _ALL,
) -> tuple[AuditEvent, ...]:
    """The newest audit rows of the actor's tenant, or those ``before`` one, newest first; of what is ``asked`` for.

    Of an item that he is to decide unaware of what others said, it is not told who did what since it was opened; nor are
    such rows found by who did it.

    Raises:
        UsageError: the time that is asked for ends before it begins.
    """
    if asked.since and asked.until and asked.since >= asked.until:
        raise UsageError(
            f"The time from {asked.since.isoformat()} until {asked.until.isoformat()} ends before it begins. Give an earlier start, or a later end."
        )
    if client is None:
        require_whole_tenant(actor, Permission.READ)
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        events = unit.audit.list(
            limit=limit, client=ClientId(client) if client else None, before=before, asked=asked
        )
        withheld = unit.reviews.withheld({event.item for event in events if event.item})
    return tuple(event.withheld if _is_among(event, withheld, actor) else event for event in events)


def export_audit(
    world: World, actor: Actor, client: str | None, progress: Progress = silent
) -> Iterator[str]:
    """The audit as lines to keep elsewhere: what this is, each row whole as JSON, and the installation's seal.

    Of one client where asked. That it leaves is written down before the seal is given. Of an item that the actor is to
    decide unaware of what others said, the line of a row says only that it is withheld.
    """
    if client is None:
        require_whole_tenant(actor, Permission.READ)
    require(actor, Permission.READ, client)
    return signed(
        _exported(world, actor, ClientId(client) if client else None, progress), world.registry.sign
    )


def _exported(world: World, actor: Actor, client: ClientId | None, progress: Progress) -> Iterator[str]:
    with open_as(world, actor) as unit:
        last = unit.audit.last()
    said = {
        "of": "smp audit",
        "client": client,
        "last": last,
        "by": actor.login,
        "at": world.clock.now().isoformat(),
    }
    yield json.dumps(said)
    after = count = 0
    while True:
        progress("audit", after, last)
        with open_as(world, actor) as unit:
            rows = unit.audit.whole(after=after, last=last, limit=_EXPORTED_AT_ONCE, client=client)
            withheld = unit.reviews.withheld({row.item for row in rows if row.item})
            if not rows:
                unit.audit.note_export(client, "audit", "jsonl", {"last": last}, count)
                return
        for row in rows:
            hidden = _is_among(row, withheld, actor)
            yield json.dumps({"seq": row.seq, "withheld": True}) if hidden else row.text
        after, count = rows[-1].seq, count + len(rows)


def verify_export(lines: Iterable[str], key: str | None = None) -> AuditVerification:
    """Whether an exported audit is as it was when it was signed; by the installation with that public key, where told."""
    seal, trouble = broken(lines)
    if seal and not trouble and key and seal.key != key.casefold():
        trouble = f"It is signed with the key {seal.key}, not with the one that was given."
    rows = max(seal.lines - 1, 0) if seal else 0
    told = (
        trouble
        or f"All {rows:,} rows are as they were exported, signed with the key {seal.key if seal else ''}."
    )
    return AuditVerification(rows=rows, intact=trouble is None, message=told)


def _is_among(event: AuditEvent | AuditRow, withheld: Mapping[str, datetime], actor: Actor) -> bool:
    """Whether the row tells of what another person did to an item about which the actor is to decide unaware of it."""
    opened_at = withheld.get(event.item or "")
    is_his = event.actor == actor.login or event.actor.startswith("system:")
    return opened_at is not None and event.at >= opened_at and not is_his


def registry_as_of(
    world: World, actor: Actor, *, at: datetime, kind: str, client: str | None
) -> RegistryThen:
    """The rows of one of ``KINDS`` as they stood at a time, as far as the audit tells; of one client where asked.

    Rows of an item that the actor is to decide unaware of what others said are left out, and counted.

    Raises:
        UnknownNameError: the audit keeps no such kind of rows, or nothing of a client that there is not now either.
        UsageError: the time is yet to come.
    """
    if client is None:
        require_whole_tenant(actor, Permission.READ)
    require(actor, Permission.READ, client)
    if kind not in KINDS:
        raise UnknownNameError("kind of row", kind, KINDS)
    if at > datetime.now(UTC):
        raise UsageError(f"{at.isoformat()} is yet to come. Give a time that has passed.")
    with open_as(world, actor) as unit:
        rows = unit.audit.as_of(at, kind, ClientId(client) if client else None)
        if client and not rows:
            unit.clients.get(client)
        items = [item_in(kind, row.key) for row in rows]
        withheld = unit.reviews.withheld({item for item in items if item})
    told = tuple(
        row
        for row, item in zip(rows, items, strict=True)
        if not item or item not in withheld or at < withheld[item]
    )
    return RegistryThen(at=at, kind=kind, rows=told, withheld=len(rows) - len(told))


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
