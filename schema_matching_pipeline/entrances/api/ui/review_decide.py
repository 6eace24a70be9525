"""A decision made on the desk: recorded, and the next item shown at once; or told why it was not."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.errors import told
from schema_matching_pipeline.entrances.api.rendering import ago, shown
from schema_matching_pipeline.entrances.api.ui.desk_parts import examined, item_given, next_item
from schema_matching_pipeline.entrances.api.ui.queue_query import QueueQuery, TheQueue
from schema_matching_pipeline.errors import (
    BadDecisionError,
    GateError,
    SmpError,
    StaleDecisionError,
    UnknownNameError,
)
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.review import Decision, DecisionKind
from schema_matching_pipeline.review import outcome
from schema_matching_pipeline.workflows.aftermath import Decided
from schema_matching_pipeline.workflows.decide_item import decide_item
from schema_matching_pipeline.workflows.list_review import find_item
from schema_matching_pipeline.workflows.world import World

router = APIRouter(prefix="/review")


@dataclass(frozen=True)
class Given:
    """What the person chose and typed, and which item is to come next."""

    decision: DecisionKind
    target: FieldRef | None
    reason: str
    expected_row_version: int
    next: str


def given(
    decision: Annotated[DecisionKind, Form()],
    expected_row_version: Annotated[int, Form(ge=1)],
    target: Annotated[str, Form(max_length=300)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
    said: Annotated[str, Form(max_length=2000)] = "",
    next: Annotated[str, Form(max_length=64)] = "",  # noqa: A002 - it stands so in the form
) -> Given:
    """The form as a decision; own words count before a prepared reason."""
    entity, _, field = target.partition(".")
    chosen = FieldRef(entity=entity, field=field) if entity and field else None
    return Given(decision, chosen, (said.strip() or reason.strip()), expected_row_version, next)


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
    decision = _decision(world, actor, item, form)
    try:
        made = decide_item(world, actor, decision)
    except StaleDecisionError as fault:
        return _stale(request, world, actor, queue, decision, fault)
    except (BadDecisionError, UnknownNameError, GateError) as fault:
        return _refused(request, actor, fault)
    return _next(request, world, actor, queue, form, decision, made)


def _decision(world: World, actor: Actor, item: str, form: Given) -> Decision:
    """Approving with another field chosen than the suggested one is an override."""
    line = find_item(world, actor, item)
    kind, target, reason = form.decision, form.target, form.reason
    if kind is not DecisionKind.APPROVE or target in {None, line.item.target}:
        target = None
    else:
        kind = DecisionKind.OVERRIDE
        suggested = f" than {line.item.target}" if line.item.target else ""
        reason = reason or f"{target} fits better{suggested}."
    return Decision(
        item_id=line.item.id,
        kind=kind,
        target=target,
        reason=reason,
        expected_row_version=form.expected_row_version,
    )


def _next(
    request: Request,
    world: World,
    actor: Actor,
    queue: QueueQuery,
    form: Given,
    decision: Decision,
    made: Decided,
) -> Response:
    (item,) = made.items
    view = next_item(world, actor, queue, form.next, without=item.id)
    gone = {each.id: each.row_version for left in made.left for each in left.withdrawn} | {
        item.id: item.row_version
    }
    given = {
        **(item_given(world, queue, view) if view else {"view": None, "queue": queue}),
        "told": outcome(item, decision),
        "left": made.left,
        "gone": gone,
        "now": world.clock.now(),
    }
    place = f"/review/{view.item.id}" if view else "/review"
    headers = {"HX-Push-Url": f"{place}?{queue.text}" if queue.text else place}
    return shown(request, "part/review_decided.html", given, actor=actor, headers=headers)


def _stale(
    request: Request,
    world: World,
    actor: Actor,
    queue: QueueQuery,
    decision: Decision,
    fault: StaleDecisionError,
) -> Response:
    view = examined(world, actor, decision.item_id)
    given = item_given(world, queue, view)
    mine = f"{decision.kind}{f' {decision.target}' if decision.target else ''}{f', because {decision.reason}' if decision.reason else ''}"
    last = view.found.detail.history[-1] if view.found.detail.history else None
    told_of = f"{last.who} said {last.decision} {ago(last.when, world.clock.now())}." if last else str(fault)
    given |= {"stale": told_of, "mine": {"reason": decision.reason, "said": mine}}
    return shown(request, "part/review_item.html", given, actor=actor, status=HTTPStatus.CONFLICT)


def _refused(request: Request, actor: Actor, fault: SmpError) -> Response:
    """Told beside the form, which stays as it was filled in."""
    status = told(fault).status
    headers = {"HX-Retarget": "#said", "HX-Reswap": "innerHTML"}
    return shown(
        request,
        "part/fault.html",
        {"status": status, "message": str(fault)},
        actor=actor,
        status=status,
        headers=headers,
    )
