"""People whom an identity provider has proven: which login is theirs, and what its groups are worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from schema_matching_pipeline.errors import AlreadyExistsError, NotAllowedError
from schema_matching_pipeline.model.access import Actor, Permission, SessionTerms, require_whole_tenant
from schema_matching_pipeline.model.identity import Grant, OutsidePerson, granted
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.model.registry import UserRecord
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.log_in import Credentials, LoggedIn, log_in_vouched
from schema_matching_pipeline.workflows.manage_people import outside_key
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World

OUTSIDE = "oidc:"
"""What the logins of people begin with whom groups of the provider let in."""
_LONGEST = 100
_REASON = "admitted by the groups of the identity provider"
_LOST = "no group of the identity provider admits the person any more"


@dataclass(frozen=True)
class Admission:
    """What groups are worth, for how many minutes, and in whose name people are admitted by them.

    An administrator is asked for when needed.
    """

    grants: Mapping[str, Grant]
    minutes: int
    administrator: Callable[[], Actor]


def log_in_outside(
    world: World,
    tenant: TenantId,
    person: OutsidePerson,
    terms: SessionTerms,
    admission: Admission,
    address: str | None,
    *,
    trace_id: str | None = None,
) -> LoggedIn:
    """A session of the person, whom an administrator knows by that address or whose groups give a role.

    Raises:
        NotAllowedError: neither is so, or the person may no longer act.
        NotKnownError: the registry does not take the provider's word for that login.
        LockedOutError: too many logins by that name went wrong in a row.
    """
    login = _login_of(world, tenant, person, admission)
    key = outside_key(world, tenant, person.email)
    shown = Credentials(
        tenant_id=tenant, login=login, secret=key, address=address, agent=terms.agent, trace_id=trace_id
    )
    return log_in_vouched(world, shown, terms)


def _login_of(world: World, tenant: TenantId, person: OutsidePerson, admission: Admission) -> str:
    with world.registry.open(tenant, "system:login") as unit:
        known = unit.users.known_by(person.email)
    if known is not None and not known.active:
        raise NotAllowedError(f"{known.login} may no longer act here. Ask an administrator.")
    if known is not None and not known.login.startswith(OUTSIDE):
        return known.login
    grant = granted(person.groups, admission.grants)
    if grant is None:
        if known is not None and admission.grants:  # without any, what they admitted ends by itself
            with _as_administrator(world, tenant, admission, _LOST) as unit:
                unit.users.prove(known.login, 0)
        raise NotAllowedError(
            f"You are {person.email} to the identity provider, which nobody is here. Ask an administrator to enter that address "
            "with your login, on the page People."
            if known is None
            else f"The identity provider no longer counts {person.email} among a group that may work here. Ask an administrator."
        )
    with _as_administrator(world, tenant, admission, _REASON) as unit:
        login = _brought_to(unit, known, grant) if known else _admitted(world, unit, tenant, person, grant)
        unit.users.prove(login, admission.minutes)
        return login


def _as_administrator(
    world: World, tenant: TenantId, admission: Admission, reason: str
) -> AbstractContextManager[UnitOfWork]:
    administrator = admission.administrator()
    require_whole_tenant(administrator, Permission.MANAGE_USERS)
    if administrator.tenant_id != tenant:
        raise NotAllowedError(f"{administrator.login} is no administrator of this tenant.")
    return open_as(world, administrator, reason=reason)


def _brought_to(unit: UnitOfWork, known: UserRecord, grant: Grant) -> str:
    """Gives the person what the groups of today are worth."""
    if known.role is not grant.role:
        unit.users.set_role(known.login, grant.role)
    if known.clients != grant.clients:
        unit.users.set_clients(known.login, grant.clients)
    return known.login


def _admitted(world: World, unit: UnitOfWork, tenant: TenantId, person: OutsidePerson, grant: Grant) -> str:
    login = f"{OUTSIDE}{person.email.lower()}"
    if len(login) > _LONGEST:
        raise NotAllowedError(
            f"The address {person.email} is too long for a login. Ask an administrator to add you."
        )
    try:
        unit.users.add(login, grant.role, grant.clients)
    except AlreadyExistsError:
        raise NotAllowedError(f"{login} goes by another address here. Ask an administrator.") from None
    for key in unit.api_keys.list(login):
        unit.api_keys.revoke(login, key.id)  # nobody was shown it
    unit.users.set_email(login, person.email, outside_key(world, tenant, person.email).get_secret_value())
    return login
