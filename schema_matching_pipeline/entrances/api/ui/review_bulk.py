"""Many items decided alike on the desk: shown first, then decided all or none, and taken back as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.rendering import count, shown
from schema_matching_pipeline.entrances.api.ui.bulk_words import bulk_words
from schema_matching_pipeline.entrances.api.ui.desk_answers import Done, answered, refused
from schema_matching_pipeline.entrances.api.ui.desk_parts import next_item
from schema_matching_pipeline.entrances.api.ui.queue_query import QueueQuery, TheQueue
from schema_matching_pipeline.errors import BadDecisionError, GateError, UsageError
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.model.review import ItemKind
from schema_matching_pipeline.workflows.aftermath import Decided
from schema_matching_pipeline.workflows.decide_bulk import (
    MOST,
    BulkDecision,
    BulkFilter,
    count_by_confidence,
    count_meant,
    decide_bulk,
)
from schema_matching_pipeline.workflows.undo_review import redo_batch, undo_batch
from schema_matching_pipeline.workflows.world import World

router = APIRouter(prefix="/review/bulk")

EXCLUDED_SHOWN = 20
STEPS = (0.98, 0.95, 0.90, 0.80, 0.50, 0.0)
"""From which confidence up many are decided alike; the last one means any."""
_LONGEST = 80 * MOST  # ids, each with its version, and a comma between
Word = Annotated[Literal["approve", "reject"], Form()]
Ids = Annotated[str, Form(max_length=_LONGEST)]
Said = Annotated[str, Form(max_length=2000)]


@router.post("/preview")
def preview(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    queue: TheQueue,
    items: Ids = "",
    decision: Word = "approve",
    at_least: Annotated[float | None, Form(ge=0.0, le=1.0)] = None,
) -> Response:
    """How many items there would be, of which tables, a few of them, which are not among them and why, and how many are less sure.

    Without a least confidence it is the highest step that takes items in, and it is told how many each step does.
    """
    chosen = _ids(items)
    steps: dict[float, int] = {}
    waiting = 0
    try:
        # A preview records nothing, so that the reason of a rejection can wait.
        reason = "preview" if decision == "reject" else ""
        if chosen:
            wanted = BulkDecision(decision=decision, items=chosen, reason=reason, preview=True)
        else:
            meant = _filter(queue, at_least or 0.0)
            wanted = BulkDecision(decision=decision, filter=meant, reason=reason, preview=True)
            if at_least is None:
                steps = count_by_confidence(world, actor, wanted, STEPS)
                at_least = _sensible(steps)
                wanted = wanted.but(filter=_filter(queue, at_least))
            waiting = count_meant(world, actor, _filter(queue, 0.0))
        found = decide_bulk(world, actor, wanted)
    except (UsageError, GateError) as fault:
        return refused(request, actor, fault, "#bulk-body")
    kinds = {each.kind for each in found.items} if chosen else {queue.kind or ItemKind.MAPPING}
    given = {
        "found": found,
        "words": bulk_words(decision, kinds),
        "waiting": waiting,
        "below": waiting - found.count - len(found.excluded),
        "queue": queue,
        "chosen": chosen,
        "decision": decision,
        "at_least": at_least or 0.0,
        "steps": [(step, steps.get(step)) for step in STEPS] if steps else (),
        "most": EXCLUDED_SHOWN,
    }
    return shown(request, "part/review_bulk.html", given, actor=actor)


@router.post("")
def decided(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    queue: TheQueue,
    items: Ids,
    decision: Word,
    reason: Said = "",
    next: Annotated[str, Form(max_length=64)] = "",  # noqa: A002 - it stands so in the form
) -> Response:
    """Decides about the items that were shown, as they were shown, all or none."""
    try:
        versions = _versions(items)
        wanted = BulkDecision(
            decision=decision, items=tuple(versions), row_versions=versions, reason=reason.strip()
        )
        made = decide_bulk(world, actor, wanted)
    except (UsageError, GateError) as fault:
        return refused(request, actor, fault, "#bulk-said")
    gone = {line.item_id: line.row_version for line in made.items}
    gone |= {each.id: each.row_version for left in made.left for each in left.withdrawn}
    words = bulk_words(decision, {line.kind for line in made.items})
    said = f"{count(made.count, words.one)} {words.done} together."
    done = Done(said, made.left, gone, undo=f"/review/bulk/{made.batch_id}/undo")
    follows = "" if next in gone else next
    return answered(request, world, actor, queue, next_item(world, actor, queue, follows, without=""), done)


@router.post("/{batch}/undo")
def undone(request: Request, world: TheWorld, actor: TheActor, batch: str, queue: TheQueue) -> Response:
    """Takes back what was decided together."""

    def done(made: Decided) -> Done:
        said = f"{count(len(made.items), 'decision')} taken back together."
        return Done(said, (), {}, redo=f"/review/bulk/{batch}/redo")

    return _again(request, world, actor, queue, partial(undo_batch, world, actor, batch), done)


@router.post("/{batch}/redo")
def redone(request: Request, world: TheWorld, actor: TheActor, batch: str, queue: TheQueue) -> Response:
    """Makes again what was taken back together."""

    def done(made: Decided) -> Done:
        said = f"{count(len(made.items), 'decision')} made again."
        gone = {item.id: item.row_version for item in made.items}
        return Done(said, made.left, gone, undo=f"/review/bulk/{batch}/undo")

    return _again(request, world, actor, queue, partial(redo_batch, world, actor, batch), done)


def _again(
    request: Request,
    world: World,
    actor: Actor,
    queue: QueueQuery,
    act: Callable[[], Decided],
    told: Callable[[Decided], Done],
) -> Response:
    """What was done to a whole batch, with one of its items where they wait again; or why it was not."""
    try:
        made = act()
    except (UsageError, GateError) as fault:
        return refused(request, actor, fault)
    done = told(made)
    wanted = made.items[0].id if made.items and not done.gone else ""
    return answered(request, world, actor, queue, next_item(world, actor, queue, wanted, without=""), done)


def _sensible(steps: Mapping[float, int]) -> float:
    """The highest step that takes items in, short of any confidence at all; the highest of all where none does.

    >>> _sensible({0.98: 0, 0.95: 0, 0.9: 3, 0.5: 8, 0.0: 9}), _sensible({0.98: 0, 0.5: 0, 0.0: 9}), _sensible({})
    (0.9, 0.98, 0.98)
    """
    return next((step for step in STEPS if step and steps.get(step)), STEPS[0])


def _versions(given: str) -> dict[str, int]:
    """The items with the versions in which a preview showed them.

    >>> _versions("5f0c:2,77aa:1")
    {'5f0c': 2, '77aa': 1}
    """
    pairs = (each.partition(":") for each in _ids(given))
    try:
        return {item: int(version) for item, _, version in pairs}
    except ValueError:
        raise BadDecisionError("The items came without their versions. Load the page anew.") from None


def _ids(given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, given.split(","))))


def _filter(queue: QueueQuery, at_least: float) -> BulkFilter:
    """The filter of the queue, as far as it goes by the confidence of suggestions."""
    if not queue.client:
        raise BadDecisionError(
            "Choose a client, or select items (x, or X for all up to one); then decide about them together."
        )
    shown_filter = queue.wanted()
    return BulkFilter(
        client=queue.client,
        at_least=max(at_least, shown_filter.at_least or 0.0),
        below=shown_filter.below,
        kind=queue.kind or ItemKind.MAPPING,
        table=shown_filter.table,
        entity=shown_filter.entity,
        risk=shown_filter.risk,
        older_than_days=shown_filter.older_than_days,
        assignee=shown_filter.assignee,
        text=shown_filter.text,
    )
