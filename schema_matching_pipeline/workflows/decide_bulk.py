"""Many items decided together, all or none, and taken back together: alike, or each with a word of its own.

What is critical is never decided alike, and no spot check is: people look at each of those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import sample
from typing import Annotated, Literal, Self

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
_SAMPLES = 10
_NAMED = 20
MOST = 10_000
RowVersion = Annotated[int, Field(ge=1, le=2**31 - 1)]


class BulkFilter(Frozen):
    """Which open items are meant; of a confidence ``at_least`` that high, 0 for all of them."""

    client: ClientId
    at_least: float = Field(ge=0.0, le=1.0)
    below: float | None = Field(default=None, ge=0.0, le=1.0)
    kind: ItemKind = ItemKind.MAPPING
    table: str | None = Field(default=None, max_length=300)
    entity: str | None = None
    risk: RiskClass | None = None
    older_than_days: int | None = Field(default=None, ge=0, le=100_000)
    assignee: str | None = Field(default=None, max_length=100)
    text: str | None = Field(default=None, max_length=200)


class BulkDecision(Frozen):
    """One word about many items, named by ``items`` or by a ``filter``; a rejection needs its reason.

    With ``preview`` nothing is decided: it is told how many there would be, and which. With the ``row_versions`` that one
    was shown, by the ids of the items, one that changed since is refused, and all with it.
    """

    decision: Literal["approve", "reject"]
    items: tuple[str, ...] = Field(
        default=(), max_length=MOST, examples=[["5f0c2b7e9d1a4c3f8e6b7a5d4c3b2a19"]]
    )
    filter: BulkFilter | None = None
    reason: str = Field(default="", max_length=2000)
    row_versions: dict[str, RowVersion] = Field(default={}, max_length=MOST)
    preview: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.items) == (self.filter is not None):
            raise ValueError("say either items or a filter")
        if self.decision == "reject" and not self.reason.strip():
            raise ValueError("a rejection needs a reason")
        return self


class BulkLine(Frozen):
    """One item of many, as it stands; ``had`` is the confidence of what it suggests, of a flagged column that of its flag."""

    item_id: str
    client: ClientId
    kind: ItemKind
    what: str
    state: ItemState
    had: float
    row_version: int


class Excluded(Frozen):
    """One item that is meant and not decided alike, and why."""

    item_id: str
    client: ClientId
    what: str
    why: str


class TableCount(Frozen):
    """How many of the items are about columns of one table."""

    client: ClientId
    table: str
    count: int


class BulkOutcome(Frozen):
    """How many items were, or with a preview would be, decided; which; and what is left with their clients.

    ``samples`` are a few of them by chance, ``excluded`` those that people look at one by one. By ``batch_id`` the
    decisions are taken back together.
    """

    preview: bool
    count: int
    batch_id: str | None = None
    items: tuple[BulkLine, ...]
    tables: tuple[TableCount, ...] = ()
    samples: tuple[BulkLine, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    left: tuple[Left, ...] = ()


def decide_bulk(world: World, actor: Actor, wanted: BulkDecision) -> BulkOutcome:
    """Decides about all items that are meant, or about none.

    Raises:
        NotAllowedError: the actor may not decide about one of them.
        UnknownNameError: there is no such item or client.
        StaleDecisionError: somebody else decided about one first, or it is not as it was shown.
        BadDecisionError: a decision makes no sense, one named by its id is critical, or there are too many.
    """
    require(actor, Permission.DECIDE, wanted.filter.client if wanted.filter else None)
    meant = _meant(world, actor, wanted)
    excluded = tuple(
        Excluded(item_id=line.item.id, client=line.client, what=_what(line.item), why=why)
        for line in meant
        if (why := _why_not(line, wanted))
    )
    apart = {line.item_id for line in excluded}
    alike = [line for line in meant if line.item.id not in apart]
    if wanted.preview:
        return _outcome(alike, excluded, preview=True)
    if excluded and wanted.filter is None:
        named = ", ".join(f"{line.what} (item {line.item_id})" for line in excluded[:_NAMED])
        more = f" and {len(excluded) - _NAMED:,} more" if len(excluded) > _NAMED else ""
        raise BadDecisionError(
            "Critical items and spot checks are decided one by one, and nothing was decided:"
            f" {named}{more}. Leave them out."
        )
    if not alike:
        return _outcome(alike, excluded, preview=False)
    decisions = [
        Decision(
            item_id=line.item.id,
            kind=DecisionKind(wanted.decision),
            reason=wanted.reason,
            expected_row_version=wanted.row_versions.get(line.item.id, line.item.row_version),
        )
        for line in alike
    ]
    return decide_together(world, actor, decisions).but(excluded=excluded)


def count_by_confidence(
    world: World, actor: Actor, wanted: BulkDecision, steps: Sequence[float]
) -> dict[float, int]:
    """How many of the items that pass the filter would be decided from each of these confidences up, the highest first.

    A step is left out where more items are meant than are decided at once.
    """
    if wanted.filter is None:
        return {}
    reached: list[BulkFilter] = []
    for step in sorted(steps, reverse=True):
        narrowed = wanted.filter.but(at_least=max(step, wanted.filter.at_least))
        if count_meant(world, actor, narrowed) > MOST:
            break
        reached.append(narrowed)
    if not reached:
        return {}
    meant = _meant(world, actor, wanted.but(filter=reached[-1]))
    had = [line.item.had for line in meant if not _why_not(line, wanted)]
    return {step: sum(each >= step for each in had) for step in sorted(steps, reverse=True)[: len(reached)]}


def count_meant(world: World, actor: Actor, meant: BulkFilter) -> int:
    """How many items pass the filter, decided alike or looked at one by one."""
    require(actor, Permission.DECIDE, meant.client)
    return list_items(world, actor, _asked(meant).but(size=1)).total


def decide_together(world: World, actor: Actor, decisions: Sequence[Decision]) -> BulkOutcome:
    """Makes the decisions, each with its own word, or none of them; they are taken back together.

    Raises:
        NotAllowedError: the actor may not decide about one of them.
        UnknownNameError: there is no such item.
        StaleDecisionError: somebody else decided about one first.
        BadDecisionError: a decision makes no sense.
    """
    clients = {line.item.id: line.client for line in find_items(world, actor, [d.item_id for d in decisions])}
    batch = world.clock.new_id()
    made = decide_items(
        world, actor, [decision.but(batch_id=batch) for decision in decisions], candidates=False
    )
    return BulkOutcome(
        preview=False,
        count=len(made.items),
        batch_id=batch,
        items=tuple(_line(clients[item.id], item) for item in made.items),
        left=made.left,
    )


def _why_not(line: ClientItem, wanted: BulkDecision) -> str | None:
    """Why an item is looked at by itself; who names an item has seen what speaks against it."""
    item, by_filter = line.item, wanted.filter is not None
    if item.risk_class is RiskClass.CRITICAL:
        return "critical items are decided one by one"
    if by_filter and line.taken_by and wanted.decision == "approve":
        return f"{line.taken_by} fills {item.target} by now"
    if item.asks_blind:
        return "spot checks are answered one by one"
    if by_filter and line.flag:
        return f"it is flagged: {line.flag}"
    if by_filter and item.objections:
        return f"something speaks against it: {'; '.join(item.objections)}"
    return None


def _outcome(alike: Sequence[ClientItem], excluded: tuple[Excluded, ...], *, preview: bool) -> BulkOutcome:
    lines = tuple(_line(line.client, line.item) for line in alike)
    tables = Counter((line.client, line.item.ref.table) for line in alike)
    return BulkOutcome(
        preview=preview,
        count=len(lines),
        items=lines,
        tables=tuple(
            TableCount(client=client, table=table, count=count)
            for (client, table), count in sorted(tables.items(), key=lambda entry: (-entry[1], entry[0]))
        ),
        samples=tuple(sample(lines, min(len(lines), _SAMPLES))),
        excluded=excluded,
    )


def _meant(world: World, actor: Actor, wanted: BulkDecision) -> list[ClientItem]:
    if wanted.filter is None:
        return list(find_items(world, actor, wanted.items))
    asked = _asked(wanted.filter)
    first = list_items(world, actor, asked)
    if first.total > MOST:
        raise BadDecisionError(
            f"{first.total:,} items are meant, and at most {MOST:,} are decided at once. Narrow the filter."
        )
    later = (list_items(world, actor, asked.but(page=page)) for page in range(2, first.pages + 1))
    return [line for page in (first, *later) for line in page.items]


def _asked(meant: BulkFilter) -> ItemFilter:
    """The same filter for lists."""
    return ItemFilter(
        client=meant.client,
        kind=meant.kind,
        table=meant.table,
        entity=meant.entity,
        risk=meant.risk,
        at_least=meant.at_least,
        below=meant.below,
        older_than_days=meant.older_than_days,
        assignee=meant.assignee,
        text=meant.text,
        size=_PAGE,
        candidates=False,
    )


def _line(client: ClientId, item: ReviewItem) -> BulkLine:
    return BulkLine(
        item_id=item.id,
        client=client,
        kind=item.kind,
        what=_what(item),
        state=item.state,
        had=item.had,
        row_version=item.row_version,
    )


def _what(item: ReviewItem) -> str:
    """What it is about; a flagged column by itself, for whatever it could be mapped to, it is left out."""
    mapped = item.target is not None and item.kind is not ItemKind.QUALITY
    return f"{item.ref} -> {item.target}" if mapped else str(item.ref)
