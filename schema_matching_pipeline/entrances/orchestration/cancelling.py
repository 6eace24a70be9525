"""Ends runs of the orchestrator that somebody wants no more."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.lost_runs import command_line_of
from schema_matching_pipeline.entrances.orchestration.tags import PARTITION, RUN_KEY
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.workflows.start_pipeline import was_cancelled
from schema_matching_pipeline.workflows.world import World

_AHEAD_OF_ITS_END = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
UNFINISHED = [*_AHEAD_OF_ITS_END, dg.DagsterRunStatus.CANCELING]


def ask_to_stop(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether the run was asked to stop; Dagster itself reaches only runs that a daemon launched.

    Raises:
        UsageError: a command line on another machine executes it.
    """
    if worker := command_line_of(run):
        worker.interrupt()
        return True
    return instance.run_coordinator.cancel_run(run.run_id)


def stop_cancelled(world: World, instance: dg.DagsterInstance, clients: Collection[str]) -> None:
    """Asks those runs of the clients to stop that were cancelled in the registry.

    One that a command line on another machine executes ends by itself, before its next phase.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=_AHEAD_OF_ITS_END)):
        client = run.tags.get(PARTITION, "")
        if client in clients and was_cancelled(world, client, run.tags.get(RUN_KEY, ""), run.run_id):
            with suppress(UsageError):
                ask_to_stop(instance, run)
