"""Marks on review items that decide nothing: comments, flags, and whose an item is."""

from __future__ import annotations

from collections.abc import Callable

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.list_review import ReviewDetail, find_item, show_item
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def comment_item(world: World, actor: Actor, item: str, text: str) -> ReviewDetail:
    """The item with one comment more, which stays for ever.

    Raises:
        UnknownNameError: there is no such item.
        NotAllowedError: the actor may not decide about the client.
        BadDecisionError: the text is empty, or longer than 10,000 characters.
    """
    return _marked(world, actor, item, lambda unit, client, found: unit.marks.comment(client, found, text))


def flag_item(world: World, actor: Actor, item: str, reason: str | None) -> ReviewDetail:
    """The item with a flag and its reason, or with none: by a filter, a flagged item is not decided alike with others.

    Raises:
        UnknownNameError: there is no such item.
        NotAllowedError: the actor may not decide about the client.
    """
    return _marked(world, actor, item, lambda unit, client, found: unit.marks.flag(client, found, reason))


def assign_item(world: World, actor: Actor, item: str, login: str | None) -> ReviewDetail:
    """The item as that of one person, or of nobody.

    Raises:
        UnknownNameError: there is no such item.
        NotAllowedError: the actor may not decide about the client.
        BadDecisionError: that login may not; those that may are named.
    """
    return _marked(world, actor, item, lambda unit, client, found: unit.marks.assign(client, found, login))


def _marked(
    world: World, actor: Actor, item: str, act: Callable[[UnitOfWork, ClientId, str], None]
) -> ReviewDetail:
    require(actor, Permission.DECIDE)
    line = find_item(world, actor, item, candidates=False)
    require(actor, Permission.DECIDE, line.client)
    with open_as(world, actor) as unit:
        act(unit, line.client, line.item.id)
    return show_item(world, actor, line.item.id)
