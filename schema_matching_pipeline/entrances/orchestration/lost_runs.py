"""Runs whose process is gone while Dagster still believes them alive, as after a crash of the whole machine.

The death of a run's process alone is noticed by the code server that started it. Nobody notices when that
one died too, or when the run was started by a command line.
"""

from __future__ import annotations

import os
import platform
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import dagster as dg
import psutil

from schema_matching_pipeline.entrances.orchestration.tags import LOST, WILL_RETRY, WORKER
from schema_matching_pipeline.errors import UsageError

LAUNCHED_HERE = ".dagster/grpc_info"
"""Dagster's mark on a run that a code server of this machine started."""

# A process that started later than the run's event cannot be the one that wrote it.
CLOCK_SLACK_SECONDS = 2.0


@dataclass(frozen=True)
class Worker:
    """The process that executes a run; ``since`` is a moment at which it lived."""

    host: str
    pid: int
    since: float

    def is_gone(self) -> bool:
        """Whether the process has ended. One on another machine cannot be judged from here."""
        if self.host != platform.node():
            return False
        try:
            process = psutil.Process(self.pid)
            recycled = process.create_time() > self.since + CLOCK_SLACK_SECONDS
            return recycled or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def interrupt(self) -> None:
        """Presses Ctrl-C on the process.

        Raises:
            UsageError: it works on another machine.
        """
        if self.host != platform.node():
            raise UsageError(f"The run works on machine {self.host!r}. Cancel it there.")
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGINT)

    def as_tag(self) -> str:
        """The worker as the tag of a run."""
        return f"{self.host}:{self.pid}:{self.since:.0f}"


def this_process() -> Worker:
    """The present process as a worker."""
    return Worker(platform.node(), os.getpid(), psutil.Process().create_time())


def report_lost_runs(instance: dg.DagsterInstance) -> tuple[dg.DagsterRun, ...]:
    """Tells Dagster which running runs have lost their process, frees what they held, and gives those runs."""
    alive = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    lost = tuple(run for run in instance.get_runs(dg.RunsFilter(statuses=alive)) if _is_lost(instance, run))
    for run in lost:
        if run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, "The process of this run is gone, as was wanted.")
        else:
            instance.report_run_failed(run, "The process of this run is gone.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        if not was_launched(run) and run.status is not dg.DagsterRunStatus.CANCELING:
            give_up(instance, run)
    return lost


def was_launched(run: dg.DagsterRun) -> bool:
    """Whether a daemon launched the run, so that Dagster itself tries it again; else a command line ran it."""
    return run.remote_job_origin is not None


def give_up(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Leaves the run to whoever works next on what it was to answer; Dagster will not try it again."""
    instance.add_run_tags(run.run_id, {LOST: "true", WILL_RETRY: "false"})


def _is_lost(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    worker = _worker_of(instance, run)
    return worker is not None and worker.is_gone()


def command_line_of(run: dg.DagsterRun) -> Worker | None:
    """The command line that executes the run itself; None where a daemon launched it."""
    if WORKER not in run.tags:
        return None
    host, pid, since = run.tags[WORKER].rsplit(":", 2)
    return Worker(host, int(pid), float(since))


def _worker_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Worker | None:
    if worker := command_line_of(run):
        return worker
    return _launched_worker(instance, run) if LAUNCHED_HERE in run.tags else None


def _launched_worker(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Worker | None:
    """The worker that a code server started: it writes its process id into the run's first events."""
    for entry in _engine_events(instance, run):
        pid = entry.get_dagster_event().engine_event_data.metadata.get("pid")
        if pid is not None:
            return Worker(platform.node(), int(str(pid.value)), entry.timestamp)
    return None


def _engine_events(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Sequence[dg.EventLogEntry]:
    return instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
