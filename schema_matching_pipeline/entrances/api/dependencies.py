"""What routes ask for: the world, and who acts in it.

What waits for nothing is a coroutine: the event loop runs it where it is, while a function is handed to a thread, which
costs more than all that these do.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from pydantic import SecretStr

from schema_matching_pipeline.entrances.api.auth.journeys import Journeys
from schema_matching_pipeline.entrances.api.auth.schemes import BASIC, BEARER
from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.entrances.api.login_carrier import LoginCarrier
from schema_matching_pipeline.entrances.api.refusals import RefusedRequestError, TooManyRequestsError
from schema_matching_pipeline.errors import NotKnownError, RegistryError
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.limit_rate import seconds_to_wait
from schema_matching_pipeline.workflows.log_in import Credentials, recognise, recognise_sender
from schema_matching_pipeline.workflows.world import World

COOKIE = "smp_session"
LONGEST_AGENT = 256
OUTSIDE_COOKIE = "smp_outside"
"""Says that the browser's session was begun by an identity provider, which is then asked again; it proves nothing."""
GUARD_HEADER = "X-CSRF-Token"
GUARD_FIELD = "csrf_token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Installation:
    """What the app serves: the world, the settings, the tokens of its sessions, and the ways to an identity provider.

    ``logins`` brings them into the audit.
    """

    world: World
    settings: Settings
    tokens: AccessTokens
    journeys: Journeys
    logins: LoginCarrier


async def installation(request: Request) -> Installation:
    """The installation that the app serves."""
    served: Installation = request.app.state.installation
    return served


async def the_world(served: Annotated[Installation, Depends(installation)]) -> World:
    """The registry and the ports."""
    return served.world


def address_of(request: Request) -> str | None:
    """Where a request comes from, for the audit."""
    return request.client.host if request.client else None


def agent_of(request: Request) -> str | None:
    """The program that sends a request, as it calls itself, for the audit: so many signs of it, none that controls anything."""
    said = "".join(filter(str.isprintable, request.headers.get("User-Agent", "")))
    return said[:LONGEST_AGENT] or None


async def _then_audited(served: Annotated[Installation, Depends(installation)]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        served.logins.soon()


def shown_by(
    request: Request,
    served: Annotated[Installation, Depends(installation)],
    _bearer: Annotated[None, Security(BEARER)],
    _basic: Annotated[None, Security(BASIC)],
) -> Actor:
    """The person whose session or key came with the request, however many came before and whatever it is good for.

    Raises:
        NotKnownError: none came, or it is worth nothing.
        RefusedRequestError: a form came from elsewhere than a page of ours.
    """
    return _traced(request, recognise(served.world, _credentials(request, served)))


def recognised(
    request: Request,
    served: Annotated[Installation, Depends(installation)],
    _bearer: Annotated[None, Security(BEARER)],
    _basic: Annotated[None, Security(BASIC)],
) -> Actor:
    """The person whose session or key came, within his share of requests.

    Raises:
        NotKnownError: none came, or it is worth nothing.
        RefusedRequestError: a form came from elsewhere than a page of ours.
        TooManyRequestsError: the person sent more than that.
    """
    shown = _credentials(request, served)
    actor, wait = recognise_sender(served.world, shown, served.settings.requests_per_minute)
    traced = _traced(request, actor)
    if wait:
        raise TooManyRequestsError(wait)
    return traced


async def acting(actor: Annotated[Actor, Depends(recognised)]) -> Actor:
    """The person who sends a request, by a key or session that is good for more than to be measured by.

    Raises:
        NotAllowedError: it is not.
    """
    require(actor, Permission.READ)
    return actor


def still_known(request: Request, *, asks: bool) -> Actor | None:
    """Who is logged in where a request went wrong: as it was recognised or, where the registry may be asked, by its cookie."""
    known: Actor | None = getattr(request.state, "actor", None)
    token = request.cookies.get(COOKIE)
    if known is not None or not asks or not token:
        return known
    served: Installation = request.app.state.installation
    try:
        return recognise(served.world, served.tokens.read(token, address_of(request), agent_of(request)))
    except (NotKnownError, RegistryError):
        return None


def require_share(served: Installation, tenant: TenantId, bucket: str, per_minute: int) -> None:
    """Passes where the bucket holds another request.

    Raises:
        TooManyRequestsError: it does not, yet.
    """
    wait = seconds_to_wait(served.world, tenant, bucket, per_minute)
    if wait:
        raise TooManyRequestsError(wait)


def require_share_of_logins(request: Request, served: Installation, tenant: TenantId) -> None:
    """Passes where not too many try to log in to the tenant from where the request comes from.

    Raises:
        TooManyRequestsError: too many do.
    """
    require_share(served, tenant, f"address:{address_of(request)}", served.settings.logins_per_minute)


def require_own_form(request: Request, guard: str) -> None:
    """Passes where the guard of the session came with the request; a page of somebody else's does not know it.

    Raises:
        RefusedRequestError: it did not.
    """
    shown = request.headers.get(GUARD_HEADER, "")
    if not hmac.compare_digest(shown.encode(), guard.encode()):
        raise RefusedRequestError("The request did not come from a page of ours. Load the page anew.")


def _traced(request: Request, actor: Actor) -> Actor:
    """The actor with the request's trace; a page that tells what went wrong is for the same person."""
    traced = actor.but(trace_id=request.state.trace_id)
    request.state.actor = traced
    return traced


def _credentials(request: Request, served: Installation) -> Credentials:
    """What came with a request to show who sends it."""
    header = request.headers.get("Authorization")
    if header is not None:
        return _of_header(header, request, served)
    token = request.cookies.get(COOKIE)
    if not token:
        raise NotKnownError("Log in first.")
    if request.method not in SAFE:
        require_own_form(request, served.tokens.guard_of(token))
    return served.tokens.read(token, address_of(request), agent_of(request))


def _of_header(header: str, request: Request, served: Installation) -> Credentials:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return served.tokens.read(value.strip(), address_of(request), agent_of(request))
    if scheme.lower() == "basic":
        return _of_key(value.strip(), request, served)
    raise NotKnownError("Send `Authorization: Bearer TOKEN`, or `Basic` with login and key.")


def _of_key(value: str, request: Request, served: Installation) -> Credentials:
    try:
        # From the end: a login may hold a colon (os:ada), a key never does.
        login, _, key = base64.b64decode(value, validate=True).decode().rpartition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NotKnownError("What came with `Authorization: Basic` is no login and key.") from error
    return Credentials(
        tenant_id=served.world.registry.tenant_by_name(served.settings.tenant),
        login=login,
        secret=SecretStr(key),
        address=address_of(request),
        agent=agent_of(request),
    )


THEN_AUDITED = Depends(_then_audited)
"""Of a route that lets in or out: the audit has what came of it soon afterwards, however the route ends."""
TheWorld = Annotated[World, Depends(the_world)]
TheActor = Annotated[Actor, Depends(acting)]
TheInstallation = Annotated[Installation, Depends(installation)]
