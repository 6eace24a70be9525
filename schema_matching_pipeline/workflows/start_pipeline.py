"""A client's pipeline as programs drive it: started, followed and resumed by the id of its run."""

from __future__ import annotations

from pydantic import Field, field_serializer

from schema_matching_pipeline.errors import (
    ClientBusyError,
    GateClosedError,
    RunCancelledError,
    StaleDecisionError,
)
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId, RunId
from schema_matching_pipeline.model.pipeline import PipelineRun, PipelineState, RequestKind
from schema_matching_pipeline.model.registry import Job, RequestState
from schema_matching_pipeline.model.review import GateState
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.registry.repositories.runs import is_cancelled
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client
from schema_matching_pipeline.workflows.evaluate_checks import ClientReading
from schema_matching_pipeline.workflows.onboard_client import open_as, request_kind, require_active
from schema_matching_pipeline.workflows.require_gate import Gate
from schema_matching_pipeline.workflows.run_state import RunStamp, newest_run, open_client, phase_to_resume
from schema_matching_pipeline.workflows.show_client import count_dispositions
from schema_matching_pipeline.workflows.world import World

_S = PipelineState
WORKING = frozenset({_S.PENDING, _S.PROFILING, _S.QUALITY_CHECK, _S.CLASSIFYING, _S.MATCHING, _S.VALIDATING})
"""States in which a run is at work, or is about to be."""
# How far a pipeline is by its state; people count as the longer part of the way.
_PROGRESS = {
    _S.PENDING: 0,
    _S.PROFILING: 5,
    _S.QUALITY_CHECK: 20,
    _S.CLASSIFYING: 30,
    _S.MATCHING: 40,
    _S.VALIDATING: 50,
    _S.AWAITING_REVIEW: 60,
    _S.AWAITING_APPROVAL: 90,
    _S.COMPLETED: 100,
}


class PipelineStart(Frozen):
    """What is to be started; a trust profile or schema named here is the client's from now on."""

    client_id: ClientId = Field(examples=["acme"])
    schema_name: str | None = None
    trust_profile: str | None = None
    from_start: bool = False


class PipelineStatus(Frozen):
    """Where a run stands: its state, how far it is in per cent, columns by disposition, and what waits for people."""

    run: PipelineRun
    progress: int
    waiting: int
    dispositions: tuple[tuple[str, int], ...]
    gate: GateState

    @field_serializer("dispositions", when_used="json")
    def _by_name(self, counted: tuple[tuple[str, int], ...]) -> dict[str, int]:
        return dict(counted)


def start_pipeline(world: World, actor: Actor, wanted: PipelineStart) -> Job:
    """The job of a client's onboarding, with the run that will do it; one that failed goes on where it did.

    Raises:
        NotAllowedError: the actor may not run pipelines.
        UnknownNameError: there is no such client, or trust profile.
        BadDecisionError: the client is at rest.
        ClientBusyError: a run of the client is at work, or is about to be.
    """
    client = wanted.client_id
    require(actor, Permission.RUN_PIPELINE, client)
    with open_as(world, actor) as unit:
        require_active(unit, client)
        _require_idle(unit, client)
    change = ClientChange(trust_profile=wanted.trust_profile, schema_name=wanted.schema_name)
    if change != ClientChange():
        change_client(world, actor, client, change)
    with open_as(world, actor) as unit:
        failed_in = phase_to_resume(world, unit, client)
        kind = request_kind(failed_in, wanted.from_start)
        asked = unit.requests.add(client, kind, actor.login)
        if failed_in is None or wanted.from_start:
            profile = unit.clients.get(client).trust_profile or world.trust.default_trust_profile
            run = unit.runs.start(client, profile)
        else:
            run = unit.runs.latest(client)
        return unit.requests.job(asked.id).but(run_id=run.id)


def run_one_phase(world: World, actor: Actor, client: str, kind: RequestKind) -> Job:
    """The job of one phase of a client, and nothing else; gates hold as ever.

    Raises:
        NotAllowedError: the actor may not run pipelines.
        UnknownNameError: there is no such client.
        BadDecisionError: the client is at rest.
        ClientBusyError: a run of the client is at work, or is about to be.
    """
    require(actor, Permission.RUN_PIPELINE, client)
    with open_as(world, actor) as unit:
        require_active(unit, client)
        _require_idle(unit, client)
        return unit.requests.job(unit.requests.add(client, kind, actor.login).id)


