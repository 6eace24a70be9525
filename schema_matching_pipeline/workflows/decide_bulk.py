"""Many items decided alike, all or none: those of a list, or those that pass a filter."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import ClientItem, Left
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind, ItemState, ReviewItem
from schema_matching_pipeline.workflows.decide_review import decide_items
from schema_matching_pipeline.workflows.list_review import ItemFilter, find_items, list_items
from schema_matching_pipeline.workflows.world import World

_PAGE = 1000
MOST = 10_000


class BulkFilter(Frozen):
    """Which open items are meant; of a confidence ``at_least`` that high, 0 for all of them."""

    client: ClientId
    at_least: float = Field(ge=0.0, le=1.0)
    kind: ItemKind = ItemKind.MAPPING
    entity: str | None = None
    risk: RiskClass | None = None


class BulkDecision(Frozen):
    """One word about many items, named by ``items`` or by a ``filter``; a rejection needs its reason.

    With ``preview`` nothing is decided: it is told how many there would be, and which.
    """

    decision: Literal["approve", "reject"]
    items: tuple[str, ...] = Field(default=(), max_length=MOST)
    filter: BulkFilter | None = None
    reason: str = Field(default="", max_length=2000)
    preview: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.items) == (self.filter is not None):
            raise ValueError("say either items or a filter")
        if self.decision == "reject" and not self.reason.strip():
            raise ValueError("a rejection needs a reason")
        return self


class BulkLine(Frozen):
    """One item of many, as it stands."""

    item_id: str
    client: ClientId
    what: str
    state: ItemState


class BulkOutcome(Frozen):
    """How many items were, or with a preview would be, decided; which; and what is left with their clients."""

    preview: bool
    count: int
    items: tuple[BulkLine, ...]
    left: tuple[Left, ...] = ()


def decide_bulk(world: World, actor: Actor, wanted: BulkDecision) -> BulkOutcome:
    """Decides about all items that are meant, or about none.

    Raises:
        NotAllowedError: the actor may not decide about one of them.
        UnknownNameError: there is no such item or client.
        StaleDecisionError: somebody else decided about one first.
        BadDecisionError: a decision makes no sense, or there are too many.
    """
    require(actor, Permission.DECIDE, wanted.filter.client if wanted.filter else None)
    meant = _meant(world, actor, wanted)
    clients = {line.item.id: line.client for line in meant}
    if wanted.preview or not meant:
        lines = tuple(_line(line.client, line.item) for line in meant)
        return BulkOutcome(preview=wanted.preview, count=len(lines), items=lines)
    decisions = [
        Decision(
            item_id=line.item.id,
            kind=DecisionKind(wanted.decision),
            reason=wanted.reason,
            expected_row_version=line.item.row_version,
        )
        for line in meant
    ]
    made = decide_items(world, actor, decisions)
    lines = tuple(_line(clients[item.id], item) for item in made.items)
    return BulkOutcome(preview=False, count=len(lines), items=lines, left=made.left)


def _meant(world: World, actor: Actor, wanted: BulkDecision) -> list[ClientItem]:
    if wanted.filter is None:
        return list(find_items(world, actor, wanted.items))
    asked = ItemFilter(
        client=wanted.filter.client,
        kind=wanted.filter.kind,
        entity=wanted.filter.entity,
        risk=wanted.filter.risk,
        at_least=wanted.filter.at_least,
        size=_PAGE,
    )
    first = list_items(world, actor, asked)
    if first.total > MOST:
        raise BadDecisionError(
            f"{first.total:,} items are meant, and at most {MOST:,} are decided at once. Narrow the filter."
        )
    later = (list_items(world, actor, asked.but(page=page)) for page in range(2, first.pages + 1))
    return [line for page in (first, *later) for line in page.items]


def _line(client: ClientId, item: ReviewItem) -> BulkLine:
    target = f" -> {item.target}" if item.target else ""
    return BulkLine(item_id=item.id, client=client, what=f"{item.ref}{target}", state=item.state)
