"""Review: what waits for people, and what they decide about it, one by one or many alike."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Body, Path, Query
from pydantic import Field, model_validator

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.pagination import WantedPage
from schema_matching_pipeline.entrances.api.reasons import MayBeSaid, MustBeSaid, NeededReason
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.registry import QueuePage
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind, QueueOrder, ReviewPace
from schema_matching_pipeline.model.rule_trial import RuleTrial
from schema_matching_pipeline.workflows.aftermath import Decided
from schema_matching_pipeline.workflows.decide_bulk import BulkDecision, BulkOutcome, decide_bulk
from schema_matching_pipeline.workflows.decide_column import decide_use, map_column
from schema_matching_pipeline.workflows.decide_item import decide_item
from schema_matching_pipeline.workflows.list_review import ItemFilter, ReviewDetail, list_items, show_item
from schema_matching_pipeline.workflows.mark_item import assign_item, comment_item, flag_item
from schema_matching_pipeline.workflows.reveal_values import Revealed, reveal_values
from schema_matching_pipeline.workflows.review_pace import own_pace
from schema_matching_pipeline.workflows.try_rule import try_rule
from schema_matching_pipeline.workflows.undo_review import redo_batch, undo_batch, undo_item

router = APIRouter(tags=["review"])

ItemPath = Annotated[
    str,
    Path(
        description="The item, or at least four digits of its beginning.",
        max_length=64,
        examples=["5f0c2b7e9d1a4c3f8e6b7a5d4c3b2a19"],
    ),
]
BatchPath = Annotated[
    str,
    Path(
        description="The id that deciding many items at once told.",
        max_length=36,
        examples=["0b6f7c1e-8a55-4d0e-9a3e-2f6f6a2d9c11"],
    ),
]
ClientPath = Annotated[str, Path(description="The client.", examples=["acme"])]


class Approval(Frozen):
    """Yes to what an item suggests. With the ``expected_row_version`` one was shown, an item that changed since is refused."""

    reason: MayBeSaid = ""
    expected_row_version: int | None = Field(default=None, ge=1, le=2**31 - 1)


class Rejection(Frozen):
    """No to what an item suggests, with the reason."""

    reason: MustBeSaid
    expected_row_version: int | None = Field(default=None, ge=1, le=2**31 - 1)


class Override(Frozen):
    """Something else than an item suggests, with the reason: another field, nothing, or whether a flagged column is used.

    A spot check is answered so, too; its answer contradicts nothing and needs no reason.
    """

    decision: Literal["override", "unmap", "include", "exclude"] = "override"
    target: FieldRef | None = Field(
        default=None,
        description="The right field, with the decision override.",
        examples=[{"entity": "patient", "field": "birth_date"}],
    )
    rule: TransformRule | None = Field(default=None, description="How values become those of that field.")
    reason: MayBeSaid = Field(default="", description="It must be said, but where a spot check is answered.")
    expected_row_version: int | None = Field(default=None, ge=1, le=2**31 - 1)

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.decision in ("include", "exclude") and not self.reason.strip():  # which answers no spot check
            raise ValueError("this decision needs a reason")
        return self


class Trial(Frozen):
    """A rule to be tried for an item's column; without one, its values are tried as they are."""

    target: FieldRef | None = Field(
        default=None,
        description="The field; without it the suggested one.",
        examples=[{"entity": "patient", "field": "birth_date"}],
    )
    rule: TransformRule | None = Field(
        default=None,
        description="How values become those of that field.",
        examples=[{"steps": [{"step": "trim"}, {"step": "uppercase"}]}],
    )


class Undo(Frozen):
    """That a decision is taken back. With the ``expected_row_version`` one was shown, an item that changed since is refused."""

    reason: MayBeSaid = ""
    expected_row_version: int | None = Field(default=None, ge=1, le=2**31 - 1)


class Again(Frozen):
    """Why decisions that were made together are taken back, or made again."""

    reason: MayBeSaid = ""


class Comment(Frozen):
    """What one wants to note about an item."""

    text: str = Field(
        min_length=1, max_length=10_000, examples=["The registry of 2019 has another date here."]
    )


class Flag(Frozen):
    """Why an item is flagged; without a reason the flag is taken away."""

    reason: str | None = Field(default=None, max_length=2000, examples=["Ask the clinic first."])


class Assignment(Frozen):
    """Whose an item is; nobody's without a login."""

    login: str | None = Field(default=None, max_length=100, examples=["ada"])


