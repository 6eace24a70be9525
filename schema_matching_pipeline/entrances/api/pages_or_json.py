"""Whether a request is a person's browser, who is shown a page, or a program, which is given JSON."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from schema_matching_pipeline.entrances.api.dependencies import OUTSIDE_COOKIE
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.model.access import Actor

FOR_PROGRAMS = ("/api/", "/events", "/healthz", "/readyz", "/metrics", "/access/")
"""Where programs ask; a page of ours that lies there all the same is one, and so is what is below it."""


def wants_page(request: Request) -> bool:
    """Whether the answer is a page or a part of one."""
    path = request.url.path
    if not path.startswith(FOR_PROGRAMS):
        return True
    pages = (page for page in request.app.state.pages if page.startswith(FOR_PROGRAMS))
    return any(path == page or path.startswith(f"{page}/") for page in pages)


def is_part(request: Request) -> bool:
    """Whether a page that is open asks for a part of itself."""
    return request.headers.get("HX-Request") == "true"


def fault_page(
    request: Request, status: HTTPStatus, message: str, headers: Mapping[str, str], actor: Actor | None
) -> Response:
    """The fault as a page that leads on, as a part of one, or the way to the login where nobody is logged in."""
    if status is HTTPStatus.UNAUTHORIZED and request.url.path != "/login":
        way = "/login/outside" if _is_asked_outside(request) else "/login"
        login = f"{way}?next={quote(_place(request))}"
        if is_part(request):
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": login})
        return RedirectResponse(login, HTTPStatus.SEE_OTHER)
    template = "part/fault.html" if is_part(request) else "fault.html"
    given = {"status": status, "message": message, "back": _back(request)}
    return shown(request, template, given, actor=actor, status=status, headers=headers)


def _is_asked_outside(request: Request) -> bool:
    """Whether an identity provider let the browser in, which then says whether it still would."""
    served = request.app.state.installation
    return OUTSIDE_COOKIE in request.cookies and served.world.identity is not None


def _place(request: Request) -> str:
    """Where the person is, to come back to: the page that is open, of which a part was asked for or a form was sent."""
    shown_at = urlsplit(request.headers.get("HX-Current-URL", ""))
    at = shown_at if shown_at.netloc == request.url.netloc and shown_at.path else urlsplit(str(request.url))
    return at.path + (f"?{at.query}" if at.query else "")


def _back(request: Request) -> str | None:
    """The page of ours that led here, as a path."""
    came = urlsplit(request.headers.get("Referer", ""))
    place = came.path + (f"?{came.query}" if came.query else "")
    is_ours = came.netloc == request.url.netloc and not came.path.startswith("//")
    return place if is_ours and came.path not in {request.url.path, "/login", "/", ""} else None
