"""What a client's columns are mapped to, as a grid to look through; and why one of them got its field."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.mapping_query import AskedMappings
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.workflows.explain_column import explain_column
from schema_matching_pipeline.workflows.list_clients import show_record
from schema_matching_pipeline.workflows.list_mappings import (
    MappingFilter,
    MappingOrder,
    show_mappings,
)

router = APIRouter(prefix="/clients/{client}")

SIZE = 100


@router.get("/mappings")
def mappings(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    client: str,
    asked: AskedMappings,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """The client's columns that are looked for, a page of them."""
    record = show_record(world, actor, client)
    found = show_mappings(world, actor, client, asked, page, SIZE, best=False)
    query = _query_of(asked)
    given = {
        "record": record,
        "asked": asked,
        "found": found.page,
        "whole": found.whole,
        "tables": found.tables,
        "entities": found.entities,
        "states": tuple(Disposition),
        "query": urlencode(query),
        "orders": {order: _ordered(query, asked, order) for order in MappingOrder},
    }
    return shown(request, "mappings.html", given, actor=actor)


@router.get("/explain")
def explain(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    client: str,
    column: Annotated[str, Query(max_length=20_000)],
    entity: Annotated[str, Query(max_length=200)] = "",
    field: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """How the confidence of a column's field came about, or that of another candidate."""
    record = show_record(world, actor, client)
    target = FieldRef(entity=entity, field=field) if entity and field else None
    found = explain_column(world, actor, client, column, target)
    return shown(request, "explain.html", {"record": record, "found": found}, actor=actor)


def _query_of(asked: MappingFilter) -> dict[str, str]:
    """The query that asks for the same, without what it leaves open.

    >>> _query_of(MappingFilter(entity="patient", descending=True))
    {'entity': 'patient', 'descending': 'true'}
    """
    return asked.model_dump(mode="json", exclude_defaults=True) | (
        {"descending": "true"} if asked.descending else {}
    )


def _ordered(query: dict[str, str], asked: MappingFilter, order: MappingOrder) -> str:
    """The query for the same in that order; the other way round where it is in that order already."""
    turned = {"descending": "true"} if asked.order is order and not asked.descending else {}
    rest = {name: value for name, value in query.items() if name not in {"order", "descending"}}
    return urlencode({**rest, "order": order, **turned})
