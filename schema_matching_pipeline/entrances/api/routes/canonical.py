"""Canonical models: what clients are mapped to."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Path
from pydantic import Field

from schema_matching_pipeline.canon.schema import read_canonical
from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.pagination import WantedPage, page_of
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.registry import CanonicalSummary, Page
from schema_matching_pipeline.workflows.manage_canonical import (
    import_canonical,
    list_canonical,
    show_canonical,
)

router = APIRouter(prefix="/canonical", tags=["canonical models"])

ModelPath = Annotated[str, Path(description="The model.", max_length=200, examples=["practice"])]
EXAMPLE = (
    "entities:\n  - name: patient\n    fields:\n      - {name: id, type: identifier, primary_key: true}\n"
)


class ModelText(Frozen):
    """A model as YAML; ``name`` counts more than the text's own."""

    yaml: str = Field(min_length=1, max_length=2_000_000, examples=[EXAMPLE])
    name: str | None = Field(default=None, min_length=1, max_length=200, examples=["clinic"])


@router.get("")
def models(world: TheWorld, actor: TheActor, wanted: WantedPage) -> Page[CanonicalSummary]:
    """List the newest version of every canonical model."""
    return page_of(list_canonical(world, actor), wanted)


@router.get("/{model}")
def model(world: TheWorld, actor: TheActor, model: ModelPath) -> CanonicalSchema:
    """Show the entities and fields of a canonical model."""
    return show_canonical(world, actor, model)


@router.post("", status_code=HTTPStatus.CREATED)
def add(world: TheWorld, actor: TheActor, given: Annotated[ModelText, Body()]) -> CanonicalSummary:
    """Import a canonical model: the same content again changes nothing, other content makes a new version."""
    return import_canonical(world, actor, read_canonical(given.yaml, given.name))
