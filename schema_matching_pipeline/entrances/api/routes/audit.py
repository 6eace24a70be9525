"""The audit: what changed, who did it and why; written by the database alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.pagination import MOST, USUAL, WantedPage, page_of
from schema_matching_pipeline.model.audit import (
    Action,
    AuditEvent,
    AuditFilter,
    AuditVerification,
    Kind,
    RegistryRow,
    Subject,
)
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import Page
from schema_matching_pipeline.workflows.read_audit import list_audit, registry_as_of, verify_audit

router = APIRouter(prefix="/audit", tags=["audit"])


class AsOfPage(Page[RegistryRow]):
    """Some rows as they stood ``at`` a time; ``withheld`` are not told while another person is to decide."""

    at: AwareDatetime
    kind: Kind
    withheld: int


class AuditPage(Frozen):
    """Some rows, the newest first; ``next_before`` asks for those that follow, and is null at the end.

    Rows are added all the time, so that a page by its number would show some of them twice.
    """

    items: tuple[AuditEvent, ...]
    next_before: int | None


@router.get("")
def audit(
    world: TheWorld,
    actor: TheActor,
    client: Annotated[ClientId | None, Query(description="Of one client.", examples=["acme"])] = None,
    by: Annotated[
        str | None, Query(alias="actor", max_length=200, description="By this person.", examples=["ada"])
    ] = None,
    subject: Annotated[
        Subject | None, Query(description="Of this kind.", examples=["review_actions"])
    ] = None,
    action: Annotated[Action | None, Query(description="Of this action.", examples=["decided"])] = None,
    since: Annotated[
        AwareDatetime | None, Query(description="From this time on.", examples=["2026-11-20T00:00:00Z"])
    ] = None,
    until: Annotated[
        AwareDatetime | None, Query(description="Before this time.", examples=["2026-11-21T00:00:00Z"])
    ] = None,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Rows before this one.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = USUAL,
) -> AuditPage:
    """List what changed, the newest first; what is asked for together holds together.

    What others did to an item that you are to decide unaware of it is not found by their names.
    """
    asked = AuditFilter(actor=by, subject=subject, action=action, since=since, until=until)
    found = list_audit(world, actor, client=client, limit=limit, before=before, asked=asked)
    return AuditPage(items=found, next_before=found[-1].seq if len(found) == limit else None)


@router.get("/verify")
def verify(world: TheWorld, actor: TheActor) -> AuditVerification:
    """Tell whether the chain of the tenant's rows is whole: none edited, deleted, swapped or cut off."""
    return verify_audit(world, actor)


@router.get("/as-of")
def as_of(
    world: TheWorld,
    actor: TheActor,
    which: WantedPage,
    at: Annotated[AwareDatetime, Query(description="When.", examples=["2026-11-20T12:00:00Z"])],
    kind: Annotated[Kind, Query(description="Which rows.")] = "field_mappings",
    client: Annotated[ClientId | None, Query(description="Of one client.", examples=["acme"])] = None,
) -> AsOfPage:
    """Tell the registry as it stood at a time, out of the audit: the rows of one kind, by key.

    Rows of items that you are to decide unaware of what others said are left out, and counted.
    """
    then = registry_as_of(world, actor, at=at, kind=kind, client=client)
    return AsOfPage(**dict(page_of(then.rows, which)), at=then.at, kind=kind, withheld=then.withheld)
