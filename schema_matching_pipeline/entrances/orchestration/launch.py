"""The command line's way to a run: in this process when no daemon lives, else enqueued and followed."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from uuid import uuid4

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.code_location import all_definitions
from schema_matching_pipeline.entrances.orchestration.ending import (
    CANCELLED_CODE,
    Ending,
    ending_of,
    is_check_step,
    phase_of_step,
    record_ending,
)
from schema_matching_pipeline.entrances.orchestration.instance import open_instance
from schema_matching_pipeline.entrances.orchestration.jobs import JOB_OF_REQUEST
from schema_matching_pipeline.entrances.orchestration.liveness import daemon_lives
from schema_matching_pipeline.entrances.orchestration.lost_runs import (
    give_up,
    report_lost_runs,
    this_process,
    was_launched,
)
from schema_matching_pipeline.entrances.orchestration.partitions import CLIENTS_NAME
from schema_matching_pipeline.entrances.orchestration.tags import (
    FAILURE_REASON,
    MAX_RETRIES,
    PARENT_RUN,
    RUN_KEY,
    WORKER,
    tags_of,
)
from schema_matching_pipeline.entrances.orchestration.work import (
    Part,
    answering_run,
    awaits_retry,
    close,
    close_answered,
    due_work,
    part_left,
    stored_run,
)
from schema_matching_pipeline.errors import GateClosedError, RunFailedError, SmpError, SourceError
from schema_matching_pipeline.model.pipeline import RequestKind, WorkItem
from schema_matching_pipeline.runtime import dagster_environment
from schema_matching_pipeline.settings import Feature, Settings
from schema_matching_pipeline.workflows.require_gate import require_gate
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline.workflows.world import Progress, World, silent

POLL_SECONDS = 0.5
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""The command line says itself what happened; Dagster's own console would say it again, at length."""

INTERRUPTED = "UNEXPECTED_TERMINATION"
"""Dagster's reason for the end of a run that got a signal."""

STEP_EVENTS = {dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_SUCCESS}


@dataclass(frozen=True)
class SegmentRun:
    """One run that was carried out. ``ending`` is None where it succeeded."""

    job: str
    run_id: str
    ending: Ending | None


def carry_on(
    settings: Settings,
    world: World,
    client: str,
    progress: Progress = silent,
    *,
    only: Collection[RequestKind] = frozenset(RequestKind),
) -> tuple[SegmentRun, ...]:
    """Works off everything of these kinds that is due for the client, segment by segment, up to the next gate or the end.

    ``progress`` hears each step and, inside a step that runs here, each table; it may be called from a second
    thread. Ctrl-C cancels the run that is under way.

    Raises:
        SmpError: a run failed; the error is the fault that ended it.
        UsageError: the pipeline is switched off.
        KeyboardInterrupt: the run was cancelled.
    """
    settings.require(Feature.PIPELINE)
    done: list[SegmentRun] = []
    answered: set[str] = set()
    with dagster_environment(settings) as home, open_instance(home) as instance:
        report_lost(world, instance)
        take_over(world, instance, client)
        while (item := next_item(world, instance, client, only)) and item.run_key not in answered:
            answered.add(item.run_key)
            try:
                segment = run_item(world, instance, item, progress)
            except KeyboardInterrupt:
                close_answered(world, instance, [item])  # else the next to ask is told that it was asked
                raise
            close(world, instance, item, stored_run(instance, segment.run_id))
            done.append(segment)
            if segment.ending and segment.ending.code == CANCELLED_CODE:
                raise KeyboardInterrupt
            if segment.ending:
                raise fault_of(world, client, segment.ending)
    return tuple(done)


def report_lost(world: World, instance: dg.DagsterInstance) -> None:
    """Clears away runs that lost their process, so that neither the client nor a pool stays taken by them."""
    for run in report_lost_runs(instance):
        if not was_launched(run):
            record_ending(world, instance, run)


def take_over(world: World, instance: dg.DagsterInstance, client: str) -> None:
    """Takes over from a daemon that died what it would have tried once more for the client."""
    if daemon_lives(instance):
        return
    for item in (item for item in world.registry.work_queue() if item.client == client):
        run = answering_run(instance, item)
        if run is not None and awaits_retry(run):
            give_up(instance, run)
            record_ending(world, instance, run)


def next_item(
    world: World, instance: dg.DagsterInstance, client: str, only: Collection[RequestKind]
) -> WorkItem | None:
    """What of these kinds is due next for the client."""
    due = (item for item in due_work(world, instance) if item.client == client and item.kind in only)
    return next(due, None)


def run_item(
    world: World, instance: dg.DagsterInstance, item: WorkItem, progress: Progress = silent
) -> SegmentRun:
    """Carries out one work item: by the daemon where one lives or has begun it, else in this process."""
    if daemon_lives(instance) or answering_run(instance, item):
        run = follow(world, instance, item, progress)
        if run is not None:
            return _segment(instance, run)
    return run_in_process(world, instance, item, progress)


def run_in_process(
    world: World, instance: dg.DagsterInstance, item: WorkItem, progress: Progress = silent
) -> SegmentRun:
    """Runs the item's job here, as a real run of the real instance; its failure is recorded at once."""
    return execute_here(
        world,
        instance,
        item.client,
        JOB_OF_REQUEST[item.kind],
        part=part_left(world, instance, item),
        tags={**tags_of(item, world.desk_address), RUN_KEY: item.run_key},
        progress=progress,
    )


