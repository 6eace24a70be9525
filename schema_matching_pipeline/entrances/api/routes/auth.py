"""Logging in by program: access tokens for an hour, refresh tokens for a month."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Request
from pydantic import Field, SecretStr

from schema_matching_pipeline.entrances.api.dependencies import (
    THEN_AUDITED,
    Installation,
    TheActor,
    TheInstallation,
    TheWorld,
    address_of,
    agent_of,
    require_share_of_logins,
)
from schema_matching_pipeline.model.access import Role, SessionTerms, permissions_of
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId, TenantId
from schema_matching_pipeline.workflows.log_in import (
    Credentials,
    LoggedIn,
    log_in,
    log_out,
    refresh_session,
    set_password,
)

router = APIRouter(prefix="/auth", tags=["access"])

ACCESS_MINUTES = 60
REFRESH_MINUTES = 30 * 24 * 60


class Login(Frozen):
    """A login with its password, or its API key. The tenant is the installation's own where none is named."""

    username: str = Field(min_length=1, max_length=100, examples=["ada"])
    password: SecretStr = Field(max_length=1000, examples=["correct horse battery"])
    tenant: str | None = Field(default=None, max_length=100)


class Refresh(Frozen):
    """A refresh token, which is used up by this."""

    refresh_token: SecretStr = Field(max_length=200)
    tenant: str | None = Field(default=None, max_length=100)


class NewPassword(Frozen):
    """A new password, for oneself where no login is named."""

    password: SecretStr = Field(max_length=1000, examples=["a long word for the door"])
    login: str | None = Field(default=None, max_length=100)


class TokenPair(Frozen):
    """What a session is shown by: ``Authorization: Bearer`` and the access token, for ``expires_in`` seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    refresh_token: str | None


class Me(Frozen):
    """Who is logged in, what role and key allow, and the clients it is confined to; None for all."""

    login: str
    role: Role
    permissions: tuple[str, ...]
    clients: tuple[ClientId, ...] | None


class Provider(Frozen):
    """An identity provider: what people call it, and where a browser begins."""

    name: str
    address: str


class WaysIn(Frozen):
    """How people get in: always by login and password or key, and by an identity provider where one is set up."""

    password: Literal[True] = True
    provider: Provider | None


@router.get("/ways")
def ways(served: TheInstallation) -> WaysIn:
    """How one logs in here. The provider is for browsers: programs show a key."""
    identity = served.world.identity
    address = f"{served.settings.desk_address}/login/outside"
    return WaysIn(provider=Provider(name=identity.name, address=address) if identity else None)


@router.post("/login", dependencies=[THEN_AUDITED])
def login(request: Request, served: TheInstallation, given: Annotated[Login, Body()]) -> TokenPair:
    """Begin a session.

    After five failures in a row that name is locked for a minute, then for longer.
    """
    shown = Credentials(
        tenant_id=_tenant(request, served, given.tenant),
        login=given.username,
        secret=given.password,
        address=address_of(request),
        agent=agent_of(request),
        trace_id=request.state.trace_id,
    )
    return _pair(served, log_in(served.world, shown, _terms(request)))


@router.post("/refresh", dependencies=[THEN_AUDITED])
def refresh(request: Request, served: TheInstallation, given: Annotated[Refresh, Body()]) -> TokenPair:
    """Go on with a session. A refresh token works once; using it again ends all that came of it."""
    tenant = _tenant(request, served, given.tenant)
    token = given.refresh_token.get_secret_value()
    going_on = refresh_session(
        served.world,
        tenant,
        token,
        _terms(request),
        address_of(request),
        trace_id=request.state.trace_id,
    )
    return _pair(served, going_on)


@router.post("/logout", status_code=HTTPStatus.NO_CONTENT, dependencies=[THEN_AUDITED])
def logout(world: TheWorld, actor: TheActor) -> None:
    """End the session; its tokens are worth nothing from now on."""
    log_out(world, actor)


@router.post("/password", status_code=HTTPStatus.NO_CONTENT)
def password(world: TheWorld, actor: TheActor, given: Annotated[NewPassword, Body()]) -> None:
    """Change a password: one's own, or by an administrator anybody's."""
    set_password(world, actor, given.login or actor.login, given.password.get_secret_value())


@router.get("/me")
def me(actor: TheActor) -> Me:
    """Who is logged in."""
    return Me(
        login=actor.login,
        role=actor.role,
        permissions=tuple(sorted(permissions_of(actor))),
        clients=actor.clients,
    )


def _tenant(request: Request, served: Installation, name: str | None) -> TenantId:
    """The tenant that somebody wants to log in to, as long as not too many try from where he is."""
    tenant = served.world.registry.tenant_by_name(name or served.settings.tenant)
    require_share_of_logins(request, served, tenant)
    return tenant


def _terms(request: Request) -> SessionTerms:
    return SessionTerms(
        access_minutes=ACCESS_MINUTES, refresh_minutes=REFRESH_MINUTES, agent=agent_of(request)
    )


def _pair(served: Installation, logged_in: LoggedIn) -> TokenPair:
    refresh = logged_in.tokens.refresh
    return TokenPair(
        access_token=served.tokens.made(logged_in, ACCESS_MINUTES),
        expires_in=60 * ACCESS_MINUTES,
        refresh_token=refresh.get_secret_value() if refresh else None,
    )