class ColumnUse(Frozen):
    """Whether a column is used that nobody asks about, with the reason."""

    column: str = Field(max_length=600, examples=["patients.old_remark"])
    used: bool
    reason: MustBeSaid


class ColumnTarget(Frozen):
    """A field for a column that nobody suggested it for, with the reason."""

    column: str = Field(max_length=600, examples=["patients.dob"])
    target: FieldRef = Field(examples=[{"entity": "patient", "field": "birth_date"}])
    rule: TransformRule | None = None
    reason: MustBeSaid


@router.get("/review/queue")
def queue(
    world: TheWorld,
    actor: TheActor,
    wanted: WantedPage,
    client: Annotated[
        ClientId | None, Query(description="Items of that client alone.", examples=["acme"])
    ] = None,
    kind: Annotated[ItemKind | None, Query(description="What is asked about a column.")] = None,
    entity: Annotated[
        str | None,
        Query(max_length=200, description="The entity of the suggested field.", examples=["patient"]),
    ] = None,
    risk: Annotated[RiskClass | None, Query(description="The risk class of that entity.")] = None,
    at_least: Annotated[
        float | None, Query(ge=0.0, le=1.0, description="The least confidence that an item has.")
    ] = None,
    below: Annotated[
        float | None, Query(ge=0.0, le=1.0, description="A confidence that no item reaches.")
    ] = None,
    older_than_days: Annotated[
        int | None, Query(ge=0, le=100_000, description="Items that wait for longer than that.")
    ] = None,
    table: Annotated[
        str | None, Query(max_length=300, description="The client's table.", examples=["patients"])
    ] = None,
    run: Annotated[str | None, Query(max_length=64, description="The pipeline run that asked.")] = None,
    assignee: Annotated[
        str | None, Query(max_length=100, description="Whose they are, by login.", examples=["ada"])
    ] = None,
    flagged: Annotated[bool | None, Query(description="With a flag of a person's, or without one.")] = None,
    text: Annotated[
        str | None, Query(max_length=200, description="Looked for in column, field and reason.")
    ] = None,
    decided: Annotated[bool, Query(description="The decided ones instead of the open ones.")] = False,
    candidates: Annotated[
        bool, Query(description="Add the candidates of each item, which are nearly all of it.")
    ] = False,
    order: Annotated[
        QueueOrder, Query(description="By value: rows an answer is for, times risk, times how open it is.")
    ] = QueueOrder.VALUE,
) -> QueuePage:
    """List what waits for people, unless told otherwise what is worth most first.

    Of the total, `spot_checks` wait as well, and hold no gate.
    """
    return list_items(
        world,
        actor,
        ItemFilter(
            client=client,
            kind=kind,
            entity=entity,
            risk=risk,
            at_least=at_least,
            below=below,
            older_than_days=older_than_days,
            table=table,
            run=run,
            assignee=assignee,
            flagged=flagged,
            text=text,
            decided=decided,
            order=order,
            candidates=candidates,
            page=wanted.page,
            size=wanted.size,
        ),
    )


@router.post("/review/bulk")
def bulk(
    world: TheWorld,
    actor: TheActor,
    wanted: Annotated[
        BulkDecision,
        Body(
            examples=[
                {
                    "decision": "approve",
                    "filter": {"client": "acme", "at_least": 0.9},
                    "preview": True,
                }
            ]
        ),
    ],
) -> BulkOutcome:
    """Decide about many items alike, all or none: named one by one, or by a filter. A preview decides nothing."""
    return decide_bulk(world, actor, wanted)


@router.post("/review/bulk/{batch_id}/undo")
def undo_many(
    world: TheWorld, actor: TheActor, batch_id: BatchPath, given: Annotated[Again | None, Body()] = None
) -> Decided:
    """Take back what was decided together, all or none; 409 with all that rests on it. Doing so again changes nothing."""
    return undo_batch(world, actor, batch_id, given.reason if given else "")


@router.post("/review/bulk/{batch_id}/redo")
def redo_many(
    world: TheWorld, actor: TheActor, batch_id: BatchPath, given: Annotated[Again | None, Body()] = None
) -> Decided:
    """Make decisions again that were taken back together, all or none; 409 with all items that changed since."""
    return redo_batch(world, actor, batch_id, given.reason if given else "")


@router.get("/review/pace")
def pace(world: TheWorld, actor: TheActor) -> ReviewPace:
    """Show how many of one's own last decisions accepted a suggestion within two seconds; nobody else is told."""
    return own_pace(world, actor)


