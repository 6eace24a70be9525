"""What decisions leave behind: what still waits with their clients, what they opened, and what went with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.pipeline import PipelineState
from schema_matching_pipeline.model.registry import Left
from schema_matching_pipeline.model.review import ReviewItem
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.validate_mappings import enter_gate_state

WAITING = frozenset({PipelineState.AWAITING_REVIEW, PipelineState.AWAITING_APPROVAL, PipelineState.COMPLETED})
OpenBefore = Mapping[ClientId, frozenset[str]]


class Decided(Frozen):
    """Items as they stand after decisions about them, and what is left with each client they belong to.

    ``warnings`` tell what is better looked at again, as sentences: that a field admits one column of a table and has two now.
    """

    items: tuple[ReviewItem, ...]
    left: tuple[Left, ...]
    warnings: tuple[str, ...] = ()


def open_before(unit: UnitOfWork, clients: Iterable[ClientId]) -> OpenBefore:
    """The open items of the clients, to be held against those after decisions in the same unit of work."""
    return {client: unit.reviews.open_ids(client) for client in clients}


def decided(unit: UnitOfWork, items: Sequence[ReviewItem], before: OpenBefore) -> Decided:
    """What was decided, with what is left; a pipeline that waited shows at once what was done to it.

    One that works sees the decisions by itself.
    """
    answered = {item.id for item in items}
    return Decided(
        items=tuple(items),
        left=tuple(_left(unit, client, earlier, answered) for client, earlier in before.items()),
    )


def _left(unit: UnitOfWork, client: ClientId, earlier: frozenset[str], answered: set[str]) -> Left:
    now = unit.reviews.open_ids(client)
    if unit.runs.latest(client).state in WAITING:
        _show_state(unit, client, waits=bool(now))
    gate = None if now else unit.publications.gate(client)
    return Left(
        client=client,
        items=len(now),
        approval=gate is not None and gate.review_open and gate.validated and not gate.approved,
        opened=unit.reviews.among(now - earlier),
        withdrawn=unit.reviews.among(earlier - now - answered),
    )


def _show_state(unit: UnitOfWork, client: ClientId, *, waits: bool) -> None:
    """Sets the pipeline's state; while an item waits, the gate need not be asked what else holds it."""
    if waits:
        unit.runs.set_state(client, PipelineState.AWAITING_REVIEW)
    else:
        enter_gate_state(unit, client)
