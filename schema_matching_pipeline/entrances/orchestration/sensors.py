"""What moves the pipeline by itself: clients become partitions, requests and opened gates become runs."""

# No postponed annotations here: Dagster reads the contexts' types as objects.
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.cancelling import stop_cancelled
from schema_matching_pipeline.entrances.orchestration.ending import record_ending
from schema_matching_pipeline.entrances.orchestration.jobs import JOB_OF_REQUEST, JOBS
from schema_matching_pipeline.entrances.orchestration.lost_runs import report_lost_runs, was_launched
from schema_matching_pipeline.entrances.orchestration.partitions import CLIENTS, CLIENTS_NAME
from schema_matching_pipeline.entrances.orchestration.resources import forget_world
from schema_matching_pipeline.entrances.orchestration.shown import observed
from schema_matching_pipeline.entrances.orchestration.tags import tags_of
from schema_matching_pipeline.entrances.orchestration.work import (
    Part,
    answering_run,
    awaits_retry,
    close_answered,
    due_work,
    part_left,
)
from schema_matching_pipeline.errors import RegistryUnavailableError
from schema_matching_pipeline.model.pipeline import WorkItem
from schema_matching_pipeline.workflows.carry_logins import carry_logins
from schema_matching_pipeline.workflows.notify_people import notify_people
from schema_matching_pipeline.workflows.read_audit import acts_since
from schema_matching_pipeline.workflows.readiness import ORCHESTRATOR
from schema_matching_pipeline.workflows.world import World

POLL_SECONDS = 5
LOST_RUNS_SECONDS = 30
NEWS_SECONDS = 15
PARTITIONS_PER_TICK = 200
RUNS_PER_TICK = 50


@dg.sensor(
    jobs=JOBS,
    minimum_interval_seconds=POLL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Mirrors the registry: new clients become partitions, requests and opened gates become runs; what was cancelled stops.",
)
def registry_work(
    context: dg.SensorEvaluationContext, world: dg.ResourceParam[World]
) -> dg.SensorResult | dg.SkipReason:
    """Partitions for clients that have none, one run for every work item that has none, and an end to what was cancelled."""
    with registry_may_move():
        world.registry.beat(ORCHESTRATOR)
        known = set(context.instance.get_dynamic_partitions(CLIENTS_NAME))
        clients = {slug for slug, _tenant, _active in world.registry.all_clients()}
        missing, gone = sorted(clients - known)[:PARTITIONS_PER_TICK], sorted(known - clients)
        stop_cancelled(world, context.instance, known & clients)
        items = unlaunched(world, context.instance, known | set(missing))
    if not missing and not gone and not items:
        return dg.SkipReason("Nothing new in the registry.")
    return dg.SensorResult(
        dynamic_partitions_requests=[
            *([CLIENTS.build_add_request(missing)] if missing else []),
            *([CLIENTS.build_delete_request(gone)] if gone else []),
        ],
        run_requests=[
            run_request(item, world.desk_address, part_left(world, context.instance, item)) for item in items
        ],
    )


def unlaunched(world: World, instance: dg.DagsterInstance, partitions: Iterable[str]) -> list[WorkItem]:
    """Work items of known partitions that no run answers yet, as many as one tick launches."""
    known = set(partitions)
    waiting = (item for item in due_work(world, instance) if item.client in known)
    return [item for item in waiting if answering_run(instance, item) is None][:RUNS_PER_TICK]


def run_request(item: WorkItem, desk: str, part: Part | None = None) -> dg.RunRequest:
    """The run that answers a work item, of its whole job or of a part of it.

    Dagster launches a key once, also after a restart. The run leads to the client's page at the address of the ``desk``.
    """
    return dg.RunRequest(
        job_name=JOB_OF_REQUEST[item.kind],
        run_key=item.run_key,
        partition_key=item.client,
        asset_selection=part.assets if part else None,
        asset_check_keys=part.checks if part else None,
        tags=tags_of(item, desk),
    )


