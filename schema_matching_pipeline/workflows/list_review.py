"""Review items for people: lists by page, and one in detail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import CanonicalSchema, RiskClass
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.matching import NearColumn
from schema_matching_pipeline.model.profile import TableProfile
from schema_matching_pipeline.model.quality import EvidenceFact
from schema_matching_pipeline.model.registry import ClientItem, ItemAction, ItemComment, QueuePage
from schema_matching_pipeline.model.review import ActionKind, ItemKind, ItemState, QueueOrder, ReviewItem
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import Finding
from schema_matching_pipeline.model.value_map import ValueMap
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import NEIGHBOURS_SHOWN, column_evidence, derived_evidence
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.translate_values import column_values
from schema_matching_pipeline.workflows.world import World

NEAREST_SHOWN = 3  # columns named for a field that nothing fills
LEAST_LIKELY = 0.05  # the confidence below which a column is not near, as where the matcher asks of itself


class ItemFilter(Frozen):
    """Which items a list shows, and in which order.

    ``at_least`` and ``below`` are bounds of the confidence they had; ``run`` is the one that asked; ``text`` is looked
    for in column, field and reason; ``only`` and ``without`` are ids. Without their ``candidates`` items are a small part
    of themselves.
    """

    client: str | None = None
    kind: ItemKind | None = None
    table: str | None = None
    entity: str | None = None
    risk: RiskClass | None = None
    at_least: float | None = None
    below: float | None = None
    older_than_days: int | None = None
    run: str | None = None
    assignee: str | None = None
    flagged: bool | None = None
    text: str | None = None
    only: tuple[str, ...] | None = None
    without: tuple[str, ...] | None = None
    decided: bool = False
    order: QueueOrder = QueueOrder.VALUE
    candidates: bool = True
    page: int = 1
    size: int = 50


class ItemEvidence(Frozen):
    """What is known besides the item itself: of its column, of the field, and what the data said of the two.

    ``speaks_for`` is empty where no field is suggested; ``objections`` speak against the
    suggestion, ``conflicts`` are columns that would fill the same field, ``nearest`` are columns for a field that none fills.
    """

    column: tuple[EvidenceFact, ...] = ()
    field: str = ""
    speaks_for: str = ""
    findings: tuple[Finding, ...] = ()
    objections: tuple[str, ...] = ()
    conflicts: tuple[ColumnRef, ...] = ()
    nearest: tuple[NearColumn, ...] = ()


class ReviewDetail(Frozen):
    """One item of a client, the evidence, what was done about it, and the commands that lead back from that.

    ``agreed`` are the people who approved it, while it waits for others. Who is to be the second is ``blind``: neither
    who was the first nor what he said is told him. ``values`` is what those of a coded column become,
    and ``taken_by`` the other column of the table that fills the suggested field by now, where that admits one.
    """

    client: ClientId
    item: ReviewItem
    evidence: ItemEvidence
    history: tuple[ItemAction, ...]
    way_back: str | None = None
    agreed: tuple[str, ...] = ()
    blind: bool = False
    assignee: str | None = None
    flag: str | None = None
    comments: tuple[ItemComment, ...] = ()
    taken_by: ColumnRef | None = None
    values: ValueMap | None = None


def list_items(world: World, actor: Actor, wanted: ItemFilter) -> QueuePage:
    """The items of the actor's tenant that pass the filter, unless told otherwise what is worth most first.

    Raises:
        UnknownNameError: there is no such client.
    """
    require(actor, Permission.READ, wanted.client)
    with open_as(world, actor) as unit:
        if wanted.client is not None:
            unit.clients.get(wanted.client)
        return unit.reviews.list(among=actor.clients, **dict(wanted))


def nearest_columns(
    world: World, actor: Actor, lines: Iterable[ClientItem]
) -> dict[str, tuple[NearColumn, ...]]:
    """For each item about a field that nothing fills, by its id, the columns that may; the nearest first."""
    gaps = [line for line in lines if line.item.asks_for_a_column]
    if not gaps:
        return {}
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        return {line.item.id: _nearest(unit, line.client, line.item) for line in gaps}


def find_item(world: World, actor: Actor, item: str, *, candidates: bool = True) -> ClientItem:
    """One item by its id or the beginning of it, with its client; without its candidates if told so.

    Raises:
        UnknownNameError: no item begins so.
        BadDecisionError: more than one does.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        return found_by(unit, actor, item, candidates=candidates)


