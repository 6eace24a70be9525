"""Pipelines: started, followed, resumed; each phase alone; the jobs that long work becomes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Path
from pydantic import Field

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheInstallation, TheWorld
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.model.registry import Job
from schema_matching_pipeline.settings import Feature
from schema_matching_pipeline.workflows.start_pipeline import (
    PipelineStart,
    PipelineStatus,
    cancel_run,
    resume_pipeline,
    run_one_phase,
    show_job,
    show_pipeline,
    start_pipeline,
)

router = APIRouter(tags=["pipeline"])
FEATURE = Feature.PIPELINE

RunPath = Annotated[
    str,
    Path(
        description="The run, as the start of its pipeline named it.",
        examples=["7c1f6a52-9e1d-4b5c-8f0e-2f6d1c9b7a10"],
    ),
]
JobPath = Annotated[str, Path(description="The job.", examples=["0b7e8a3c-52b1-4c0e-9a51-6f3f6f1f4c22"])]


class OnePhase(Frozen):
    """The client whose phase is to be run."""

    client_id: ClientId = Field(examples=["acme"])


class RunStatus(PipelineStatus):
    """Where a run stands, with the address of the orchestrator's own page about it, on the installation's machine."""

    dagster_url: str | None = None


@router.post("/pipeline/start", status_code=HTTPStatus.ACCEPTED)
def start(
    world: TheWorld,
    actor: TheActor,
    wanted: Annotated[
        PipelineStart, Body(examples=[{"client_id": "acme"}, {"client_id": "acme", "from_start": True}])
    ],
) -> Job:
    """Start onboarding a client. A pipeline that failed goes on where it did, unless wanted from the start.

    The job names the run; 409 where one is at work already.
    """
    return start_pipeline(world, actor, wanted)


@router.get("/pipeline/{run_id}/status")
def status(served: TheInstallation, actor: TheActor, run_id: RunPath) -> RunStatus:
    """Show where a run stands: phase, progress, columns by disposition, what waits for people."""
    found = show_pipeline(served.world, actor, run_id)
    dagster_run = found.run.dagster_run_id
    url = f"{served.settings.dagster_address}/runs/{dagster_run}" if dagster_run else None
    return RunStatus(**dict(found), dagster_url=url)


@router.post("/pipeline/{run_id}/resume", status_code=HTTPStatus.ACCEPTED)
def resume(world: TheWorld, actor: TheActor, run_id: RunPath) -> Job:
    """Take a run on from where it failed, or through the gate that people have opened.

    An opened gate is passed by itself within seconds; what is done is not done again. 409 where people are asked first.
    """
    return resume_pipeline(world, actor, run_id)


@router.post("/pipeline/{run_id}/cancel", status_code=HTTPStatus.ACCEPTED)
def cancel(world: TheWorld, actor: TheActor, run_id: RunPath) -> PipelineStatus:
    """Withdraw what was asked for about a run's client, and end the run; what its phases have stored stays.

    The orchestrator stops what is at work within seconds. 409 where nothing is.
    """
    return cancel_run(world, actor, run_id)


@router.post("/profile", status_code=HTTPStatus.ACCEPTED)
def profile(world: TheWorld, actor: TheActor, wanted: Annotated[OnePhase, Body()]) -> Job:
    """Profile a client's source and label the quality of its columns, and nothing else."""
    return run_one_phase(world, actor, wanted.client_id, RequestKind.PROFILE)


@router.post("/classify", status_code=HTTPStatus.ACCEPTED)
def classify(world: TheWorld, actor: TheActor, wanted: Annotated[OnePhase, Body()]) -> Job:
    """Classify a client's columns by their newest profile, and nothing else."""
    return run_one_phase(world, actor, wanted.client_id, RequestKind.CLASSIFY)


@router.post("/match", status_code=HTTPStatus.ACCEPTED)
def match(world: TheWorld, actor: TheActor, wanted: Annotated[OnePhase, Body()]) -> Job:
    """Match a client's columns by their newest classification, and nothing else."""
    return run_one_phase(world, actor, wanted.client_id, RequestKind.MATCH)


@router.post("/validate", status_code=HTTPStatus.ACCEPTED)
def validate(world: TheWorld, actor: TheActor, wanted: Annotated[OnePhase, Body()]) -> Job:
    """Validate a client's newest mapping on its own data, and nothing else."""
    return run_one_phase(world, actor, wanted.client_id, RequestKind.VALIDATE)


@router.get("/jobs/{job_id}")
def job(world: TheWorld, actor: TheActor, job_id: JobPath) -> Job:
    """Show how far a job is, and what became of it."""
    return show_job(world, actor, job_id)
