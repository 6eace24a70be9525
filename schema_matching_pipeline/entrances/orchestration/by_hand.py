"""What somebody does to one client's runs by hand: run a single phase, cancel what runs."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.cancelling import UNFINISHED, ask_to_stop
from schema_matching_pipeline.entrances.orchestration.instance import open_instance
from schema_matching_pipeline.entrances.orchestration.jobs import PHASES_OF_JOB
from schema_matching_pipeline.entrances.orchestration.launch import (
    SegmentRun,
    execute_here,
    fault_of,
    report_lost,
)
from schema_matching_pipeline.entrances.orchestration.tags import PARTITION, tags_back
from schema_matching_pipeline.entrances.orchestration.work import Part
from schema_matching_pipeline.errors import ClientBusyError
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.runtime import dagster_environment
from schema_matching_pipeline.settings import Feature, Settings
from schema_matching_pipeline.workflows.world import Progress, World, silent


def run_phase(
    settings: Settings,
    world: World,
    client: str,
    phase: Phase,
    progress: Progress = silent,
    *,
    trace_id: str | None,
) -> SegmentRun:
    """Runs one phase of a client in this process, and nothing else; its gate and its lease hold as ever.

    The run bears the trace of whoever asked for it.

    Raises:
        UsageError: the pipeline is switched off.
        ClientBusyError: another run of the client has not ended; it may stand between two phases.
        SmpError: the run failed; the error is the fault that ended it.
        KeyboardInterrupt: the run was cancelled.
    """
    settings.require(Feature.PIPELINE)
    job = next(name for name, phases in PHASES_OF_JOB.items() if phase in phases)
    with dagster_environment(settings) as home, open_instance(home) as instance:
        report_lost(world, instance)
        if _unfinished(instance, client):
            raise ClientBusyError(client)
        tags = tags_back(client, world.desk_address, trace_id)
        segment = execute_here(
            world, instance, client, job, part=Part.of([phase]), tags=tags, progress=progress
        )
    if segment.ending:
        raise fault_of(world, client, segment.ending)
    return segment


def cancel_runs(settings: Settings, world: World, client: str) -> tuple[str, ...]:
    """Asks every unfinished run of the client to stop; their ids. What a phase has stored stays.

    A run whose process died is reported as lost instead.

    Raises:
        UsageError: a command line on another machine executes the run.
    """
    with dagster_environment(settings) as home, open_instance(home) as instance:
        report_lost(world, instance)
        return tuple(run.run_id for run in _unfinished(instance, client) if ask_to_stop(instance, run))


def _unfinished(instance: dg.DagsterInstance, client: str) -> Sequence[dg.DagsterRun]:
    return instance.get_runs(dg.RunsFilter(tags={PARTITION: client}, statuses=UNFINISHED))
