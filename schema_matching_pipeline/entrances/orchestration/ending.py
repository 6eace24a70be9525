"""How a run ended, told in our words from Dagster's events: the phase, the code of the fault, the message."""

from __future__ import annotations

from dataclasses import dataclass

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.checks import CHECK_STEP
from schema_matching_pipeline.entrances.orchestration.faults import CODE, RETRYABLE, UNEXPECTED_CODE
from schema_matching_pipeline.entrances.orchestration.jobs import propose
from schema_matching_pipeline.entrances.orchestration.stamp import signature_of
from schema_matching_pipeline.entrances.orchestration.tags import PARTITION
from schema_matching_pipeline.errors import ClientBusyError, GateClosedError, RunCancelledError
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.workflows.run_state import fail_at_start, fail_run
from schema_matching_pipeline.workflows.world import World

CANCELLED_CODE = RunCancelledError.code
WORKER_LOST_CODE = "WORKER_LOST"
INTERRUPTED = "INTERRUPT"
"""Dagster's name for a step that a signal ended."""

# A refusal leaves the pipeline where it stands: it still waits for its people, or for the other run.
REFUSALS = frozenset({GateClosedError.code, ClientBusyError.code})


@dataclass(frozen=True)
class Ending:
    """Why a run did not succeed. ``phase`` is None where it never reached one."""

    phase: Phase | None
    code: str
    message: str
    retryable: bool = False


def ending_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Ending:
    """Why a run that is over did not succeed."""
    phase = _phase_reached(instance, run)
    if run.status is dg.DagsterRunStatus.CANCELED:
        return Ending(phase, CANCELLED_CODE, "The run was cancelled.")
    failures = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    if not failures:
        return worker_lost(phase)
    return _of_failed_step(failures[-1].get_dagster_event())


def record_ending(world: World, instance: dg.DagsterInstance, run: dg.DagsterRun) -> Ending:
    """Marks the client's pipeline as failed, unless the run was only refused; why the run ended."""
    ending = ending_of(instance, run)
    client = run.tags.get(PARTITION)
    if client is None or ending.code in REFUSALS:
        return ending
    signed = signature_of(run)
    if ending.phase is None and ending.code == WORKER_LOST_CODE and run.job_name == propose.name:
        fail_at_start(world, client, ending.code, ending.message, signed)
    else:
        fail_run(world, client, ending.phase, ending.code, ending.message, signed)
    return ending


def worker_lost(phase: Phase | None) -> Ending:
    """The ending of a run whose process was ended from outside."""
    return Ending(phase, WORKER_LOST_CODE, "The process that ran it ended unexpectedly.", retryable=True)


def _of_failed_step(event: dg.DagsterEvent) -> Ending:
    data = event.step_failure_data
    failure = data.user_failure_data
    if data.error_source is not None and data.error_source.name == INTERRUPTED:
        return worker_lost(phase_of_step(event.step_key))
    if failure is None:
        return Ending(phase_of_step(event.step_key), UNEXPECTED_CODE, "The phase failed outside our code.")
    code, retryable = failure.metadata.get(CODE), failure.metadata.get(RETRYABLE)
    return Ending(
        phase=phase_of_step(event.step_key),
        code=str(code.value) if code else UNEXPECTED_CODE,
        message=failure.description or failure.label,
        retryable=bool(retryable and retryable.value),
    )


def _phase_reached(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Phase | None:
    started = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_START)
    reached = [phase for entry in started if (phase := phase_of_step(entry.step_key))]
    return reached[-1] if reached else None


def phase_of_step(step: str | None) -> Phase | None:
    """The phase of a step: an asset's step is named as its phase, a check's step after it."""
    name = (step or "").removesuffix(CHECK_STEP)
    return Phase(name) if name in set(Phase) else None


def is_check_step(step: str | None) -> bool:
    """Whether the step evaluates the checks of a phase."""
    return (step or "").endswith(CHECK_STEP)
