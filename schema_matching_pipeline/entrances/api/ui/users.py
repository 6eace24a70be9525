"""People as a page: who may do what about which clients, and the keys and passwords that prove them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import SecretStr

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.model.access import MATRIX, Actor, Permission, Role
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.workflows.list_clients import list_clients
from schema_matching_pipeline.workflows.log_in import set_password
from schema_matching_pipeline.workflows.manage_keys import KeyTerms, add_key
from schema_matching_pipeline.workflows.manage_people import (
    PersonChange,
    add_person,
    change_person,
    list_people,
)
from schema_matching_pipeline.workflows.world import World

router = APIRouter(prefix="/users")

Login = Annotated[str, Form(min_length=1, max_length=100)]
Clients = Annotated[list[str] | None, Form()]


@router.get("")
def users(request: Request, world: TheWorld, actor: TheActor) -> Response:
    """Everybody of the tenant."""
    given = {
        "people": list_people(world, actor),
        "clients": list_clients(world, actor),
        "roles": tuple(Role),
        "permissions": tuple(Permission),
        "matrix": MATRIX,
    }
    return shown(request, "users.html", given, actor=actor)


@router.post("")
def added(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    login: Login,
    role: Annotated[Role, Form()],
    client: Clients = None,
) -> Response:
    """Adds a person; the key is shown this once."""
    made = add_person(world, actor, login, role, _named(client))
    return _told(request, world, actor, f"{made.user.login} was added.", made.key)


@router.post("/change")
def changed(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    login: Login,
    role: Annotated[Role, Form()],
    client: Clients = None,
    active: Annotated[bool, Form()] = False,
    email: Annotated[str | None, Form(max_length=320)] = None,
) -> Response:
    """Changes the role, the clients, the address, or whether the person may act at all."""
    named = _named(client)
    change = PersonChange(role=role, active=active, clients=named, all_clients=named is None, email=email)
    person = change_person(world, actor, login, change)
    return _told(request, world, actor, f"{person.login} was changed.", "")


@router.post("/key")
def another_key(request: Request, world: TheWorld, actor: TheActor, login: Login) -> Response:
    """Gives the person another key; those before it go on working until somebody revokes them."""
    made = add_key(world, actor, login, KeyTerms(name=f"given by {actor.login}"))
    return _told(request, world, actor, f"{login} has another key.", made.key)


@router.post("/password")
def another_password(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    login: Login,
    password: Annotated[SecretStr, Form(max_length=1000)],
) -> Response:
    """Gives the person another password and ends the sessions there were."""
    set_password(world, actor, login, password.get_secret_value())
    said = f"{login} has another password; the sessions there were have ended."
    return _told(request, world, actor, said, "")


def _named(clients: list[str] | None) -> tuple[ClientId, ...] | None:
    named = tuple(ClientId(each) for each in clients or () if each)
    return named or None


def _told(request: Request, world: World, actor: Actor, said: str, key: str) -> Response:
    given = {"said": said, "key": key, "people": list_people(world, actor)}
    given |= {"clients": list_clients(world, actor), "roles": tuple(Role)}
    return shown(request, "part/people.html", given, actor=actor)
