"""How the values of a column become those of its field: changed on the desk, tried on real rows, then decided."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.page_words import in_page_words
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.entrances.api.ui.queue_query import QueueQuery, TheQueue
from schema_matching_pipeline.entrances.api.ui.rule_form import (
    READ_AS,
    STEP_KINDS,
    RuleForm,
    form_of,
    form_sent,
    read_form,
)
from schema_matching_pipeline.errors import BadDecisionError, GateError, SourceError, UsageError
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.registry import ClientItem
from schema_matching_pipeline.model.rule_trial import RuleTrial
from schema_matching_pipeline.workflows.list_review import find_item
from schema_matching_pipeline.workflows.try_rule import try_rule
from schema_matching_pipeline.workflows.world import World

router = APIRouter(prefix="/review/{item}/rule")


class Sent(BaseModel, extra="allow"):
    """What the form was filled in with: for which field it was opened, in which version the item was shown then.

    Its other fields are as many as there are steps.
    """

    target: str = Field(default="", max_length=300)
    version: int = Field(default=1, ge=1, le=2**31 - 1)
    added: str = ""
    act: str = ""

    @property
    def filled(self) -> dict[str, str]:
        """The fields of the rule."""
        return {name: value for name, value in (self.model_extra or {}).items() if isinstance(value, str)}


@router.get("")
def rule(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    item: str,
    queue: TheQueue,
    target: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """The suggested rule as a form, with what it makes of the rows."""
    line = find_item(world, actor, item)
    opened = Sent(target=target, version=line.item.row_version)
    return _tried(request, world, actor, line, queue, opened, form_of(line.item.rule))


@router.post("")
def changed(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    item: str,
    queue: TheQueue,
    form: Annotated[Sent, Form()],
) -> Response:
    """The form after a change, with what the rule makes of the rows now; or what is wrong with it."""
    line = find_item(world, actor, item)
    return _tried(request, world, actor, line, queue, form, _acted(form))


def _acted(sent: Sent) -> RuleForm:
    """The form with the step added, taken away or moved up that somebody asked for."""
    form = form_sent(sent.filled)
    act, _, place = sent.act.partition("-")
    if act == "drop" and place.isdecimal():
        return form.but_without(int(place[:3]))
    if act == "up" and place.isdecimal():
        return form.but_earlier(int(place[:3]))
    return form.but_added(sent.added)


def _tried(
    request: Request,
    world: World,
    actor: Actor,
    line: ClientItem,
    queue: QueueQuery,
    opened: Sent,
    form: RuleForm,
) -> Response:
    require(actor, Permission.DECIDE, line.client)
    read = read_form(form)
    field, trial, fault = _field(line, opened.target), None, ""
    if not read.mistakes:
        try:
            trial = _trial(world, actor, line, field, read.rule)
        except (UsageError, GateError, SourceError) as error:
            fault = in_page_words(str(error))
    given = {
        "line": line,
        "one": line.item,
        "queue": queue,
        "target": field,
        "row_version": opened.version,
        "form": form,
        "kinds": STEP_KINDS,
        "read_as": READ_AS,
        "rule": read.rule,
        "changed": read.rule != read_form(form_of(line.item.rule)).rule or field != line.item.target,
        "wrong": {(each.step or 0, each.place.partition(".")[0]): each.said for each in read.mistakes},
        "trial": trial,
        "fault": fault,
    }
    return shown(request, "part/review_rule.html", given, actor=actor)


def _field(line: ClientItem, target: str) -> FieldRef | None:
    entity, _, field = target.partition(".")
    return FieldRef(entity=entity, field=field) if entity and field else line.item.target


def _trial(
    world: World, actor: Actor, line: ClientItem, field: FieldRef | None, rule: TransformRule | None
) -> RuleTrial:
    if field is None:
        raise BadDecisionError("Choose a field first: by its number, or by / and its name.")
    return try_rule(world, actor, line.item.id, rule, field)
