"""The value bank: what was learned of each entity, value by value, by hashes alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.pagination import WantedPage, page_of
from schema_matching_pipeline.entrances.api.reasons import NeededReason, Reason
from schema_matching_pipeline.model.registry import FieldKnowledge, LearnedValue, Page, ValueState
from schema_matching_pipeline.settings import Feature
from schema_matching_pipeline.workflows.value_bank import decide_learned, list_fields, list_learned

router = APIRouter(prefix="/value-bank", tags=["value bank"])
FEATURE = Feature.VALUE_BANK

Entity = Annotated[str, Path(description="The canonical entity.", max_length=200, examples=["patient"])]
ValueId = Annotated[int, Path(description="The value, as lists name it.", ge=1, le=2**63 - 1, examples=[1])]


@router.get("")
def fields(world: TheWorld, actor: TheActor, wanted: WantedPage) -> Page[FieldKnowledge]:
    """List the fields of which anything is known: values by state, names of columns, codes that people translated."""
    return page_of(list_fields(world, actor), wanted)


@router.get("/{entity}")
def values(world: TheWorld, actor: TheActor, entity: Entity, wanted: WantedPage) -> Page[LearnedValue]:
    """List the values learned of an entity's fields by their keyed hashes, and in how many clients each was seen."""
    return page_of(list_learned(world, actor, entity), wanted)


@router.get("/{entity}/pending")
def pending(world: TheWorld, actor: TheActor, entity: Entity, wanted: WantedPage) -> Page[LearnedValue]:
    """List those that nobody verified yet."""
    return page_of(list_learned(world, actor, entity, pending=True), wanted)


@router.post("/value/{value_id}/verify")
def verify(
    world: TheWorld, actor: TheActor, value_id: ValueId, given: Annotated[Reason | None, Body()] = None
) -> LearnedValue:
    """Verify a value, so that it counts for its field. Again, it changes nothing; 409 where it was rejected."""
    return decide_learned(world, actor, value_id, ValueState.VERIFIED, given.reason if given else "")


@router.post("/value/{value_id}/reject")
def reject(
    world: TheWorld, actor: TheActor, value_id: ValueId, given: Annotated[NeededReason, Body()]
) -> LearnedValue:
    """Reject a value, which is remembered; 409 where it was verified."""
    return decide_learned(world, actor, value_id, ValueState.REJECTED, given.reason)
