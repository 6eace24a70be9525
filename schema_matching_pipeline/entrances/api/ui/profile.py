"""A client's newest profile, as the page that ``smp profile --html`` writes."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.reports.profiled.page import render_profile
from schema_matching_pipeline.entrances.reports.profiled.view import view_profile
from schema_matching_pipeline.workflows.show_profile import export_profile

router = APIRouter()

# The page is one file, with its style and plots in it and no script at all.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


@router.get("/clients/{client}/profile")
def profile(world: TheWorld, actor: TheActor, client: str) -> HTMLResponse:
    """The profile, with values masked as they are kept; one file with all in it, and so audited as one that leaves."""
    found = export_profile(world, actor, client, "html")
    view = view_profile(found.client.name, found.taken_at, found.profile, found.report, dict(found.scores))
    text = render_profile(view, back=f"/clients/{client}")
    return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY})
