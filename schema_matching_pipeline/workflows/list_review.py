"""Review items for people: lists by page, and one in detail."""

from __future__ import annotations

from collections.abc import Iterable

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import ClientItem, ItemAction, Page
from schema_matching_pipeline.model.review import ItemKind, ReviewItem
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class ItemFilter(Frozen):
    """Which items a list shows: ``at_least`` and ``below`` are bounds of the confidence they had."""

    client: str | None = None
    kind: ItemKind | None = None
    entity: str | None = None
    risk: RiskClass | None = None
    at_least: float | None = None
    below: float | None = None
    older_than_days: int | None = None
    decided: bool = False
    page: int = 1
    size: int = 50


class ReviewDetail(Frozen):
    """One item of a client, and what was done about it."""

    client: ClientId
    item: ReviewItem
    history: tuple[ItemAction, ...]


def list_items(world: World, actor: Actor, wanted: ItemFilter) -> Page[ClientItem]:
    """The items of the actor's tenant that pass the filter, the riskiest and least certain first.

    Raises:
        UnknownNameError: there is no such client.
    """
    require(actor, Permission.READ, wanted.client)
    with open_as(world, actor) as unit:
        if wanted.client is not None:
            unit.clients.get(wanted.client)
        return unit.reviews.list(
            client=wanted.client,
            among=actor.clients,
            kind=wanted.kind,
            entity=wanted.entity,
            risk=wanted.risk,
            at_least=wanted.at_least,
            below=wanted.below,
            older_than_days=wanted.older_than_days,
            decided=wanted.decided,
            page=wanted.page,
            size=wanted.size,
        )


def count_left(world: World, actor: Actor, items: Iterable[ReviewItem]) -> dict[ClientId, int]:
    """How much still waits for a person with each client that one of the items belongs to."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        return {client: len(unit.reviews.open_items(client)) for client in unit.reviews.clients_of(items)}


def show_item(world: World, actor: Actor, item: str) -> ReviewDetail:
    """One item by its id or the beginning of it.

    Raises:
        UnknownNameError: no item begins so.
        BadDecisionError: more than one does.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        found = unit.reviews.get(item)
        (client,) = unit.reviews.clients_of([found])
        require(actor, Permission.READ, client)
        return ReviewDetail(client=client, item=found, history=unit.reviews.history(found.id))
