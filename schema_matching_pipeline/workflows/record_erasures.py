"""Who asked to erase what is held about a client or a person, and what was done about it.

Nothing is erased by this: a client is removed, and a person put to rest, by those who know what the law keeps.
"""

from __future__ import annotations

from datetime import UTC, date
from typing import Annotated

from pydantic import Field

from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.access import Actor, Permission, require_whole_tenant
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.erasure import ErasureOf, ErasureRequest
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World

LONGEST_NAME, LONGEST_ASKER = 100, 200


class ErasureAsked(Frozen):
    """What was asked: ``asked_by`` says who, by a name or the number of a letter, and is kept for ever.

    ``asked_on`` is the day; None for today.
    """

    about: ErasureOf = Field(examples=["person"])
    name: str = Field(min_length=1, max_length=LONGEST_NAME, examples=["grace"])
    asked_by: Annotated[
        str, Field(min_length=1, max_length=LONGEST_ASKER, pattern=r"\S", examples=["Letter 2026/117"])
    ]
    asked_on: date | None = Field(default=None, examples=["2026-11-20"])


def enter_erasure(world: World, actor: Actor, asked: ErasureAsked) -> ErasureRequest:
    """The request as it was entered.

    Raises:
        NotAllowedError: the actor may not manage people, or not of the whole tenant.
        UnknownNameError: the tenant never had such a client or person.
        BadDecisionError: the day is yet to come.
    """
    require_whole_tenant(actor, Permission.MANAGE_USERS)
    today = world.clock.now().astimezone(UTC).date()
    asked_on = asked.asked_on or today
    if asked_on > today:
        raise BadDecisionError(f"{asked_on} is yet to come. Give the day on which it was asked.")
    with open_as(world, actor) as unit:
        return unit.erasures.enter(asked.about, asked.name, asked.asked_by, asked_on)


def close_erasure(world: World, actor: Actor, request: str, done: str) -> ErasureRequest:
    """The request, closed with what was done; or why nothing was.

    Raises:
        NotAllowedError: as above.
        UnknownNameError: there is no such request.
        BadDecisionError: it is closed.
    """
    require_whole_tenant(actor, Permission.MANAGE_USERS)
    with open_as(world, actor) as unit:
        return unit.erasures.close(request, done)


def list_erasures(world: World, actor: Actor) -> tuple[ErasureRequest, ...]:
    """All requests of the tenant, open ones first.

    Raises:
        NotAllowedError: as above.
    """
    require_whole_tenant(actor, Permission.MANAGE_USERS)
    with open_as(world, actor) as unit:
        return unit.erasures.list()
