"""How the desk answers to what somebody did: with the item that comes next, or why nothing was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.errors import told
from schema_matching_pipeline.entrances.api.page_words import in_page_words
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.entrances.api.ui.desk_parts import item_given
from schema_matching_pipeline.entrances.api.ui.item_view import ItemView
from schema_matching_pipeline.entrances.api.ui.queue_query import QueueQuery
from schema_matching_pipeline.errors import SmpError, StaleDecisionError
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.model.registry import Left
from schema_matching_pipeline.workflows.world import World


@dataclass(frozen=True)
class Done:
    """What was done, in words; the items that wait no more with their versions; and where it is taken back or made again.

    What is ``final`` has a way back, too, which tells why it is none: else the key for it would take back what was done before.
    """

    said: str
    left: Sequence[Left]
    gone: Mapping[str, int]
    undo: str = ""
    redo: str = ""
    final: bool = False


def answered(
    request: Request, world: World, actor: Actor, queue: QueueQuery, view: ItemView | None, done: Done
) -> Response:
    """The item that comes next, with what was done in the line below and out of the queue what waits no more."""
    given = {
        **(item_given(world, queue, view) if view else {"view": None, "queue": queue}),
        "done": done,
        "now": world.clock.now(),
    }
    place = f"/review/{view.item.id}" if view else "/review"
    headers = {"HX-Push-Url": f"{place}?{queue.text}" if queue.text else place}
    return shown(request, "part/review_decided.html", given, actor=actor, headers=headers)


def refused(request: Request, actor: Actor, fault: SmpError, place: str = "#said") -> Response:
    """Told beside the form, which stays as it was filled in."""
    status = told(fault).status
    resting = fault.blocking if isinstance(fault, StaleDecisionError) else ()
    return shown(
        request,
        "part/review_refused.html",
        {
            "message": in_page_words(str(fault)),
            "resting": [each for each in resting if each not in str(fault)],
        },
        actor=actor,
        status=status,
        headers={"HX-Retarget": place, "HX-Reswap": "innerHTML"},
    )