def find_items(world: World, actor: Actor, items: Sequence[str]) -> tuple[ClientItem, ...]:
    """Several items by their ids or the beginnings of them, each with its client, without candidates.

    Raises:
        UnknownNameError: no item begins so.
        BadDecisionError: more than one does.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        found = unit.reviews.find_many(items)
    for client in {line.client for line in found}:
        require(actor, Permission.READ, client)
    return found


def show_item(world: World, actor: Actor, item: str) -> ReviewDetail:
    """One item by its id or the beginning of it, with what speaks for and against it.

    Raises:
        UnknownNameError: no item begins so.
        BadDecisionError: more than one does.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        found = found_by(unit, actor, item)
        model = unit.canonical.get(unit.clients.get(found.client).canonical_model)
        return detail_of(world, unit, actor, found, model, table_of(unit, found))


def table_of(unit: UnitOfWork, found: ClientItem) -> TableProfile | None:
    """The table of an item's column as it was profiled, of its columns the one and those beside it that are named."""
    return unit.profiles.table_around(found.client, found.item.ref, NEIGHBOURS_SHOWN)


def detail_of(
    world: World,
    unit: UnitOfWork,
    actor: Actor,
    found: ClientItem,
    model: CanonicalSchema,
    table: TableProfile | None,
) -> ReviewDetail:
    """The same of an item that was found, whose client has that model, and whose column is of that table."""
    history = unit.reviews.history(found.item.id)
    comments = unit.marks.comments(found.client, found.item.id)
    withheld = found.item.id in unit.reviews.withheld([found.item.id])
    if withheld:
        spoke = {act.who for act in history if act.when >= found.opened_at} - {actor.login}
        history = tuple(act for act in history if act.when < found.opened_at or act.who == actor.login)
        comments = tuple(said for said in comments if said.who not in spoke)
    return ReviewDetail(
        client=found.client,
        item=found.item,
        evidence=_evidence(unit, found.client, found.item, model, table),
        history=history,
        way_back=unit.reviews.way_back(found.item.id),
        agreed=_agreed(found, history),
        assignee=found.assignee,
        flag=found.flag,
        comments=comments,
        taken_by=found.taken_by,
        blind=withheld and found.item.state is ItemState.AWAITING_SECOND,
        values=_values(world, unit, found, model),
    )


def _values(world: World, unit: UnitOfWork, found: ClientItem, model: CanonicalSchema) -> ValueMap | None:
    if found.item.kind is not ItemKind.MAPPING or found.item.asks_blind:
        return None
    return column_values(world, unit, found.client, model, found.item.ref)


def _agreed(found: ClientItem, history: Iterable[ItemAction]) -> tuple[str, ...]:
    """Who approved an item since it was opened, each once, where that was not enough yet."""
    if found.item.state is not ItemState.AWAITING_SECOND:
        return ()
    said = (
        act.who
        for act in history
        if act.decision is ActionKind.APPROVE and not act.taken_back and act.when >= found.opened_at
    )
    return tuple(dict.fromkeys(said))


def found_by(unit: UnitOfWork, actor: Actor, item: str, *, candidates: bool = True) -> ClientItem:
    """One item by its id or the beginning of it, with its client, where the actor has to do with that.

    Raises:
        NotAllowedError: he has not.
        UnknownNameError: no item begins so.
        BadDecisionError: more than one does.
    """
    found = unit.reviews.find(item, candidates=candidates)
    require(actor, Permission.READ, found.client)
    return found


def _nearest(unit: UnitOfWork, client: ClientId, item: ReviewItem) -> tuple[NearColumn, ...]:
    if not item.asks_for_a_column or item.target is None:
        return ()
    return unit.mappings.nearest(client, item.target, least=LEAST_LIKELY, most=NEAREST_SHOWN)


def _evidence(
    unit: UnitOfWork, client: ClientId, item: ReviewItem, model: CanonicalSchema, table: TableProfile | None
) -> ItemEvidence:
    proposed = unit.mappings.proposed(client, item.ref)
    field = model.field(item.target) if item.target else None
    return ItemEvidence(
        column=_of_column(unit, client, item, table),
        field=field.description if field else "",
        speaks_for=proposed.explanation
        if proposed and proposed.target and proposed.target == item.target
        else "",
        findings=tuple(
            finding for finding in unit.validations.about(client, item.ref) if finding.target == item.target
        ),
        objections=proposed.objections if proposed and proposed.target == item.target else (),
        conflicts=proposed.conflicts if proposed and proposed.target == item.target else (),
        nearest=_nearest(unit, client, item),
    )


def _of_column(
    unit: UnitOfWork, client: ClientId, item: ReviewItem, table: TableProfile | None
) -> tuple[EvidenceFact, ...]:
    if item.rule and item.rule.computed:
        profile = unit.profiles.current(client)
        return derived_evidence(profile, item.ref, item.rule.computed) if profile else ()
    column = table.column(item.ref.column) if table else None
    return column_evidence(table, column) if table and column else ()
