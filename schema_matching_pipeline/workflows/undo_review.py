"""Decisions taken back, and decisions of a batch made again."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.workflows.aftermath import Decided, before_deciding, decided, show_decided
from schema_matching_pipeline.workflows.list_review import find_item
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def undo_item(
    world: World, actor: Actor, item: str, reason: str = "", *, expected_row_version: int | None = None
) -> Decided:
    """Takes back the last word about an item, which stands then as it did before it; its history keeps both.

    Doing so again changes nothing.

    Raises:
        UnknownNameError: there is no such item.
        NotAllowedError: the actor may not decide, or neither decided that nor is an administrator.
        StaleDecisionError: there is nothing to take back, something rests on it, or the item changed.
    """
    require(actor, Permission.DECIDE)
    line = find_item(world, actor, item, candidates=False)
    require(actor, Permission.DECIDE, line.client)
    with open_as(world, actor, reason=reason or None) as unit:
        before = before_deciding(unit, [line.client])
        undone = unit.reviews.undo(line.item.id, reason, expected_row_version=expected_row_version)
        show_decided(unit, before)
    with open_as(world, actor) as unit:
        return decided(unit, [undone.id], before)


def undo_batch(world: World, actor: Actor, batch: str, reason: str = "") -> Decided:
    """Takes back what was decided together, all or none; what somebody took back already stays so.

    Raises:
        UnknownNameError: nothing was decided under that id.
        NotAllowedError: the actor may not decide, or neither decided that nor is an administrator.
        StaleDecisionError: something rests on one of the decisions; all that does is named.
    """
    return _batch(world, actor, batch, reason, again=False)


def redo_batch(world: World, actor: Actor, batch: str, reason: str = "") -> Decided:
    """Makes decisions again that were taken back together, all or none, in the name of the actor.

    Without a reason, that of each decision counts again. Where they stand, nothing changes.

    Raises:
        UnknownNameError: nothing was decided under that id.
        NotAllowedError: the actor may not decide.
        StaleDecisionError: an item changed since; all that did are named.
    """
    return _batch(world, actor, batch, reason, again=True)


def _batch(world: World, actor: Actor, batch: str, reason: str, *, again: bool) -> Decided:
    require(actor, Permission.DECIDE)
    with open_as(world, actor, reason=reason or None) as unit:
        clients = unit.reviews.clients_of_batch(batch)
        for client in clients:
            require(actor, Permission.DECIDE, client)
        before = before_deciding(unit, clients)
        act = unit.reviews.redo_batch if again else unit.reviews.undo_batch
        changed = act(batch, reason)
        show_decided(unit, before)
    with open_as(world, actor) as unit:
        return decided(unit, [item.id for item in changed], before)
