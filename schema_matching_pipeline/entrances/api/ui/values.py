"""The value bank as a page: what was learned of each field, and what waits to be verified."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import BeforeValidator

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.pagination import USUAL, Wanted, page_of
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.model.access import MATRIX, Actor, Permission
from schema_matching_pipeline.model.registry import LearnedValue, ValueState
from schema_matching_pipeline.settings import Feature
from schema_matching_pipeline.workflows.value_bank import decide_learned, list_fields, list_learned

router = APIRouter(prefix="/values")
FEATURE = Feature.VALUE_BANK

Unset = BeforeValidator(lambda given: given or None)


@router.get("")
def values(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    entity: Annotated[str, Query(max_length=200)] = "",
    field: Annotated[str, Query(max_length=200)] = "",
    state: Annotated[ValueState | None, Unset, Query()] = None,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """What is known of one entity's fields, and its values one by one."""
    fields = list_fields(world, actor)
    entities = sorted({known.target.entity for known in fields})
    waiting = [known.target.entity for known in fields if known.pending]
    chosen = entity or next(iter((*waiting, *entities)), "")
    found = [
        value
        for value in (list_learned(world, actor, chosen) if chosen else ())
        if field in {"", value.target.field} and state in {None, value.state}
    ]
    asked = {"entity": chosen, "field": field, "state": str(state or "")}
    given = {
        "entities": entities,
        "chosen": chosen,
        "field": field,
        "state": state,
        "states": tuple(ValueState),
        "fields": [known for known in fields if known.target.entity == chosen],
        "waiting": sum(known.pending for known in fields),
        "found": page_of(found, Wanted(page, USUAL)),
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "may_decide": Permission.DECIDE in MATRIX[actor.role] and actor.clients is None,
    }
    return shown(request, "values.html", given, actor=actor)


@router.post("/{value_id}/verify")
def verify(request: Request, world: TheWorld, actor: TheActor, value_id: int) -> Response:
    """The value's line, once it counts for its field."""
    return _line(request, decide_learned(world, actor, value_id, ValueState.VERIFIED), actor)


@router.post("/{value_id}/reject")
def reject(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    value_id: int,
    reason: Annotated[str, Form(min_length=1, max_length=2000, pattern=r"\S")],
) -> Response:
    """The value's line, once it was refused for its field."""
    return _line(request, decide_learned(world, actor, value_id, ValueState.REJECTED, reason.strip()), actor)


def _line(request: Request, value: LearnedValue, actor: Actor) -> Response:
    answer = shown(request, "part/value.html", {"value": value, "may_decide": True}, actor=actor)
    answer.headers["HX-Retarget"] = f"#value-{value.id}"
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer
