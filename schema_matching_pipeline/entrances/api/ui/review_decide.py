"""A decision made on the desk: recorded, and the next item shown at once; or told why it was not."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.page_words import in_page_words
from schema_matching_pipeline.entrances.api.rendering import ago, shown
from schema_matching_pipeline.entrances.api.ui.desk_answers import Done, answered, refused
from schema_matching_pipeline.entrances.api.ui.desk_parts import examined, item_given, next_item
from schema_matching_pipeline.entrances.api.ui.queue_query import QueueQuery, TheQueue
from schema_matching_pipeline.errors import BadDecisionError, GateError, StaleDecisionError, UsageError
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.registry import ClientItem
from schema_matching_pipeline.model.review import WAITING, Decision, DecisionKind
from schema_matching_pipeline.review import outcome
from schema_matching_pipeline.workflows.decide_column import map_column
from schema_matching_pipeline.workflows.decide_item import decide_item
from schema_matching_pipeline.workflows.list_review import find_item
from schema_matching_pipeline.workflows.undo_review import undo_item
from schema_matching_pipeline.workflows.world import World

router = APIRouter(prefix="/review")
_RULE: TypeAdapter[TransformRule | None] = TypeAdapter(TransformRule | None)


@dataclass(frozen=True)
class Given:
    """What the person chose and typed, and which item is to come next.

    ``column`` is one for a field that none fills; ``rule`` is how values become those of the field, as JSON, empty
    where nothing is said of that.
    """

    decision: DecisionKind
    target: FieldRef | None
    column: str
    reason: str
    expected_row_version: int
    next: str
    rule: str

    @property
    def place(self) -> str:
        """Where the person looks, and so is told why nothing was recorded."""
        return "#rule-said" if self.rule else "#said"

    @property
    def in_words(self) -> str:
        """What would have been recorded."""
        target = f" {self.target}" if self.target else f" {self.column}" if self.column else ""
        return f"{self.decision}{target}{f', because {self.reason}' if self.reason else ''}"


def given(
    decision: Annotated[DecisionKind, Form()],
    expected_row_version: Annotated[int, Form(ge=1)],
    target: Annotated[str, Form(max_length=300)] = "",
    column: Annotated[str, Form(max_length=600)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
    said: Annotated[str, Form(max_length=2000)] = "",
    next: Annotated[str, Form(max_length=64)] = "",  # noqa: A002 - it stands so in the form
    rule: Annotated[str, Form(max_length=100_000)] = "",
) -> Given:
    """The form as a decision; own words count before a prepared reason."""
    entity, _, field = target.partition(".")
    chosen = FieldRef(entity=entity, field=field) if entity and field else None
    return Given(
        decision, chosen, column.strip(), (said.strip() or reason.strip()), expected_row_version, next, rule
    )


@router.post("/{item}/decide")
def decided(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    item: str,
    queue: TheQueue,
    form: Annotated[Given, Depends(given)],
) -> Response:
    """Records the decision and shows the next item; what somebody else did first is told in its place."""
    line = find_item(world, actor, item)
    try:
        done = _recorded(world, actor, line, form)
    except StaleDecisionError as fault:
        return _stale(request, world, actor, queue, line, form, fault)
    except (UsageError, GateError) as fault:
        return refused(request, actor, fault, form.place)
    view = next_item(world, actor, queue, form.next, without=line.item.id)
    return answered(request, world, actor, queue, view, done)


@router.post("/{item}/undo")
def undone(request: Request, world: TheWorld, actor: TheActor, item: str, queue: TheQueue) -> Response:
    """Takes the last word about the item back and shows it again."""
    try:
        made = undo_item(world, actor, item)
    except (UsageError, GateError) as fault:
        return refused(request, actor, fault)
    (back,) = made.items
    done = Done(f"{back.ref}: taken back.", (), {})
    return answered(request, world, actor, queue, examined(world, actor, back.id), done)


def _recorded(world: World, actor: Actor, line: ClientItem, form: Given) -> Done:
    item = line.item
    if form.column and item.asks_for_a_column and item.target is not None:
        made = map_column(world, actor, line.client, form.column, item.target, rule=None, reason=form.reason)
        said = f"{form.column}: now maps to {item.target}."
    else:
        decision = _decision(line, form)
        made = decide_item(world, actor, decision)
        said = " ".join((outcome(made.items[0], decision), *made.warnings))
    (mine,) = made.items
    gone = {each.id: each.row_version for left in made.left for each in left.withdrawn}
    if mine.state not in WAITING:  # else it waits for another person, and stays in the queue
        gone[mine.id] = mine.row_version
    left = () if mine.is_confirmed else made.left  # a confirmation changes nothing of what waits
    return Done(said, left, gone, undo=f"/review/{mine.id}/undo", final=mine.spot_check)


def _decision(line: ClientItem, form: Given) -> Decision:
    """Approving with another field chosen than the suggested one is an override, and so is another rule."""
    kind, target = form.decision, form.target
    if form.rule and kind is DecisionKind.OVERRIDE:
        return _by_rule(line, form)
    if kind is DecisionKind.APPROVE and target is None and line.item.asks_blind:
        raise BadDecisionError("Choose the field that the column fills, or say that it fills none.")
    if kind is not DecisionKind.APPROVE or target in {None, line.item.target}:
        target = None
    else:
        kind = DecisionKind.OVERRIDE
    return Decision(
        item_id=line.item.id,
        kind=kind,
        target=target,
        reason=form.reason,
        expected_row_version=form.expected_row_version,
    )


def _by_rule(line: ClientItem, form: Given) -> Decision:
    try:
        rule = _RULE.validate_json(form.rule)
    except ValidationError:
        raise BadDecisionError("The rule cannot be read. Load the page anew, and try it again.") from None
    return Decision(
        item_id=line.item.id,
        kind=DecisionKind.OVERRIDE,
        target=form.target,
        rule=rule,
        reason=form.reason,
        expected_row_version=form.expected_row_version,
    )


def _stale(
    request: Request,
    world: World,
    actor: Actor,
    queue: QueueQuery,
    line: ClientItem,
    form: Given,
    fault: StaleDecisionError,
) -> Response:
    """The item as it stands, who was first, and what the person was about to say."""
    view = examined(world, actor, line.item.id)
    history = view.found.detail.history
    said = (
        f"{history[-1].who} said {history[-1].decision} {ago(history[-1].when, world.clock.now())}."
        if history and not view.found.detail.blind
        else in_page_words(str(fault))
    )
    given = item_given(world, queue, view)
    given |= {"stale": said, "mine": {"reason": form.reason, "said": form.in_words}}
    return shown(request, "part/review_item.html", given, actor=actor, status=HTTPStatus.CONFLICT)
