"""Clients: who there is, where each stands, what its columns are mapped to."""

from __future__ import annotations

from fastapi import APIRouter

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.pagination import WantedPage, page_of
from schema_matching_pipeline.model.registry import Page
from schema_matching_pipeline.workflows.list_clients import ClientLine, list_clients
from schema_matching_pipeline.workflows.list_mappings import MappingLine, list_mappings
from schema_matching_pipeline.workflows.show_client import ClientStatus, show_client

router = APIRouter(prefix="/clients", tags=["clients"])


@router.get("")
def clients(world: TheWorld, actor: TheActor, wanted: WantedPage) -> Page[ClientLine]:
    """List the clients, by name."""
    return page_of(list_clients(world, actor), wanted)


@router.get("/{client}")
def client(world: TheWorld, actor: TheActor, client: str) -> ClientStatus:
    """Show where a client stands: pipeline, columns, checks and gates."""
    return show_client(world, actor, client)


@router.get("/{client}/mappings")
def mappings(world: TheWorld, actor: TheActor, client: str, wanted: WantedPage) -> Page[MappingLine]:
    """List a client's columns, by table and column, with what each is mapped to."""
    return page_of(list_mappings(world, actor, client), wanted)
