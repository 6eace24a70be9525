"""The first page: every client, where it stands, what waits for whom, and how far it is covered."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.workflows.overview import overview

router = APIRouter()


@router.get("/")
def clients(request: Request, world: TheWorld, actor: TheActor) -> Response:
    """All clients of the tenant that the person has to do with."""
    given = {"clients": overview(world, actor), "now": world.clock.now()}
    return shown(request, "overview.html", given, actor=actor)
