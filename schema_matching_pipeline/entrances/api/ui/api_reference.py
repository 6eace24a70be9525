"""The REST interface for a person to read: made from the OpenAPI document, subject by subject."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheInstallation
from schema_matching_pipeline.entrances.api.reference import Reference, reference_of
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.errors import UnknownNameError

router = APIRouter(prefix="/api/docs")


@router.get("")
def index(request: Request, served: TheInstallation, actor: TheActor) -> Response:
    """Every route with what it does and needs, and what all of them have in common."""
    given = {
        "reference": _reference(request, served.settings.desk_address),
        "desk": served.settings.desk_address,
    }
    return shown(request, "reference.html", given, actor=actor)


@router.get("/{subject}")
def one(request: Request, served: TheInstallation, actor: TheActor, subject: str) -> Response:
    """The routes of one subject, each with what it takes and gives and with an example."""
    reference = _reference(request, served.settings.desk_address)
    found = reference.subject(subject)
    if found is None:
        raise UnknownNameError("subject", subject, (each.slug for each in reference.subjects))
    given = {"reference": reference, "subject": found, "things": {each.name for each in found.things}}
    return shown(request, "reference_subject.html", given, actor=actor)


def _reference(request: Request, address: str) -> Reference:
    """What the app describes of itself, read once."""
    state = request.app.state
    if not hasattr(state, "reference"):
        state.reference = reference_of(request.app.openapi(), address)
    found: Reference = state.reference
    return found
