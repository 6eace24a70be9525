"""Skipping on the desk: the item comes last for this person, and nothing is decided."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.ui.desk_answers import Done, answered
from schema_matching_pipeline.entrances.api.ui.desk_parts import next_item
from schema_matching_pipeline.entrances.api.ui.queue_query import TheQueue
from schema_matching_pipeline.entrances.api.ui.skipped import TheSkipped, keep_skipped
from schema_matching_pipeline.workflows.list_review import find_item

router = APIRouter(prefix="/review")


@router.post("/{item}/skip")
def skip(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    item: str,
    queue: TheQueue,
    skipped: TheSkipped,
    next: Annotated[str, Form(max_length=64)] = "",  # noqa: A002 - it stands so in the form
) -> Response:
    """Puts the item behind all others that the person sees, until he logs out, and shows the one that comes next."""
    found = find_item(world, actor, item, candidates=False).item
    later = (*(each for each in skipped if each != found.id), found.id)
    left = queue.but(skipped=later)
    view = next_item(world, actor, left, next, without="")
    alone = view is not None and view.item.id == found.id
    said = (
        f"{found.ref}: nothing else is left."
        if alone
        else f"{found.ref}: skipped. It comes last for you now."
    )
    answer = answered(request, world, actor, left, view, Done(said, (), {}))
    answer.headers["HX-Trigger-After-Settle"] = "queue-changed"
    keep_skipped(answer, later, secure=request.url.scheme == "https")
    return answer
