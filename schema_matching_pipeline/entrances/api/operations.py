"""What a machine asks that keeps the service running."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Response

from schema_matching_pipeline.entrances.api.dependencies import TheWorld
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.workflows.readiness import Readiness, readiness

router = APIRouter(tags=["operations"])


class Health(Frozen):
    """The process answers."""

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """Tell whether the process answers at all; it asks nothing of the database."""
    return Health()


@router.get("/readyz", responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Readiness}})
def readyz(world: TheWorld, response: Response) -> Readiness:
    """Tell whether the database, its schema and the orchestrator do their work, and if not, why; 503 then."""
    found = readiness(world)
    if not found.ready:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return found
