"""What is due for clients, which run answers it, and the closing of what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.checks import CHECKS, OF_THE_QUEUE
from schema_matching_pipeline.entrances.orchestration.ending import CANCELLED_CODE, ending_of
from schema_matching_pipeline.entrances.orchestration.jobs import (
    JOB_OF_REQUEST,
    PHASES_ALONE,
    PHASES_OF_JOB,
)
from schema_matching_pipeline.entrances.orchestration.stamp import signature_of
from schema_matching_pipeline.entrances.orchestration.tags import LOST, RUN_KEY, WILL_RETRY
from schema_matching_pipeline.errors import ServiceError
from schema_matching_pipeline.model.pipeline import Phase, RequestKind, WorkItem
from schema_matching_pipeline.model.registry import RequestState
from schema_matching_pipeline.workflows.close_request import close_request
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client, phase_to_resume, still_counts
from schema_matching_pipeline.workflows.world import World

TRIES_ALLOWED = 2
"""A run that lost its process is taken up once more; a second loss is an answer."""


@dataclass(frozen=True)
class Part:
    """Some of a job's assets, and the checks that are evaluated with them."""

    assets: tuple[dg.AssetKey, ...]
    checks: tuple[dg.AssetCheckKey, ...]

    @classmethod
    def of(cls, phases: Sequence[Phase], *, checked: Sequence[Phase] = ()) -> Part:
        """The phases with their checks, and the checks alone of those that are ``checked`` besides."""
        return cls(
            assets=tuple(dg.AssetKey(str(phase)) for phase in phases),
            checks=tuple(
                dg.AssetCheckKey(dg.AssetKey(str(phase)), name)
                for phase in (*checked, *phases)
                for name in CHECKS[phase]
            ),
        )


def due_work(world: World, instance: dg.DagsterInstance) -> tuple[WorkItem, ...]:
    """All work that is due; what its runs have answered meanwhile is closed first, so that it makes room."""
    items = world.registry.work_queue()
    return world.registry.work_queue() if close_answered(world, instance, items) else items


def answering_run(instance: dg.DagsterInstance, item: WorkItem) -> dg.DagsterRun | None:
    """The run that answers the item; its automatic second try, where there was one.

    Asking by the key, and not only trusting the sensor's memory, also finds what a command line ran itself.
    A run that was lost together with its command line answers nothing, the first time.
    """
    runs = _tries(instance, item)
    return None if _is_to_be_taken_up(runs) else next(iter(runs), None)


def part_left(world: World, instance: dg.DagsterInstance, item: WorkItem) -> Part | None:
    """What is still to run for an item: from the phase that an earlier run did not end. None means the whole job.

    Checks that count what waits come last in a run, so those of the phases that an earlier run did end are still to come.
    """
    alone = PHASES_ALONE.get(item.kind)
    phases = alone or PHASES_OF_JOB[JOB_OF_REQUEST[item.kind]]
    reached = _phase_to_take_up(world, instance, item)
    if reached not in phases[1:]:
        return Part.of(alone) if alone else None
    begin = phases.index(reached)
    return Part.of(phases[begin:], checked=[phase for phase in phases[:begin] if phase in OF_THE_QUEUE])


def _phase_to_take_up(world: World, instance: dg.DagsterInstance, item: WorkItem) -> Phase | None:
    runs = _tries(instance, item)
    with open_client(world, item.client, RunStamp()) as unit:
        if _is_to_be_taken_up(runs):
            return ending_of(instance, runs[0]).phase if still_counts(world, unit, item.client) else None
        return phase_to_resume(world, unit, item.client) if item.kind is RequestKind.ONBOARD else None


def _tries(instance: dg.DagsterInstance, item: WorkItem) -> Sequence[dg.DagsterRun]:
    return instance.get_runs(dg.RunsFilter(tags={RUN_KEY: item.run_key}), limit=TRIES_ALLOWED)


def _is_to_be_taken_up(runs: Sequence[dg.DagsterRun]) -> bool:
    return bool(runs) and LOST in runs[0].tags and len(runs) < TRIES_ALLOWED


def stored_run(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRun:
    """A run by its id.

    Raises:
        ServiceError: Dagster's storage does not have it any more.
    """
    run = instance.get_run_by_id(run_id)
    if run is None:
        raise ServiceError(f"Dagster has no run {run_id} any more; its storage was cleared meanwhile.")
    return run


def awaits_retry(run: dg.DagsterRun) -> bool:
    """Whether a daemon is going to try the run once more."""
    return run.tags.get(WILL_RETRY) == "true"


def close_answered(world: World, instance: dg.DagsterInstance, items: Iterable[WorkItem]) -> int:
    """Closes the items whose runs are over; how many."""
    runs = [(item, answering_run(instance, item)) for item in items]
    over = [(item, run) for item, run in runs if run and run.is_finished and not awaits_retry(run)]
    for item, run in over:
        close(world, instance, item, run)
    return len(over)


def close(world: World, instance: dg.DagsterInstance, item: WorkItem, run: dg.DagsterRun) -> None:
    """Writes down the outcome of the run that answered the item."""
    signed = signature_of(run)
    if run.is_success:
        close_request(world, item, RequestState.DONE, run=signed)
        return
    ending = ending_of(instance, run)
    state = RequestState.CANCELLED if ending.code == CANCELLED_CODE else RequestState.FAILED
    close_request(
        world,
        item,
        state,
        run=signed,
        error_code=ending.code,
        error=ending.message,
        retryable=ending.retryable,
    )
