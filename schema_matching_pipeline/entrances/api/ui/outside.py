"""The login by an identity provider: the way to it, and the way back."""

from __future__ import annotations

import re
from functools import partial
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from schema_matching_pipeline.entrances.api.auth.journeys import MINUTES
from schema_matching_pipeline.entrances.api.dependencies import (
    OUTSIDE_COOKIE,
    THEN_AUDITED,
    Installation,
    TheInstallation,
    address_of,
    agent_of,
    require_share_of_logins,
)
from schema_matching_pipeline.entrances.api.errors import told
from schema_matching_pipeline.entrances.api.refusals import TooManyRequestsError
from schema_matching_pipeline.entrances.api.ui.login import PAGE_MINUTES, form, let_in, own, page_terms
from schema_matching_pipeline.errors import (
    BadDecisionError,
    GateError,
    IdentityError,
    NotKnownError,
    UnknownNameError,
)
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.ports import IdentityProvider
from schema_matching_pipeline.runtime import command_line_actor
from schema_matching_pipeline.workflows.log_in import LoggedIn
from schema_matching_pipeline.workflows.log_in_outside import Admission, log_in_outside

router = APIRouter()

WAY, BACK = "/login/outside", "/login/outside/back"
JOURNEY = "smp_journey"
_LONGEST = 4000
_CODE = re.compile(r"[a-z_]{1,40}")
_REFUSALS = (GateError, IdentityError, TooManyRequestsError, BadDecisionError)
_log = structlog.get_logger("smp.api")


@router.get(WAY)
def way(
    request: Request,
    served: TheInstallation,
    next: Annotated[str, Query(max_length=1000)] = "/",  # noqa: A002 - it stands so in the address
) -> Response:
    """Sends the browser to the provider."""
    try:
        provider, _ = _asked(request, served)
        cookie, journey = served.journeys.begun(own(next), _returns_to(served))
        answer = RedirectResponse(provider.way(journey), HTTPStatus.SEE_OTHER)
    except _REFUSALS as fault:
        return _refused(request, served, fault, next)
    answer.set_cookie(
        JOURNEY,
        cookie,
        max_age=60 * MINUTES,
        path=WAY,
        httponly=True,
        samesite="lax",  # a stricter one would not come back from the provider
        secure=request.url.scheme == "https",
    )
    return answer


@router.get(BACK, dependencies=[THEN_AUDITED])
def back(
    request: Request,
    served: TheInstallation,
    state: Annotated[str, Query(max_length=_LONGEST)] = "",
    code: Annotated[str, Query(max_length=_LONGEST)] = "",
    error: Annotated[str, Query(max_length=_LONGEST)] = "",
) -> Response:
    """Lets in whoever comes back proven, or says why not; a journey ends here in any case."""
    place = "/"
    try:
        provider, tenant = _asked(request, served)
        cookie = request.cookies.get(JOURNEY, "")
        place, journey = served.journeys.ended(cookie, state, _returns_to(served))
        if error or not code:
            raise _let_go(error)
        person = provider.person(journey, code)
        minutes = served.settings.oidc_session_minutes
        terms = page_terms(request, minutes)
        entered: LoggedIn = log_in_outside(
            served.world,
            tenant,
            person,
            terms,
            _admission(request, served),
            address_of(request),
            trace_id=request.state.trace_id,
        )
    except _REFUSALS as fault:
        answer = _refused(request, served, fault, place)
        answer.delete_cookie(OUTSIDE_COOKIE)
    else:
        answer = let_in(request, served, entered, place, minutes)
        answer.set_cookie(
            OUTSIDE_COOKIE,
            "yes",
            max_age=60 * PAGE_MINUTES,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    answer.delete_cookie(JOURNEY, path=WAY)
    return answer


def _asked(request: Request, served: Installation) -> tuple[IdentityProvider, TenantId]:
    """The provider and the tenant it lets into, where it is set up and not too many ask."""
    tenant = served.world.registry.tenant_by_name(served.settings.tenant)
    require_share_of_logins(request, served, tenant)
    if served.world.identity is None:
        raise UnknownNameError("place", WAY, (), hint="No identity provider is set up: SMP_OIDC_ISSUER.")
    return served.world.identity, tenant


def _admission(request: Request, served: Installation) -> Admission:
    settings = served.settings
    minutes = max(settings.oidc_standing_minutes, settings.oidc_session_minutes)
    return Admission(settings.oidc_groups, minutes, partial(_administrator, request, served))


def _administrator(request: Request, served: Installation) -> Actor:
    """In whose name people are admitted; the audit has from where they came."""
    administrator = command_line_actor(served.settings, served.world)
    return administrator.but(
        address=address_of(request), agent=agent_of(request), trace_id=request.state.trace_id
    )


def _returns_to(served: Installation) -> str:
    """Where the provider sends people back to: never what a request says of the host it came to."""
    return f"{served.settings.desk_address}{BACK}"


def _let_go(error: str) -> NotKnownError:
    named = error if _CODE.fullmatch(error) else "without a code"
    return NotKnownError(f"The identity provider did not let you through ({named}). Sign in again.")


def _refused(
    request: Request,
    served: Installation,
    fault: GateError | IdentityError | TooManyRequestsError | BadDecisionError,
    place: str,
) -> Response:
    """The login page with what went wrong; the log has its kind, and what the provider did, but not of whom."""
    told_of = str(fault) if isinstance(fault, IdentityError) else None
    _log.warning("outside_login_refused", code=fault.code, told=told_of, trace_id=request.state.trace_id)
    return form(request, served, place=place, message=str(fault), status=told(fault).status)
