"""What people note about an item on the desk without deciding, and who of them sees its values as they are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.entrances.api.ui.desk_parts import examined
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.workflows.mark_item import assign_item, comment_item, flag_item
from schema_matching_pipeline.workflows.reveal_values import reveal_values
from schema_matching_pipeline.workflows.world import World

router = APIRouter(prefix="/review/{item}")


@router.post("/comment")
def commented(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    item: str,
    text: Annotated[str, Form(min_length=1, max_length=10_000)],
) -> Response:
    """Keeps a comment about the item."""
    comment_item(world, actor, item, text)
    return _marks(request, world, actor, item)


@router.post("/flag")
def flagged(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    item: str,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Flags the item with the reason, or without one takes its flag away."""
    flag_item(world, actor, item, reason.strip() or None)
    return _marks(request, world, actor, item)


@router.post("/assign")
def assigned(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    item: str,
    login: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Gives the item to somebody, or to nobody."""
    assign_item(world, actor, item, login or None)
    return _marks(request, world, actor, item)


@router.post("/reveal")
def revealed(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    item: str,
    reason: Annotated[str, Form(max_length=2000)],
) -> Response:
    """Values of the item's column as they are, this once."""
    found = reveal_values(world, actor, item, reason)
    return shown(request, "part/review_revealed.html", {"found": found}, actor=actor)


def _marks(request: Request, world: World, actor: Actor, item: str) -> Response:
    return shown(request, "part/review_marks.html", {"view": examined(world, actor, item)}, actor=actor)
