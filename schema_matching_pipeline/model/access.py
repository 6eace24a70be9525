"""Who may do what: the matrix as data."""

from __future__ import annotations

from enum import StrEnum

from schema_matching_pipeline.errors import NotAllowedError
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import TenantId


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
    APPROVE_FINAL = "approve_final"
    MANAGE_USERS = "manage_users"


_READ = frozenset({Permission.READ})
_ENGINEER = _READ | {Permission.MANAGE_CLIENTS, Permission.RUN_PIPELINE}
_STEWARD = _READ | {Permission.DECIDE, Permission.APPROVE_FINAL}
MATRIX: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _READ,
    Role.ENGINEER: _ENGINEER,
    Role.STEWARD: _STEWARD,
    Role.ADMIN: _ENGINEER | _STEWARD | {Permission.MANAGE_USERS},
}


class Actor(Frozen):
    """Who acts: a person of a tenant, or the machinery (``system:...``), which may run but never decide."""

    login: str
    tenant_id: TenantId
    role: Role
    trace_id: str | None = None
    address: str | None = None


def require(actor: Actor, permission: Permission) -> None:
    """Passes when the actor's role holds the permission.

    Raises:
        NotAllowedError: it does not; the roles that do are named.
    """
    if permission in MATRIX[actor.role]:
        return
    able = ", ".join(role for role, held in MATRIX.items() if permission in held)
    raise NotAllowedError(
        f"{actor.login} ({actor.role}) may not {permission.replace('_', ' ')}. Roles that may: {able}."
    )
