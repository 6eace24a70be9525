"""People of a tenant: who may do what, and about which clients."""

from __future__ import annotations

from pydantic import Field, SecretStr

from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.access import Actor, Permission, Role, require_whole_tenant
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId, TenantId
from schema_matching_pipeline.model.registry import UserRecord
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World

_OF_THE_MACHINERY = ("system:", "policy:", "database:")


class NewKey(Frozen):
    """A person and the key that proves him, which is shown this once."""

    user: UserRecord
    key: str


class PersonChange(Frozen):
    """What is to change about a person; None leaves it as it is. ``all_clients`` ends a confinement.

    ``email`` is how an identity provider knows the person, who then may log in by it; without letters, nobody does.
    """

    role: Role | None = None
    active: bool | None = None
    clients: tuple[ClientId, ...] | None = None
    all_clients: bool = False
    email: str | None = Field(default=None, max_length=320)


def add_person(
    world: World, actor: Actor, login: str, role: Role, clients: tuple[ClientId, ...] | None
) -> NewKey:
    """A new person with his key.

    Raises:
        NotAllowedError: the actor may not manage people.
        AlreadyExistsError: the login is taken.
        BadDecisionError: the login could be mistaken for another, or a client is unknown.
    """
    require_whole_tenant(actor, Permission.MANAGE_USERS)
    if login.startswith(_OF_THE_MACHINERY):
        raise BadDecisionError(f"{login!r} is a name that the machinery acts under. Choose another login.")
    with open_as(world, actor) as unit:
        key = unit.users.add(login, role, clients)
        return NewKey(user=unit.users.get(login), key=key)


def change_person(world: World, actor: Actor, login: str, change: PersonChange) -> UserRecord:
    """The person as he stands after the change.

    Raises:
        NotAllowedError: the actor may not manage people.
        UnknownNameError: there is no such person.
        BadDecisionError: a client is unknown, or he is the last administrator.
    """
    require_whole_tenant(actor, Permission.MANAGE_USERS)
    with open_as(world, actor) as unit:
        if change.role is not None:
            unit.users.set_role(login, change.role)
        if change.active is not None:
            unit.users.set_active(login, change.active)
        if change.all_clients or change.clients is not None:
            unit.users.set_clients(login, None if change.all_clients else change.clients)
        if change.email is not None:
            _set_email(world, unit, actor.tenant_id, login, change.email)
        return unit.users.get(login)


def outside_key(world: World, tenant: TenantId, email: str) -> SecretStr:
    """The key by which the installation vouches for the person whom an identity provider knows by that address."""
    return world.vouched_key(f"outside/{tenant}/{email.lower()}")


def _set_email(world: World, unit: UnitOfWork, tenant: TenantId, login: str, email: str) -> None:
    if email:
        unit.users.set_email(login, email, outside_key(world, tenant, email).get_secret_value())
    else:
        unit.users.set_email(login, None, None)


def list_people(world: World, actor: Actor) -> tuple[UserRecord, ...]:
    """Everybody of the tenant, by login.

    Raises:
        NotAllowedError: the actor may not manage people.
    """
    require_whole_tenant(actor, Permission.MANAGE_USERS)
    with open_as(world, actor) as unit:
        return unit.users.list()
