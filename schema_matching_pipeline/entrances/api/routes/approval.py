"""The final word about what a run proposed: into production, or not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.reasons import MayBeSaid, MustBeSaid
from schema_matching_pipeline.entrances.api.routes.pipeline import RunPath
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.review import GateState
from schema_matching_pipeline.workflows.decide_review import approve_run, refuse_run

router = APIRouter(tags=["pipeline"])

ShownVersion = Annotated[
    int | None,
    Field(
        ge=1, le=2**31 - 1, description="The version that was shown; another one is refused.", examples=[3]
    ),
]


class FinalWord(Frozen):
    """Yes to the newest version, with a reason where there is one."""

    reason: MayBeSaid = ""
    expected_version: ShownVersion = None


class FinalRefusal(Frozen):
    """No to the newest version, with the reason."""

    reason: MustBeSaid
    expected_version: ShownVersion = None


@router.post("/approve/{run_id}")
def approve(
    world: TheWorld, actor: TheActor, run_id: RunPath, given: Annotated[FinalWord | None, Body()] = None
) -> GateState:
    """Approve for production what a run proposed; its publication follows by itself. Again, it changes nothing.

    409 while anything waits, with what that is, and where the newest version is another one than was shown.
    """
    said = given or FinalWord()
    return approve_run(world, actor, run_id, said.reason, version=said.expected_version)


@router.post("/approve/{run_id}/refuse")
def refuse(
    world: TheWorld, actor: TheActor, run_id: RunPath, given: Annotated[FinalRefusal, Body()]
) -> GateState:
    """Refuse for production what a run proposed, until somebody approves it or it changes.

    409 where the newest version is another one than was shown.
    """
    return refuse_run(world, actor, run_id, given.reason, version=given.expected_version)
