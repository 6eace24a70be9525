"""The review desk: the queue, the evidence about one item, and the decision, side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.pages_or_json import is_part
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.entrances.api.ui.desk_parts import examined, item_given, queue_given
from schema_matching_pipeline.entrances.api.ui.queue_query import (
    SAID_AGES,
    SAID_BANDS,
    SAID_KINDS,
    SAID_ORDERS,
    QueueQuery,
    TheQueue,
)
from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.workflows.list_clients import name_clients
from schema_matching_pipeline.workflows.list_review import find_item
from schema_matching_pipeline.workflows.overview import overview
from schema_matching_pipeline.workflows.review_pace import own_pace
from schema_matching_pipeline.workflows.search_fields import search_fields
from schema_matching_pipeline.workflows.why_held import why_held
from schema_matching_pipeline.workflows.world import World

router = APIRouter(prefix="/review")

HOLDING_SHOWN = 20
FIELDS_SHOWN = 20


@router.get("")
def desk(request: Request, world: TheWorld, actor: TheActor, queue: TheQueue) -> Response:
    """The queue with its first item."""
    return _desk(request, world, actor, queue, "")


@router.get("/queue")
def queue_again(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    queue: TheQueue,
    item: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The queue alone, as it is now."""
    return shown(request, "part/review_queue.html", queue_given(world, actor, queue, item), actor=actor)


@router.get("/standing")
def standing(request: Request, world: TheWorld, actor: TheActor, queue: TheQueue) -> Response:
    """Where the client stands, or all of them together."""
    clients = overview(world, actor, queue.client or None)
    given = {"queue": queue, "clients": clients, "pace": own_pace(world, actor), "now": world.clock.now()}
    return shown(request, "part/review_standing.html", given, actor=actor)


@router.get("/blocked")
def blocked(
    request: Request, world: TheWorld, actor: TheActor, client: Annotated[str, Query(max_length=100)]
) -> Response:
    """Everything that keeps the client's gates closed, with who may decide it."""
    given = {
        "held": why_held(world, actor, client),
        "kinds": SAID_KINDS,
        "client": client,
        "most": HOLDING_SHOWN,
        "now": world.clock.now(),
    }
    return shown(request, "part/review_blocked.html", given, actor=actor)


@router.get("/fields")
def fields(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    client: Annotated[str, Query(max_length=100)],
    q: Annotated[str, Query(max_length=200)] = "",
    item: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """The fields of the client's canonical model that the words may mean, and which of them an item's column cannot fill."""
    found = search_fields(world, actor, client, q, most=FIELDS_SHOWN, item=item) if q.strip() else ()
    return shown(request, "part/review_fields.html", {"found": found, "q": q.strip()}, actor=actor)


@router.get("/{item}")
def one(request: Request, world: TheWorld, actor: TheActor, item: str, queue: TheQueue) -> Response:
    """One item: the part of the page that shows it, or the whole desk with it."""
    if is_part(request):
        found = examined(world, actor, item)
        return shown(request, "part/review_item.html", item_given(world, queue, found), actor=actor)
    return _desk(request, world, actor, queue, item)


@router.get("/{item}/news")
def news(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    item: str,
    queue: TheQueue,
    version: Annotated[int, Query(ge=1)],
) -> Response:
    """Whether the item changed since it was shown as that version, and how."""
    changed = find_item(world, actor, item, candidates=False).item.row_version != version
    given = item_given(world, queue, examined(world, actor, item)) if changed else {}
    return shown(request, "part/review_news.html", {"changed": changed, **given}, actor=actor)


def _desk(request: Request, world: World, actor: Actor, queue: QueueQuery, item: str) -> Response:
    clients = name_clients(world, actor)
    if queue.client and queue.client not in {each.slug for each in clients}:
        raise UnknownNameError("client", queue.client, (each.slug for each in clients))
    listed = queue_given(world, actor, queue, item)
    shown_item = item or listed["first"]
    found = examined(world, actor, str(shown_item)) if shown_item else None
    given = {
        **listed,
        "clients": clients,
        "choices": {"kinds": SAID_KINDS, "bands": SAID_BANDS, "ages": SAID_AGES, "orders": SAID_ORDERS},
        "item": found.item.id if found else "",
        **(item_given(world, queue, found) if found else {"view": None}),
    }
    return shown(request, "review.html", given, actor=actor)