@dg.run_failure_sensor(
    minimum_interval_seconds=POLL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Marks a client's pipeline as failed, with the phase and the error.",
)
def failed_runs(context: dg.RunFailureSensorContext, world: dg.ResourceParam[World]) -> dg.SkipReason | None:
    """Marks the pipeline of a failed run, unless the run is tried once more or was only refused."""
    if awaits_retry(context.dagster_run):
        return dg.SkipReason("The run is tried once more.")
    with registry_may_move():
        mark_ended(world, context.instance, context.dagster_run)
    return None


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.CANCELED,
    minimum_interval_seconds=POLL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Marks a client's pipeline as failed when somebody cancelled its run.",
)
def cancelled_runs(context: dg.RunStatusSensorContext, world: dg.ResourceParam[World]) -> None:
    """Marks the pipeline of a cancelled run."""
    with registry_may_move():
        mark_ended(world, context.instance, context.dagster_run)


@dg.sensor(
    minimum_interval_seconds=LOST_RUNS_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Finds runs whose process is gone; Dagster then tries them once more.",
)
def lost_runs(context: dg.SensorEvaluationContext, world: dg.ResourceParam[World]) -> dg.SkipReason:
    """Reports runs that lost their process; what a command line ran itself is marked here, nobody retries it."""
    with registry_may_move():
        lost = report_lost_runs(context.instance)
        for run in lost:
            if not was_launched(run):
                mark_ended(world, context.instance, run)
    return dg.SkipReason(f"{len(lost)} run(s) had lost their process.")


@dg.sensor(
    minimum_interval_seconds=NEWS_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells people what waits for them, by the channels they opened.",
)
def news(_context: dg.SensorEvaluationContext, world: dg.ResourceParam[World]) -> dg.SkipReason:
    """Writes down what came about, and hands over what is due."""
    with registry_may_move():
        done = notify_people(world, world.desk_address)
    return dg.SkipReason(f"{done.told} news, {done.sent} message(s) sent, {done.failed} not taken.")


@dg.sensor(
    minimum_interval_seconds=NEWS_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Brings logins into the audit that the desk did not come to bring there.",
)
def logins(_context: dg.SensorEvaluationContext, world: dg.ResourceParam[World]) -> dg.SkipReason:
    """Carries what is due."""
    with registry_may_move():
        carried = carry_logins(world)
    return dg.SkipReason(f"{carried} row(s) of the audit about logins.")


@dg.sensor(
    minimum_interval_seconds=POLL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Shows on the timelines of mappings and published mappings what people decided.",
)
def decisions(context: dg.SensorEvaluationContext, world: dg.ResourceParam[World]) -> dg.SensorResult:
    """An observation for what each person decided about a client since the last look; the first look only begins."""
    seen: dict[str, int] = json.loads(context.cursor) if context.cursor else {}
    told: list[dg.AssetObservation] = []
    with registry_may_move():
        for tenant in sorted({tenant for _slug, tenant, _active in world.registry.all_clients()}):
            seen[tenant], acts = acts_since(world, tenant, seen.get(tenant))
            told += [observed(act, world.desk_address) for act in acts]
    return dg.SensorResult(asset_events=told, cursor=json.dumps(seen, sort_keys=True))


def mark_ended(world: World, instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Marks the pipeline of a run that did not succeed.

    What the run answered is closed first: whoever sees the pipeline failed and asks again would else be told that
    it was asked already, and get no run.
    """
    close_answered(world, instance, world.registry.work_queue())
    record_ending(world, instance, run)


@contextmanager
def registry_may_move() -> Iterator[None]:
    """Lets the next tick join the registry anew when this one found it gone."""
    try:
        yield
    except RegistryUnavailableError:
        forget_world()
        raise


SENSORS = [registry_work, failed_runs, cancelled_runs, lost_runs, news, logins, decisions]
