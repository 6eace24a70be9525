"""Keys of people: each for one use, with a name, a scope and an end; one's own, or by an administrator anybody's."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from schema_matching_pipeline.model.access import Actor, KeyScope, Permission, require_whole_tenant
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.registry import ApiKey
from schema_matching_pipeline.workflows.manage_people import NewKey
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class KeyTerms(Frozen):
    """What a key is called, what it is good for, and after how many days it ends; None for never."""

    name: str = Field(min_length=1, max_length=100, pattern=r"\S", examples=["nightly export"])
    scope: KeyScope = Field(default=KeyScope.ALL, examples=["read"])
    days: int | None = Field(default=None, ge=1, le=3650, examples=[90])


def add_key(world: World, actor: Actor, login: str, terms: KeyTerms) -> NewKey:
    """Another key of a person, shown this once; those before it go on working.

    Raises:
        NotAllowedError: it is somebody else's and the actor may not manage people, or the actor came with a key that
            is not good for all.
        UnknownNameError: there is no such person.
        BadDecisionError: the person has as many keys as anybody may have.
    """
    _require_own_or_managed(actor, login)
    until = world.clock.now() + timedelta(days=terms.days) if terms.days else None
    with open_as(world, actor) as unit:
        key = unit.api_keys.add(login, terms.name, terms.scope, until)
        return NewKey(user=unit.users.get(login), key=key)


def list_keys(world: World, actor: Actor, login: str) -> tuple[ApiKey, ...]:
    """The keys of a person, without what is secret of them.

    Raises:
        NotAllowedError: it is somebody else, and the actor may not manage people.
        UnknownNameError: there is no such person.
    """
    _require_own_or_managed(actor, login)
    with open_as(world, actor) as unit:
        return unit.api_keys.list(unit.users.get(login).login)


def revoke_key(world: World, actor: Actor, login: str, key_id: str) -> None:
    """Ends a key of a person, and the sessions that were begun with it.

    Raises:
        NotAllowedError: as of another key.
        UnknownNameError: there is no such person, or no such key of his.
    """
    _require_own_or_managed(actor, login)
    with open_as(world, actor) as unit:
        unit.api_keys.revoke(unit.users.get(login).login, key_id)


def _require_own_or_managed(actor: Actor, login: str) -> None:
    if login != actor.login:
        require_whole_tenant(actor, Permission.MANAGE_USERS)
