"""People of a tenant: who may do what, about which clients, and the keys that prove who they are."""

from __future__ import annotations

from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.access import Actor, Permission, Role, require_whole_tenant
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import UserRecord
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World

_OF_THE_MACHINERY = ("system:", "policy:", "database:")


class NewKey(Frozen):
    """A person and the key that proves him, which is shown this once."""

    user: UserRecord
    key: str


class PersonChange(Frozen):
    """What is to change about a person; None leaves it as it is. ``all_clients`` ends a confinement."""

    role: Role | None = None
    active: bool | None = None
    clients: tuple[ClientId, ...] | None = None
    all_clients: bool = False


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


def issue_key(world: World, actor: Actor, login: str) -> NewKey:
    """Another key for a person; the one before it stops working.

    Raises:
        NotAllowedError: the actor may not manage people.
        UnknownNameError: there is no such person.
    """
    require_whole_tenant(actor, Permission.MANAGE_USERS)
    with open_as(world, actor) as unit:
        key = unit.users.issue_key(login)
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
        return unit.users.get(login)


def list_people(world: World, actor: Actor) -> tuple[UserRecord, ...]:
    """Everybody of the tenant, by login.

    Raises:
        NotAllowedError: the actor may not manage people.
    """
    require_whole_tenant(actor, Permission.MANAGE_USERS)
    with open_as(world, actor) as unit:
        return unit.users.list()
