"""Requests to erase: who asked about which client or person, and what was done."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Path

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.pagination import WantedPage, page_of
from schema_matching_pipeline.entrances.api.reasons import MustBeSaid
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.erasure import ErasureRequest
from schema_matching_pipeline.model.registry import Page
from schema_matching_pipeline.workflows.record_erasures import (
    ErasureAsked,
    close_erasure,
    enter_erasure,
    list_erasures,
)

router = APIRouter(prefix="/erasures", tags=["audit"])

RequestPath = Annotated[
    str,
    Path(
        description="The request, or the letters only its id begins with.",
        max_length=64,
        examples=["3e0a7c52-9e1d-4b5c-8f0e-2f6d1c9b7a10"],
    ),
]


class Done(Frozen):
    """What was done, or why nothing was; kept for ever."""

    done: MustBeSaid


@router.get("")
def erasures(world: TheWorld, actor: TheActor, wanted: WantedPage) -> Page[ErasureRequest]:
    """List the requests to erase: open ones first, the oldest first among them."""
    return page_of(list_erasures(world, actor), wanted)


@router.post("", status_code=HTTPStatus.CREATED)
def enter(world: TheWorld, actor: TheActor, given: Annotated[ErasureAsked, Body()]) -> ErasureRequest:
    """Enter that somebody asked to erase what is held about a client or a person. It erases nothing."""
    return enter_erasure(world, actor, given)


@router.post("/{erasure_id}/close")
def close(
    world: TheWorld, actor: TheActor, erasure_id: RequestPath, given: Annotated[Done, Body()]
) -> ErasureRequest:
    """Close a request with what was done. What was said once stands."""
    return close_erasure(world, actor, erasure_id, given.done)
