"""What a client's page does about its runs: start one, take it on, cancel it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.ui.page_actions import shown_anew
from schema_matching_pipeline.settings import Feature
from schema_matching_pipeline.workflows.start_pipeline import (
    PipelineStart,
    cancel_pipeline,
    resume_pipeline,
    start_pipeline,
)

router = APIRouter(prefix="/clients/{client}")
FEATURE = Feature.PIPELINE


@router.post("/start")
def start(
    world: TheWorld, actor: TheActor, client: str, from_start: Annotated[bool, Form()] = False
) -> Response:
    """Asks for a run: one that failed goes on where it did, unless all is wanted again."""
    start_pipeline(world, actor, PipelineStart(client_id=client, from_start=from_start))
    return shown_anew()


@router.post("/resume")
def resume(world: TheWorld, actor: TheActor, run_id: Annotated[str, Form(max_length=100)]) -> Response:
    """Takes the run on from where it failed, or through the gate that is open."""
    resume_pipeline(world, actor, run_id)
    return shown_anew()


@router.post("/cancel")
def cancel(world: TheWorld, actor: TheActor, client: str) -> Response:
    """Withdraws what was asked for, and ends what runs."""
    cancel_pipeline(world, actor, client)
    return shown_anew()
