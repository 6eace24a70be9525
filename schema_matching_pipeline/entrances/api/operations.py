"""What a machine asks that keeps the service running."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from shutil import disk_usage
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from schema_matching_pipeline.entrances.api.dependencies import (
    TheInstallation,
    recognised,
    shown_by,
)
from schema_matching_pipeline.entrances.api.errors import FAULTS
from schema_matching_pipeline.entrances.api.exposition import exposed
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.settings import Feature
from schema_matching_pipeline.workflows.orchestrator_access import orchestrator_access
from schema_matching_pipeline.workflows.read_metrics import read_metrics
from schema_matching_pipeline.workflows.readiness import Readiness, readiness

ACCESS_HEADER = "X-SMP-Dagster"
MEGABYTE = 1_000_000

router = APIRouter(tags=["operations"])


class Health(Frozen):
    """The process answers."""

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """Tell whether the process answers at all; it asks nothing of the database."""
    return Health()


@router.get("/readyz", responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Readiness}})
def readyz(served: TheInstallation, response: Response) -> Readiness:
    """Tell whether the database, its schema and the orchestrator do their work and the disk has room, and if not, why; 503 then."""
    found = readiness(
        served.world,
        runs=Feature.PIPELINE in served.settings.on,
        free_bytes=_free_bytes(served.settings.home.absolute()),
        least_free_bytes=served.settings.least_free_megabytes * MEGABYTE,
    )
    if not found.ready:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return found


@router.get(
    "/metrics",
    response_class=Response,
    responses={**FAULTS, 200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(
    request: Request, served: TheInstallation, actor: Annotated[Actor, Depends(recognised)]
) -> Response:
    """Tell a monitoring system, in the text format of Prometheus, how fast answers are and how one's clients stand.

    A key of scope metrics is good for this and nothing else.
    """
    figures = exposed(request.app.state.answers, read_metrics(served.world, actor))
    return Response(figures, media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/access/dagster",
    status_code=HTTPStatus.NO_CONTENT,
    responses={401: {}, 403: {}},
    include_in_schema=False,
)
def dagster(served: TheInstallation, actor: Annotated[Actor, Depends(shown_by)]) -> Response:
    """Tell a proxy whether the person may see Dagster's UI, and in the header which one.

    A page of Dagster's asks for hundreds of things; they are no part of one's share of requests.
    """
    access = orchestrator_access(served.world, actor, served.settings.tenant)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers={ACCESS_HEADER: access})


def _free_bytes(home: Path) -> int:
    """What is free on the disk where the home is, or will be once something is kept there.

    >>> _free_bytes(Path("/not/made/yet")) > 0
    True
    """
    return disk_usage(next(place for place in (home, *home.parents) if place.exists())).free
