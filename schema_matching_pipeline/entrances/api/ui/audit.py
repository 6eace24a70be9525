"""The audit as a page: who changed what, when and why, and whether the chain is whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.workflows.list_clients import name_clients
from schema_matching_pipeline.workflows.read_audit import list_audit, verify_audit

router = APIRouter()

FIRST, MOST = 100, 2000


@router.get("/audit")
def audit(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    client: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = FIRST,
) -> Response:
    """The newest changes, of one client or of all that the person may see."""
    clients = name_clients(world, actor)
    whole = actor.clients is None
    chosen = client or ("" if whole or not clients else clients[0].slug)
    events = list_audit(world, actor, client=chosen or None, limit=limit + 1) if chosen or whole else ()
    given = {
        "events": events[:limit],
        "more": min(limit * 4, MOST) if len(events) > limit and limit < MOST else 0,
        "clients": clients,
        "chosen": chosen,
        "whole": whole,
        "limit": limit,
    }
    return shown(request, "audit.html", given, actor=actor)


@router.post("/audit/verify")
def verified(request: Request, world: TheWorld, actor: TheActor) -> Response:
    """Whether every row is as it was written, and none is missing."""
    return shown(request, "part/verified.html", {"found": verify_audit(world, actor)}, actor=actor)
