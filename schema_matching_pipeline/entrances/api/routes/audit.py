"""The audit: what changed, who did it and why; written by the database alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.pagination import MOST, USUAL
from schema_matching_pipeline.model.audit import AuditEvent, AuditVerification
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.workflows.read_audit import list_audit, verify_audit

router = APIRouter(prefix="/audit", tags=["audit"])


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
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Rows before this one.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = USUAL,
) -> AuditPage:
    """List what changed, the newest first."""
    found = list_audit(world, actor, client=client, limit=limit, before=before)
    return AuditPage(items=found, next_before=found[-1].seq if len(found) == limit else None)


@router.get("/verify")
def verify(world: TheWorld, actor: TheActor) -> AuditVerification:
    """Tell whether the chain of the tenant's rows is whole: none edited, deleted, swapped or cut off."""
    return verify_audit(world, actor)
