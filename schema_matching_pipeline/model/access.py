"""Who may do what: the matrix as data."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, SecretStr

from schema_matching_pipeline.errors import NotAllowedError
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId, TenantId


class Role(StrEnum):
    """What a person is to the installation; each includes the ones before it."""

    VIEWER = "viewer"
    ENGINEER = "engineer"
    STEWARD = "steward"
    ADMIN = "admin"


class Permission(StrEnum):
    """What can be allowed."""

    READ = "read"
    MANAGE_CLIENTS = "manage_clients"
    RUN_PIPELINE = "run_pipeline"
    DECIDE = "decide"
    REVEAL = "reveal"
    APPROVE_FINAL = "approve_final"
    MANAGE_USERS = "manage_users"
    READ_METRICS = "read_metrics"


class KeyScope(StrEnum):
    """What a key is good for: all that its person may, or only what its use needs."""

    ALL = "all"
    READ = "read"
    RUN = "run"
    DECIDE = "decide"
    METRICS = "metrics"


_READ = frozenset({Permission.READ, Permission.READ_METRICS})
_ENGINEER = _READ | {Permission.MANAGE_CLIENTS, Permission.RUN_PIPELINE}
_DECIDE = _READ | {Permission.DECIDE, Permission.APPROVE_FINAL}
_STEWARD = _DECIDE | {Permission.REVEAL}
MATRIX: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _READ,
    Role.ENGINEER: _ENGINEER,
    Role.STEWARD: _STEWARD,
    Role.ADMIN: _ENGINEER | _STEWARD | {Permission.MANAGE_USERS},
}


# The registry holds people to it, too: by a scoped key a person acts in the role that the scope is of, at most.
SCOPES: dict[KeyScope, frozenset[Permission]] = {
    KeyScope.ALL: frozenset(Permission),
    KeyScope.READ: _READ,
    KeyScope.RUN: _ENGINEER,
    KeyScope.DECIDE: _DECIDE,  # values as they are, are for a person's eyes
    KeyScope.METRICS: frozenset({Permission.READ_METRICS}),
}


class Actor(Frozen):
    """Who acts: a person of a tenant, or the machinery (``system:...``), which may run but never decide.

    ``key`` proves the login to the registry, as far as its ``scope`` goes; ``clients`` are those the person is
    confined to, None for all. ``address`` and ``agent`` are from where and with which program he acts.
    """

    login: str
    tenant_id: TenantId
    role: Role
    key: SecretStr | None = Field(default=None, exclude=True)
    scope: KeyScope = KeyScope.ALL
    clients: tuple[ClientId, ...] | None = None
    trace_id: str | None = None
    address: str | None = None
    agent: str | None = None


class SessionTerms(Frozen):
    """How long a session lasts, and what it is opened from. Without ``refresh_minutes`` it cannot be continued."""

    access_minutes: int = 60
    refresh_minutes: int | None = None
    agent: str | None = None


class Tokens(Frozen):
    """What proves a session, shown this once: ``access`` as a key does, ``refresh`` for another pair of tokens."""

    access: SecretStr
    refresh: SecretStr | None = None


def permissions_of(actor: Actor) -> frozenset[Permission]:
    """What the actor may do: what the role allows, as far as the key that proves it is good for that."""
    return MATRIX[actor.role] & SCOPES[actor.scope]


def require(actor: Actor, permission: Permission, client: ClientId | None = None) -> None:
    """Passes when the actor's role and key hold the permission, and the actor is not confined to other clients.

    Raises:
        NotAllowedError: one does not, and what does is named; or the client is not the actor's.
    """
    if permission not in SCOPES[actor.scope]:
        good = ", ".join(scope for scope, held in SCOPES.items() if permission in held)
        raise NotAllowedError(
            f"A key of scope {actor.scope} may not {permission.replace('_', ' ')}. Scopes that may: {good}."
        )
    if permission not in MATRIX[actor.role]:
        able = ", ".join(role for role, held in MATRIX.items() if permission in held)
        raise NotAllowedError(
            f"{actor.login} ({actor.role}) may not {permission.replace('_', ' ')}. Roles that may: {able}."
        )
    if client is not None and not is_theirs(actor, client):
        raise NotAllowedError(
            f"{actor.login} may not {permission.replace('_', ' ')} client {client!r}, but only {', '.join(actor.clients or ())}."
        )


def require_whole_tenant(actor: Actor, permission: Permission) -> None:
    """Passes when the actor's role holds the permission and the actor is confined to no client.

    Raises:
        NotAllowedError: it does not.
    """
    require(actor, permission)
    if actor.clients is not None:
        raise NotAllowedError(
            f"{actor.login} may not {permission.replace('_', ' ')}, being confined to {', '.join(actor.clients)}."
        )


def is_theirs(actor: Actor, client: ClientId) -> bool:
    """Whether the actor has to do with a client at all."""
    return actor.clients is None or client in actor.clients
