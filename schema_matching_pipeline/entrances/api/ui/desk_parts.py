"""What the parts of the review desk are given: the queue, and one item."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from schema_matching_pipeline.canon.figures import compared
from schema_matching_pipeline.entrances.api.ui.item_view import REASONS, ItemView
from schema_matching_pipeline.entrances.api.ui.queue_query import SAID_KINDS, QueueQuery
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.model.registry import ClientItem, QueuePage
from schema_matching_pipeline.model.review import ItemKind, ItemState, ReviewItem
from schema_matching_pipeline.workflows.examine_item import examine_item
from schema_matching_pipeline.workflows.list_review import list_items
from schema_matching_pipeline.workflows.world import World

_LOOKED_AT = 20  # items from the top of the queue, for one that this person may decide


def queue_given(world: World, actor: Actor, queue: QueueQuery, item: str) -> dict[str, object]:
    """One page of the queue; ``item`` is the one that is looked at."""
    found = _with_skipped(world, actor, queue)
    return {
        "queue": queue,
        "found": found,
        "item": item,
        "first": found.items[0].item.id if found.items else "",
        "figure": figure,
        "kinds": SAID_KINDS,
        "now": world.clock.now(),
    }


def _with_skipped(world: World, actor: Actor, queue: QueueQuery) -> QueuePage:
    """A page of the queue; what the person skipped comes behind all others, the last skipped last."""
    found = list_items(world, actor, queue.wanted())
    skipped = _skipped(world, actor, queue)
    shown = skipped if found.page >= found.pages else ()
    checks = sum(line.item.asks_blind for line in skipped)
    return found.but(
        total=found.total + len(skipped),
        spot_checks=found.spot_checks + checks,
        items=(*found.items, *shown),
    )


def _skipped(world: World, actor: Actor, queue: QueueQuery) -> tuple[ClientItem, ...]:
    if not queue.skipped:
        return ()
    wanted = queue.wanted().but(only=queue.skipped, without=None, page=1, size=len(queue.skipped))
    found = list_items(world, actor, wanted).items
    return tuple(sorted(found, key=lambda line: queue.skipped.index(line.item.id)))


def examined(world: World, actor: Actor, item: str) -> ItemView:
    """One item with all that is known of it."""
    return ItemView(examine_item(world, actor, item), actor)


def item_given(world: World, queue: QueueQuery, view: ItemView) -> dict[str, object]:
    """What the part that shows an item is given; nothing went wrong, and nothing was typed yet."""
    return {
        "view": view,
        "queue": queue,
        "reasons": REASONS,
        "now": world.clock.now(),
        "stale": "",
        "mine": _nothing_typed(),
    }


def _nothing_typed() -> Mapping[str, str]:
    return {"reason": "", "said": ""}


def figure(item: ReviewItem) -> str:
    """The confidence an item has, where it is about one."""
    if item.kind in {ItemKind.QUALITY, ItemKind.VALIDATION} or item.asks_blind:
        return ""
    return compared(item.had, item.needed)[0]


def next_item(world: World, actor: Actor, queue: QueueQuery, wanted: str, *, without: str) -> ItemView | None:
    """The item that was to come next, if it waits still; else the first that does; None where none is left."""
    if wanted and wanted != without:
        with suppress(UsageError):  # it may be gone
            view = examined(world, actor, wanted)
            if view.is_open and not view.is_mine_already:
                return view
    found = list_items(world, actor, queue.wanted().but(page=1, size=_LOOKED_AT)).items
    for lines in (found, _skipped(world, actor, queue)):
        left = [line.item for line in lines if line.item.id != without]
        if left:  # what waits for a second person may wait for another than this one
            first = next((item for item in left if item.state is not ItemState.AWAITING_SECOND), left[0])
            return examined(world, actor, first.id)
    return None