def execute_here(
    world: World,
    instance: dg.DagsterInstance,
    client: str,
    job_name: str,
    *,
    part: Part | None,
    tags: Mapping[str, str],
    progress: Progress,
) -> SegmentRun:
    """Runs a job, or only a part of it, for one client in this process.

    Raises:
        KeyboardInterrupt: the run was cancelled.
    """
    instance.add_dynamic_partitions(CLIENTS_NAME, [client])
    job = all_definitions(world=world, progress=progress).resolve_job_def(job_name)
    if part:
        job = job.get_subset(asset_selection=set(part.assets), asset_check_selection=set(part.checks))
    run_id = str(uuid4())
    try:
        with reported(instance, run_id, progress):
            job.execute_in_process(
                instance=instance,
                run_id=run_id,
                partition_key=client,
                run_config=QUIET,
                tags={
                    **tags,
                    WORKER: this_process().as_tag(),
                    MAX_RETRIES: "0",  # a daemon could not repeat a run that has no code server
                },
                raise_on_error=False,
            )
    except BaseException as error:
        _close(world, instance, run_id, cancelled=not isinstance(error, Exception))
        raise
    run = stored_run(instance, run_id)
    if run.tags.get(FAILURE_REASON) == INTERRUPTED:  # Dagster swallows the Ctrl-C it was ended by
        _close(world, instance, run_id, cancelled=True)
        raise KeyboardInterrupt
    ending = None if run.is_success else record_ending(world, instance, run)
    return SegmentRun(run.job_name, run_id, ending)


def follow(
    world: World, instance: dg.DagsterInstance, item: WorkItem, progress: Progress = silent
) -> dg.DagsterRun | None:
    """Watches the daemon's run for the item until it has ended; None when no daemon lives to begin it.

    An automatic second try is followed too. Ctrl-C cancels the run.
    """
    run = _wait_for_run(instance, item)
    if run is None:
        return None
    try:
        with reported(instance, run.run_id, progress):
            run = _wait_for_end(world, instance, run.run_id)
    except KeyboardInterrupt:
        instance.run_coordinator.cancel_run(run.run_id)
        raise
    if awaits_retry(run) and (again := _wait_for_retry(instance, run)):
        with reported(instance, again.run_id, progress):
            return _wait_for_end(world, instance, again.run_id)
    return run


def fault_of(world: World, client: str, ending: Ending) -> SmpError:
    """The fault that ended a run, as the command line raises it.

    Raises:
        GateClosedError: a gate refused, and still does; what holds it is named.
    """
    if ending.code == GateClosedError.code:
        require_gate(world, client, "final", run=RunStamp())
    if ending.code in _SOURCE_FAULTS:
        return _SOURCE_FAULTS[ending.code](ending.message, source=client)
    return RunFailedError(client, ending.phase, ending.code, ending.message)


_SOURCE_FAULTS: dict[str, type[SourceError]] = {
    SourceError.code: SourceError,
    **{fault.code: fault for fault in SourceError.__subclasses__()},
}


@contextmanager
def reported(instance: dg.DagsterInstance, run_id: str, progress: Progress) -> Iterator[None]:
    """Tells ``progress`` each step of the run while the block runs, from a thread of its own."""
    if progress is silent:
        yield
        return
    over = Event()
    listener = Thread(target=_report_steps, args=(instance, run_id, progress, over), daemon=True)
    listener.start()
    try:
        yield
    finally:
        over.set()
        listener.join()


def _report_steps(instance: dg.DagsterInstance, run_id: str, progress: Progress, over: Event) -> None:
    cursor: str | None = None
    done, ended = 0, False
    while not ended:
        ended = over.wait(POLL_SECONDS)  # what came with the end is still told
        page = instance.get_records_for_run(run_id, cursor=cursor, of_type=STEP_EVENTS)
        cursor = page.cursor
        total = _phases_planned(instance, run_id) if page.records else 0
        for event in (record.event_log_entry.get_dagster_event() for record in page.records):
            if (phase := phase_of_step(event.step_key)) and not is_check_step(event.step_key):
                done += event.event_type is dg.DagsterEventType.STEP_SUCCESS
                progress(phase.replace("_", " "), done, total)


def _phases_planned(instance: dg.DagsterInstance, run_id: str) -> int:
    snapshot_id = stored_run(instance, run_id).execution_plan_snapshot_id
    steps = instance.get_execution_plan_snapshot(snapshot_id).step_keys_to_execute if snapshot_id else ()
    return sum(not is_check_step(step) for step in steps)


def _wait_for_run(instance: dg.DagsterInstance, item: WorkItem) -> dg.DagsterRun | None:
    while (run := answering_run(instance, item)) is None:
        if not daemon_lives(instance):
            return None
        time.sleep(POLL_SECONDS)
    return run


def _wait_for_end(world: World, instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRun:
    while not (run := stored_run(instance, run_id)).is_finished:
        time.sleep(POLL_SECONDS)
        report_lost(world, instance)
    return run


def _wait_for_retry(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun | None:
    retries = dg.RunsFilter(tags={PARENT_RUN: run.run_id})
    while daemon_lives(instance):
        if found := instance.get_runs(retries, limit=1):
            return found[0]
        time.sleep(POLL_SECONDS)
    return None


def _segment(instance: dg.DagsterInstance, run: dg.DagsterRun) -> SegmentRun:
    return SegmentRun(run.job_name, run.run_id, None if run.is_success else ending_of(instance, run))


def _close(world: World, instance: dg.DagsterInstance, run_id: str, *, cancelled: bool) -> None:
    """Leaves no run behind that says it still runs, and says who ended it."""
    run = instance.get_run_by_id(run_id)
    if run is None:
        return
    if cancelled:
        instance.report_run_canceled(run)
    elif not run.is_finished:
        instance.report_run_failed(run)
    instance.event_log_storage.free_concurrency_slots_for_run(run_id)
    record_ending(world, instance, stored_run(instance, run_id))
