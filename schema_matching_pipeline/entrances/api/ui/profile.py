"""A client's newest profile, as the page that ``smp profile --html`` writes: looked at, or taken as a file."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.reports.profiled.page import render_profile
from schema_matching_pipeline.entrances.reports.profiled.view import view_profile
from schema_matching_pipeline.workflows.show_profile import ShownProfile, export_profile, show_profile

router = APIRouter()

# The page is one file, with its style and plots in it and no script at all.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


@router.get("/clients/{client}/profile")
def profile(world: TheWorld, actor: TheActor, client: str) -> HTMLResponse:
    """The profile, with values masked as they are kept."""
    page = _rendered(show_profile(world, actor, client), back=f"/clients/{client}")
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


@router.get("/clients/{client}/profile.html")
def export(world: TheWorld, actor: TheActor, client: str) -> HTMLResponse:
    """The same as a file to keep; the audit says who took it."""
    page = _rendered(export_profile(world, actor, client, "html"), back=None)
    saved = {"Content-Disposition": f'attachment; filename="{client}-profile.html"'}
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY, **saved})


def _rendered(found: ShownProfile, *, back: str | None) -> str:
    view = view_profile(found.client.name, found.taken_at, found.profile, found.report, dict(found.scores))
    return render_profile(view, back=back)