@router.get("/review/{item_id}")
def item(world: TheWorld, actor: TheActor, item_id: ItemPath) -> ReviewDetail:
    """Show an item with its evidence, its candidates and what was done about it."""
    return show_item(world, actor, item_id)


@router.post("/review/{item_id}/approve")
def approve(
    world: TheWorld, actor: TheActor, item_id: ItemPath, given: Annotated[Approval | None, Body()] = None
) -> Decided:
    """Approve what an item suggests. Approving it again changes nothing; 409 where somebody decided otherwise."""
    said = given or Approval()
    return decide_item(world, actor, _decision(item_id, DecisionKind.APPROVE, said))


@router.post("/review/{item_id}/reject")
def reject(
    world: TheWorld, actor: TheActor, item_id: ItemPath, given: Annotated[Rejection, Body()]
) -> Decided:
    """Reject what an item suggests; the pair does not come back until the data change."""
    return decide_item(world, actor, _decision(item_id, DecisionKind.REJECT, given))


@router.post("/review/{item_id}/override")
def override(
    world: TheWorld, actor: TheActor, item_id: ItemPath, given: Annotated[Override, Body()]
) -> Decided:
    """Decide otherwise than an item suggests: another field, nothing at all, or whether a flagged column is used.

    It needs a reason, unless it answers a spot check.
    """
    decision = _decision(item_id, DecisionKind(given.decision), given)
    return decide_item(world, actor, decision.but(target=given.target, rule=given.rule))


@router.post("/review/{item_id}/rule")
def try_a_rule(
    world: TheWorld, actor: TheActor, item_id: ItemPath, given: Annotated[Trial, Body()]
) -> RuleTrial:
    """Try a rule on the rows of an item's column: what becomes of the values, masked, and how many rows fail. Decides nothing.

    To decide for the rule, override the item with it.
    """
    return try_rule(world, actor, item_id, given.rule, given.target)


@router.post("/review/{item_id}/undo")
def undo(
    world: TheWorld, actor: TheActor, item_id: ItemPath, given: Annotated[Undo | None, Body()] = None
) -> Decided:
    """Take back the last decision about an item, which is open again as it was; 409 where something rests on it.

    Who made the decision may, and an admin. Doing so again changes nothing.
    """
    said = given or Undo()
    return undo_item(world, actor, item_id, said.reason, expected_row_version=said.expected_row_version)


@router.post("/review/{item_id}/comment")
def comment(
    world: TheWorld, actor: TheActor, item_id: ItemPath, given: Annotated[Comment, Body()]
) -> ReviewDetail:
    """Note something about an item; a comment stays for ever."""
    return comment_item(world, actor, item_id, given.text)


@router.post("/review/{item_id}/flag")
def flag(world: TheWorld, actor: TheActor, item_id: ItemPath, given: Annotated[Flag, Body()]) -> ReviewDetail:
    """Flag an item with the reason, or take its flag away; by a filter, flagged items are not decided in bulk."""
    return flag_item(world, actor, item_id, given.reason)


@router.post("/review/{item_id}/reveal")
def reveal(
    world: TheWorld, actor: TheActor, item_id: ItemPath, given: Annotated[NeededReason, Body()]
) -> Revealed:
    """Show values of an item's column as they are, read from the source now and kept nowhere.

    Who was shown how many, and why, is kept for ever. No key that is good for one use alone may ask for them.
    """
    return reveal_values(world, actor, item_id, given.reason)


@router.post("/review/{item_id}/assign")
def assign(
    world: TheWorld, actor: TheActor, item_id: ItemPath, given: Annotated[Assignment, Body()]
) -> ReviewDetail:
    """Give an item to somebody who may decide about it, or to nobody."""
    return assign_item(world, actor, item_id, given.login)


@router.post("/clients/{client}/columns/use")
def use(world: TheWorld, actor: TheActor, client: ClientPath, given: Annotated[ColumnUse, Body()]) -> Decided:
    """Take a column in that was left out, or leave one out; the next proposal goes by it."""
    return decide_use(world, actor, client, given.column, used=given.used, reason=given.reason)


@router.post("/clients/{client}/columns/map")
def map_to(
    world: TheWorld, actor: TheActor, client: ClientPath, given: Annotated[ColumnTarget, Body()]
) -> Decided:
    """Map a column to a field that nobody suggested for it."""
    return map_column(world, actor, client, given.column, given.target, rule=given.rule, reason=given.reason)


def _decision(item_id: str, kind: DecisionKind, said: Approval | Rejection | Override) -> Decision:
    return Decision(
        item_id=item_id, kind=kind, reason=said.reason, expected_row_version=said.expected_row_version
    )
