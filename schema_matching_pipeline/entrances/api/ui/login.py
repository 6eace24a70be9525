"""The page that lets people in, and the way out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import SecretStr

from schema_matching_pipeline.entrances.api.dependencies import (
    COOKIE,
    OUTSIDE_COOKIE,
    THEN_AUDITED,
    Installation,
    TheActor,
    TheInstallation,
    TheWorld,
    address_of,
    agent_of,
    require_share_of_logins,
)
from schema_matching_pipeline.entrances.api.refusals import RefusedRequestError, TooManyRequestsError
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.entrances.api.ui.skipped import forget_skipped
from schema_matching_pipeline.errors import LockedOutError, NotKnownError, UnknownNameError
from schema_matching_pipeline.model.access import SessionTerms
from schema_matching_pipeline.workflows.log_in import Credentials, LoggedIn, begin_session, log_in, log_out
from schema_matching_pipeline.workflows.log_in import recognise as known

router = APIRouter()

PAGE_MINUTES = 12 * 60  # a working day
_LONGEST = 1000
_NOT_KNOWN = "Login and password do not fit together. An administrator gives another password."


@router.get("/login")
def asked(request: Request, served: TheInstallation, next: Annotated[str, Query()] = "/") -> Response:  # noqa: A002 - it stands so in the address
    """The form."""
    return form(request, served, place=next)


@router.post("/login", dependencies=[THEN_AUDITED])
def given(
    request: Request,
    served: TheInstallation,
    login: Annotated[str, Form(max_length=100)],
    password: Annotated[SecretStr, Form(max_length=_LONGEST)],
    tenant: Annotated[str, Form(max_length=100)],
    next: Annotated[str, Form(max_length=_LONGEST)] = "/",  # noqa: A002 - as above
) -> Response:
    """Lets the person in, or says why not.

    A form on somebody else's page is refused, lest it log people in under a name that is not theirs.
    """
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise RefusedRequestError("The login came from another place. Open this page itself.")
    try:
        tenant_id = served.world.registry.tenant_by_name(tenant)
        require_share_of_logins(request, served, tenant_id)
        shown_by = Credentials(
            tenant_id=tenant_id,
            login=login,
            secret=password,
            address=address_of(request),
            agent=agent_of(request),
            trace_id=request.state.trace_id,
        )
        entered = log_in(served.world, shown_by, page_terms(request))
    except (NotKnownError, UnknownNameError):
        message, status = _NOT_KNOWN, HTTPStatus.UNAUTHORIZED
    except (LockedOutError, TooManyRequestsError) as fault:
        message, status = str(fault), HTTPStatus.TOO_MANY_REQUESTS
    else:
        return let_in(request, served, entered, next)
    return form(request, served, place=next, login=login, tenant=tenant, message=message, status=status)


@router.get("/enter", dependencies=[THEN_AUDITED])
def enter(
    request: Request, served: TheInstallation, ticket: Annotated[str, Query(max_length=2000)]
) -> Response:
    """Lets in whoever comes with a ticket of this installation; a ticket works once."""
    actor = known(served.world, served.tokens.read(ticket, address_of(request), agent_of(request)))
    actor = actor.but(trace_id=request.state.trace_id)
    entered = begin_session(served.world, actor, page_terms(request))
    log_out(served.world, actor)
    return let_in(request, served, entered, "/")


@router.post("/logout", dependencies=[THEN_AUDITED])
def logout(world: TheWorld, actor: TheActor) -> Response:
    """Ends the session."""
    log_out(world, actor)
    answer = Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": "/login"})
    answer.delete_cookie(COOKIE)
    answer.delete_cookie(OUTSIDE_COOKIE)
    forget_skipped(answer)
    return answer


def page_terms(request: Request, minutes: int = PAGE_MINUTES) -> SessionTerms:
    """How long people stay on the pages, and the browser they came with."""
    return SessionTerms(access_minutes=minutes, agent=agent_of(request))


def let_in(
    request: Request, served: Installation, entered: LoggedIn, place: str, minutes: int = PAGE_MINUTES
) -> Response:
    """The way to a place of ours, with the session in a cookie."""
    answer = RedirectResponse(own(place), HTTPStatus.SEE_OTHER)
    forget_skipped(answer)
    answer.delete_cookie(OUTSIDE_COOKIE)
    answer.set_cookie(
        COOKIE,
        served.tokens.made(entered, minutes),
        max_age=60 * minutes,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


def own(place: str) -> str:
    r"""A place of ours, whatever the address asked for.

    >>> own("/review?client=a"), own("//elsewhere.example"), own("https://elsewhere.example"), own("/\\elsewhere")
    ('/review?client=a', '/', '/', '/')
    """
    is_ours = place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()
    return place if is_ours else "/"


def form(
    request: Request,
    served: Installation,
    *,
    place: str,
    login: str = "",
    tenant: str = "",
    message: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """The login page, with what went wrong where something did."""
    given = {
        "next": own(place),
        "login": login,
        "tenant": tenant or served.settings.tenant,
        "tenant_asked": False,
        "message": message,
        "provider": served.world.identity.name if served.world.identity else "",
    }
    return shown(request, "login.html", given, status=status)
