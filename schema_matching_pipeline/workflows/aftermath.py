"""What decisions leave behind: what still waits with their clients, what they opened, and what went with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.pipeline import PipelineState
from schema_matching_pipeline.model.registry import Left
from schema_matching_pipeline.model.review import ReviewItem
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.validate_mappings import enter_gate_state

WAITING = frozenset({PipelineState.AWAITING_REVIEW, PipelineState.AWAITING_APPROVAL, PipelineState.COMPLETED})


class Decided(Frozen):
    """Items as they stand after decisions about them, and what is left with each client they belong to.

    ``warnings`` tell what is better looked at again, as sentences: that a field admits one column of a table and has two now.
    """

    items: tuple[ReviewItem, ...]
    left: tuple[Left, ...]
    warnings: tuple[str, ...] = ()


class Before(Frozen):
    """Where clients stood before decisions in a unit of work: ``told`` is the last row of the audit by then."""

    clients: tuple[ClientId, ...]
    told: int


def before_deciding(unit: UnitOfWork, clients: Iterable[ClientId]) -> Before:
    """Where the clients stand, for what decisions in the same unit of work leave behind."""
    return Before(clients=tuple(clients), told=unit.audit.last())


def show_decided(unit: UnitOfWork, before: Before) -> None:
    """A pipeline that waited shows what was done to it, which ends the unit of work that decided.

    One that works sees the decisions by itself.
    """
    for client in before.clients:
        state, waits = unit.runs.standing(client)
        if state in WAITING:
            _show_state(unit, client, state, waits=waits)


def decided(unit: UnitOfWork, items: Sequence[str], before: Before, *, candidates: bool = True) -> Decided:
    """What was decided, by the ids of the items, with what is left; the items without their candidates if told so.

    It is read in a later unit of work: while decisions are being made, all others in the tenant who decide wait.
    """
    found = {item.id: item for item in unit.reviews.among(items, candidates=candidates)}
    answered = set(items)
    return Decided(
        items=tuple(found[item] for item in items),
        left=tuple(_left(unit, client, before.told, answered) for client in before.clients),
    )


def _left(unit: UnitOfWork, client: ClientId, told: int, answered: set[str]) -> Left:
    waiting = unit.reviews.still_open(client)
    opened, gone = unit.reviews.turned(client, told)
    gate = None if waiting else unit.publications.gate(client)
    return Left(
        client=client,
        items=waiting,
        approval=gate is not None and gate.review_open and gate.validated and not gate.approved,
        opened=unit.reviews.among(opened),
        withdrawn=unit.reviews.among(gone - answered),
    )


def _show_state(unit: UnitOfWork, client: ClientId, shown: PipelineState, *, waits: bool) -> None:
    """Sets the pipeline's state; while an item waits, the gate need not be asked what else holds it."""
    if not waits:
        enter_gate_state(unit, client)
    elif shown is not PipelineState.AWAITING_REVIEW:
        unit.runs.set_state(client, PipelineState.AWAITING_REVIEW)
