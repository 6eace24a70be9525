"""People: who may do what, about which clients, and the keys that prove who they are."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Path
from pydantic import Field

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.pagination import WantedPage, page_of
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import ApiKey, Page, UserRecord
from schema_matching_pipeline.workflows.manage_keys import KeyTerms, add_key, list_keys, revoke_key
from schema_matching_pipeline.workflows.manage_people import (
    NewKey,
    PersonChange,
    add_person,
    change_person,
    list_people,
)

router = APIRouter(prefix="/users", tags=["access"])

LoginPath = Annotated[str, Path(description="The person.", max_length=100, examples=["ada"])]
KeyPath = Annotated[
    str, Path(description="The key.", max_length=64, examples=["3e0a7c52-9e1d-4b5c-8f0e-2f6d1c9b7a10"])
]


class NewPerson(Frozen):
    """A person to be added; without ``clients`` to all of the tenant's."""

    login: str = Field(min_length=1, max_length=100, examples=["grace"])
    role: Role = Field(examples=["steward"])
    clients: tuple[ClientId, ...] | None = Field(default=None, max_length=1000)


@router.get("")
def users(world: TheWorld, actor: TheActor, wanted: WantedPage) -> Page[UserRecord]:
    """List everybody of the tenant, by login."""
    return page_of(list_people(world, actor), wanted)


@router.post("", status_code=HTTPStatus.CREATED)
def add(world: TheWorld, actor: TheActor, given: Annotated[NewPerson, Body()]) -> NewKey:
    """Add a person. The key is shown this once."""
    return add_person(world, actor, given.login, given.role, given.clients)


@router.patch("/{login}")
def change(
    world: TheWorld, actor: TheActor, login: LoginPath, given: Annotated[PersonChange, Body()]
) -> UserRecord:
    """Change a person's role or clients, or put him to rest. The last administrator stays one."""
    return change_person(world, actor, login, given)


@router.get("/{login}/keys")
def keys(world: TheWorld, actor: TheActor, login: LoginPath, wanted: WantedPage) -> Page[ApiKey]:
    """List a person's keys, those first that count: one's own, or by an administrator anybody's."""
    return page_of(list_keys(world, actor, login), wanted)


@router.post("/{login}/keys", status_code=HTTPStatus.CREATED)
def another_key(
    world: TheWorld, actor: TheActor, login: LoginPath, given: Annotated[KeyTerms, Body()]
) -> NewKey:
    """Make another key of a person, shown this once; those before it go on working."""
    return add_key(world, actor, login, given)


@router.delete("/{login}/keys/{key_id}", status_code=HTTPStatus.NO_CONTENT)
def revoke(world: TheWorld, actor: TheActor, login: LoginPath, key_id: KeyPath) -> None:
    """End a key of a person, and the sessions that were begun with it; once more, it changes nothing."""
    revoke_key(world, actor, login, key_id)