def resume_pipeline(world: World, actor: Actor, run_id: str) -> Job:
    """The job that takes a run on from where it failed, or through the gate that is open.

    Raises:
        NotAllowedError: the actor may not run pipelines.
        UnknownNameError: the tenant has no such run.
        BadDecisionError: the client is at rest.
        ClientBusyError: it is at work.
        StaleDecisionError: it has completed, or the client has a newer run.
        GateClosedError: people are asked first.
    """
    require(actor, Permission.RUN_PIPELINE)
    with open_as(world, actor) as unit:
        run = newest_run(unit, actor, Permission.RUN_PIPELINE, run_id)
        require_active(unit, run.client)
        _require_idle(unit, run.client)
        kind = _next_segment(world, unit, run)
        return unit.requests.job(unit.requests.add(run.client, kind, actor.login).id).but(run_id=run.id)


def cancel_pipeline(world: World, actor: Actor, client: str) -> None:
    """Withdraws what was asked for about the client, and ends its run; what its phases have stored stays.

    A run that is at work is stopped by the orchestrator within seconds, at the latest before its next phase.

    Raises:
        NotAllowedError: the actor may not run pipelines.
        UnknownNameError: there is no such client.
        StaleDecisionError: nothing of the client runs.
    """
    require(actor, Permission.RUN_PIPELINE, client)
    told = f"Cancelled by {actor.login}."
    with open_as(world, actor) as unit:
        unit.clients.get(client)
        run = unit.runs.latest_or_none(client)
        asked = [request for request in unit.requests.list(client) if request.state is RequestState.OPEN]
        working = run if run is not None and run.state in WORKING else None
        if working is None and not asked:
            raise StaleDecisionError(f"Nothing of {client!r} runs, so there is nothing to cancel.")
        for request in asked:
            unit.requests.mark(
                request.run_key, RequestState.CANCELLED, error_code=RunCancelledError.code, error=told
            )
        if working is not None:
            unit.runs.fail(client, working.phase, RunCancelledError.code, told, working.dagster_run_id)


def cancel_run(world: World, actor: Actor, run_id: str) -> PipelineStatus:
    """Where a run stands that goes no further, by its id.

    Raises:
        NotAllowedError: the actor may not run pipelines.
        UnknownNameError: the tenant has no such run.
        StaleDecisionError: it is at work no more, or the client has a newer run.
    """
    require(actor, Permission.RUN_PIPELINE)
    with open_as(world, actor) as unit:
        run = newest_run(unit, actor, Permission.RUN_PIPELINE, run_id)
    cancel_pipeline(world, actor, run.client)
    return show_pipeline(world, actor, run_id)


def was_cancelled(world: World, client: str, run_key: str, dagster_run_id: str) -> bool:
    """Whether somebody cancelled a run of the orchestrator, or the request that it answers."""
    with open_client(world, client, RunStamp()) as unit:
        request = unit.requests.get(run_key)
        run = unit.runs.latest_or_none(client)
    is_withdrawn = request is not None and request.state is RequestState.CANCELLED
    return is_withdrawn or (run is not None and is_cancelled(run, dagster_run_id))


def show_pipeline(world: World, actor: Actor, run_id: str) -> PipelineStatus:
    """Where a run stands.

    Raises:
        UnknownNameError: the tenant has no such run.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        run = unit.runs.get(RunId(run_id))
        require(actor, Permission.READ, run.client)
        reading = ClientReading(world, unit, run.client)
        return PipelineStatus(
            run=run,
            progress=_PROGRESS.get(run.state, 0),
            waiting=reading.gate.waiting,
            dispositions=count_dispositions(reading),
            gate=reading.gate,
        )


def show_job(world: World, actor: Actor, job_id: str) -> Job:
    """How far a job is.

    Raises:
        UnknownNameError: the tenant has no such job.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        job = unit.requests.job(job_id)
    require(actor, Permission.READ, job.client)
    return job


def _require_idle(unit: UnitOfWork, client: str) -> None:
    run = unit.runs.latest_or_none(client)
    if run is not None and run.state in WORKING:
        raise ClientBusyError(client)
    if any(request.state is RequestState.OPEN for request in unit.requests.list(client)):
        raise ClientBusyError(client)


def _next_segment(world: World, unit: UnitOfWork, run: PipelineRun) -> RequestKind:
    if run.state is PipelineState.COMPLETED:
        raise StaleDecisionError(f"Run {run.id} has completed; there is nothing to resume. Start another.")
    if run.state is PipelineState.FAILED:
        return request_kind(phase_to_resume(world, unit, run.client), from_start=False)
    gate = unit.publications.gate(run.client)
    if not gate.review_open:
        raise _closed("review", gate)
    if not gate.validated:
        return RequestKind.VALIDATE
    if not gate.final_open:
        raise _closed("final", gate)
    return RequestKind.RELEASE


def _closed(which: Gate, gate: GateState) -> GateClosedError:
    holding = gate.holding_review if which == "review" else gate.holding_final
    return GateClosedError(gate.client, which, tuple(held.in_a_line(gate.client) for held in holding))
