"""The whole machine: embedded PostgreSQL, webserver, daemon, code servers and run workers, as `smp up` starts them.

One machine serves all tests of this file, and they read what a few long stories left: a client in the middle of a
crowd of runs, its publication, a restart. So they belong to one worker of a parallel run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

import dagster as dg
import httpx2
import psutil
import psycopg
import pytest

from schema_matching_pipeline.entrances.orchestration.checks import CHECKS
from schema_matching_pipeline.entrances.orchestration.jobs import PHASES_OF_JOB
from schema_matching_pipeline.entrances.orchestration.liveness import daemon_is_alive
from schema_matching_pipeline.entrances.orchestration.serve import log_folder
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.pipeline import Phase, PipelineState
from schema_matching_pipeline.registry import EmbeddedServer
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.show_client import show_client
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    PEOPLE,
    TABLE_OF_PHASE,
    Installation,
    free_port,
    make_embedded_installation,
)
from schema_matching_pipeline_tests.entrances.dagster.machine import SMP_UP, Machine, is_answering
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

PUBLISHED = str(Phase.PUBLISHED_MAPPINGS)


@dataclass(frozen=True)
class Crowd:
    """A new client for which three runs were wanted at once: its onboarding, a backfill, and one from the page."""

    client: str
    held: list[str]  # the states of the runs while the first was held in its first phase
    runs: dict[str, dg.DagsterRun]
    spans: list[tuple[float, float]]
    state: PipelineState
    published: int
    waiting: str


@dataclass(frozen=True)
class Restart:
    """What an interrupted `smp up` left, and what it did when it was started again."""

    daemon_alive: bool
    processes_left: list[int]
    released: list[dg.DagsterRun]
    said: list[str]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    installation = make_embedded_installation(tmp_path_factory.mktemp("machine"), free_port())
    running = Machine(installation)
    yield running
    running.stop()
    EmbeddedServer(installation.settings.home).destroy()


@pytest.fixture(scope="module")
def installation(machine: Machine) -> Iterator[Installation]:
    with machine.installation.keeping_dagster() as installation:
        yield installation


@pytest.fixture(scope="module")
def crowd(machine: Machine, installation: Installation) -> Crowd:
    with installation.locked(TABLE_OF_PHASE[Phase.COLUMN_PROFILES]):
        client = installation.add_client("crowded", start=True)
        onboarding = wait_for_phase(installation, client, Phase.COLUMN_PROFILES)
        machine.backfill(PUBLISHED, client)
        launched = machine.materialize(PUBLISHED, client)
        wait_for("the others to queue", lambda: statuses(installation, client).count("QUEUED") == 2)
        machine.wait_for_ticks("registry_work", 2)
        held = sorted(statuses(installation, client))
    wait_for_end(installation, client, runs=3)
    machine.wait_for_ticks("failed_runs", 2)
    runs = {run.run_id: run for run in installation.runs(client)}
    (backfilled,) = set(runs) - {onboarding.run_id, launched}
    return Crowd(
        client=client,
        held=held,
        runs={
            "onboarding": runs[onboarding.run_id],
            "backfill": runs[backfilled],
            "page": runs[launched],
        },
        spans=sorted(span_of(installation, run) for run in runs.values()),
        state=installation.run(client).state,
        published=installation.published(client),
        waiting=str(installation.items(client)[0].ref),
    )


@pytest.fixture(scope="module")
def published(installation: Installation, crowd: Crowd) -> str:
    """The client once its queue is decided and its newest version is approved; the daemon did the rest."""
    while installation.decide_all(crowd.client):
        wait_for("validation of what was decided", lambda: installation.gate(crowd.client).validated)
    installation.approve(crowd.client)
    wait_for_state(installation, crowd.client, PipelineState.COMPLETED)
    wait_for_end(
        installation, crowd.client, runs=len(crowd.runs) + 1
    )  # the release has more to do than to publish
    return crowd.client


@pytest.fixture(scope="module")
def restart(machine: Machine, installation: Installation, published: str) -> Restart:
    groups = set(machine.services())
    machine.stop()
    alive = daemon_is_alive(installation.settings)
    said = machine.said
    left = [process.pid for process in psutil.process_iter() if group_of(process.pid) in groups]
    machine.start()
    machine.wait_for_ticks("registry_work", 2)
    released = [run for run in installation.runs(published) if run.job_name == "release"]
    return Restart(alive, left, released, said)


def test_a_new_client_gets_its_partition_and_is_onboarded_once(installation, crowd):
    proposed = [run for run in crowd.runs.values() if run.job_name == "propose"]
    assert [run.status for run in proposed] == [dg.DagsterRunStatus.SUCCESS]
    with installation.dagster() as instance:
        assert crowd.client in instance.get_dynamic_partitions("clients")


def test_a_client_is_worked_on_by_one_run_at_a_time_backfills_included(crowd):
    assert "dagster/backfill" in crowd.runs["backfill"].tags
    assert crowd.held == ["QUEUED", "QUEUED", "STARTED"]
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(crowd.spans))


@pytest.mark.parametrize("road", ["backfill", "page"])
def test_a_publication_across_the_gate_is_refused(installation, crowd, road):
    run = crowd.runs[road]
    assert run.status is dg.DagsterRunStatus.FAILURE
    message = failure_text(installation, run.run_id)
    assert f"gate of client {crowd.client!r} is closed; nothing was published" in message
    assert crowd.waiting in message
    assert "may decide:" in message
    assert crowd.published == 0


def test_a_refusal_is_no_failure_of_the_pipeline(crowd):
    assert crowd.state is PipelineState.AWAITING_REVIEW


def test_the_publication_follows_the_approval_by_itself(installation, published):
    assert installation.gate(published).published_version == installation.gate(published).version
    assert installation.published(published) > 0


def test_a_restart_releases_nothing_twice(restart):
    assert [run.status for run in restart.released] == [dg.DagsterRunStatus.SUCCESS]


def test_start_and_ctrl_c_say_what_begins_what_stops_and_what_stays(restart):
    assert restart.said == [
        "Starting PostgreSQL, the desk, the Dagster webserver and the daemon; this takes some 20 seconds ...",
        "Stopping the desk, the webserver and the daemon ...",
        "Stopped. The embedded PostgreSQL stays up for other commands; stop it too: smp down",
    ]


def test_one_trace_goes_from_a_request_to_every_row_and_every_line_of_its_run(installation, machine):
    client = installation.add_client("traced")
    desk = f"http://127.0.0.1:{installation.settings.desk_port}"
    key = add_person(installation.world, installation.steward, "tracer", Role.ENGINEER, None).key
    answer = httpx2.post(f"{desk}/api/v1/pipeline/start", json={"client_id": client}, auth=("tracer", key))
    run = wait_for_end(installation, client, runs=1)
    trace = answer.headers["X-Trace-Id"]
    assert (answer.status_code, run.status) == (202, dg.DagsterRunStatus.SUCCESS)
    assert "smp/trace" in run.tags, [each.tags for each in installation.runs(client)]
    assert (run.tags["smp/trace"], run.tags["smp/desk"]) == (trace, f"{desk}/clients/{client}")
    wait_for(
        "the answer to the request", lambda: audited(installation, client).get("run_requests") == {trace}
    )
    rows = audited(installation, client)
    assert {"pipeline_runs", "review_items", "run_requests"} <= set(rows)
    assert {subject: traces for subject, traces in rows.items() if traces != {trace}} == {}
    of_run = [line for line in logged(installation, "daemon") if line.get("run_id") == run.run_id]
    assert {line["phase"] for line in of_run if line["event"] == "phase_ended"} == set(
        PHASES_OF_JOB["propose"]
    )
    assert {line["trace_id"] for line in of_run} == {trace}
    asked = [line for line in logged(installation, "desk") if line["trace_id"] == trace]
    assert [(line["event"], line["status"]) for line in asked] == [("request", 202)]


def test_the_logs_have_no_colours_and_are_not_filled_by_the_events_of_runs(installation, published):
    daemon, webserver = (
        (log_folder(installation.settings) / f"{name}.log").read_text(encoding="utf-8")
        for name in ("daemon", "webserver")
    )
    assert [text for text in (daemon, webserver) if "\x1b" in text] == []
    assert '"level": "debug"' not in daemon
    assert json.loads(webserver.splitlines()[0])["level"] == "info"


def test_the_database_is_not_stopped_under_a_running_installation(machine):
    said = subprocess.run(
        [SMP_UP[0], "down", "--json"],
        env=machine.installation.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (said.returncode, json.loads(said.stderr)["error"]["code"]) == (2, "ALREADY_EXISTS")


def test_ctrl_c_leaves_no_process_but_the_database(restart):
    assert (restart.daemon_alive, restart.processes_left) == (False, [])


def test_a_killed_worker_s_run_goes_on_once_by_itself_and_then_when_it_is_asked_for(installation):
    client = installation.add_client("struck")
    installation.ask_onboarding(client)
    for _ in range(2):
        kill_in(installation, client, Phase.MAPPINGS)
    failed = wait_for_state(installation, client, PipelineState.FAILED)
    assert (failed.failed_phase, failed.error_code) == (Phase.MAPPINGS, "WORKER_LOST")
    assert failed.error == "The process that ran it ended unexpectedly."
    first, second = installation.runs(client)
    assert second.parent_run_id == first.run_id
    installation.ask_onboarding(client)
    wait_for_state(installation, client, PipelineState.AWAITING_REVIEW)
    begun = [installation.phases_begun(run.run_id) for run in installation.runs(client)]
    assert begun == [
        ["column_profiles", "quality_labels", "classifications", "mappings"],
        ["mappings"],
        ["mappings", "validation_reports"],
    ]
    assert wait_for_end(installation, client, runs=3).is_success
    told = {check.name for check in show_client(installation.world, installation.steward, client).checks}
    assert told == {name for phase in PHASES_OF_JOB["propose"] for name in CHECKS[phase]}


def test_a_client_that_fails_is_marked_with_phase_and_error_and_colours_no_other(
    machine, installation, crowd
):
    client = installation.add_client("broken")
    (installation.folder / client / "patients.csv").unlink()
    (installation.folder / client).rmdir()
    installation.ask_onboarding(client)
    failed = wait_for_state(installation, client, PipelineState.FAILED)
    assert failed.failed_phase is Phase.COLUMN_PROFILES
    assert (failed.error_code or "").startswith("SOURCE")
    colours = machine.partition_colours("column_profiles")
    assert client in colours["failedPartitions"]
    assert crowd.client in colours["materializedPartitions"]
    assert crowd.client not in colours["failedPartitions"]


def test_a_cancelled_run_marks_the_pipeline(machine, installation):
    client = installation.add_client("cancelled")
    with installation.locked(TABLE_OF_PHASE[Phase.QUALITY_LABELS]):
        installation.ask_onboarding(client)
        run = wait_for_phase(installation, client, Phase.QUALITY_LABELS)
        machine.cancel(run.run_id)
    failed = wait_for_state(installation, client, PipelineState.FAILED)
    assert (failed.failed_phase, failed.error_code) == (Phase.QUALITY_LABELS, "CANCELLED")


def test_a_database_and_a_daemon_killed_in_mid_run_come_back_and_the_run_goes_on(machine, installation):
    server = EmbeddedServer(installation.settings.home)
    client = installation.add_client("shaken", start=True)
    with suppress(psycopg.OperationalError), installation.locked(TABLE_OF_PHASE[Phase.CLASSIFICATIONS]):
        wait_for_phase(installation, client, Phase.CLASSIFICATIONS)
        database, daemon = server.status().pid, machine.child("dagster._daemon")
        assert database
        os.kill(database, signal.SIGKILL)
        os.killpg(daemon, signal.SIGKILL)
        wait_for("another database", lambda: server.status().pid not in {database, None})
    wait_for("an answer of the registry", lambda: is_answering(installation))
    wait_for("another daemon", lambda: machine.child("dagster._daemon") not in {daemon, None})
    wait_for_end(installation, client, runs=2)
    assert installation.run(client).state is PipelineState.AWAITING_REVIEW
    first, second = installation.runs(client)
    assert [first.status, second.status] == [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS]
    begun = [installation.phases_begun(run.run_id) for run in (first, second)]
    assert begun == [
        ["column_profiles", "quality_labels", "classifications"],
        ["classifications", "mappings", "validation_reports"],
    ]


def test_a_second_installation_on_the_same_home_is_refused(installation):
    second = subprocess.run(
        SMP_UP, env=installation.environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert "running installation" in second.stderr
    assert "Starting" not in second.stderr
    assert second.returncode == 2


def audited(installation: Installation, client: str) -> dict[str, set[str]]:
    """The traces of what the audit says of a client since it was there, by kind of row."""
    with installation.world.registry.open(installation.steward.tenant_id, "system:test") as unit:
        events = [event for event in unit.audit.list(limit=2000, client=client) if event.actor != PEOPLE[0]]
    return {
        subject: {str(event.trace_id) for event in events if event.subject == subject}
        for subject in {event.subject for event in events}
    }


def logged(installation: Installation, service: str) -> list[dict[str, object]]:
    """The structured lines that our code left in the log of a service."""
    text = (log_folder(installation.settings) / f"{service}.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in lines if "trace_id" in line]


def group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def statuses(installation: Installation, client: str) -> list[str]:
    return [run.status.value for run in installation.runs(client)]


def kill_in(installation: Installation, client: str, phase: Phase) -> None:
    """Kills the process of the client's run while it is inside the phase."""
    with installation.locked(TABLE_OF_PHASE[phase]):
        run = wait_for_phase(installation, client, phase)
        os.kill(process_of(installation, run.run_id), signal.SIGKILL)
        wait_for("the end of the run", lambda: stored(installation, run.run_id).is_finished)


def wait_for_phase(installation: Installation, client: str, phase: Phase) -> dg.DagsterRun:
    """The client's running run, once it is inside the phase."""

    def look() -> dg.DagsterRun | None:
        running = [run for run in installation.runs(client) if run.status is dg.DagsterRunStatus.STARTED]
        return next((run for run in running if phase in installation.phases_begun(run.run_id)), None)

    return wait_for(f"{client} to be in {phase}", look)


def process_of(installation: Installation, run_id: str) -> int:
    """The process that executes the run, as Dagster noted it."""
    with installation.dagster() as instance:
        events = instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
    noted = [entry.get_dagster_event().engine_event_data.metadata.get("pid") for entry in events]
    return next(int(str(pid.value)) for pid in noted if pid is not None)


def wait_for_state(installation: Installation, client: str, state: PipelineState):
    """The client's pipeline run, once it is in that state."""

    def look():
        with installation.world.registry.open(installation.steward.tenant_id, "system:test") as unit:
            run = unit.runs.latest_or_none(client)
        return run if run is not None and run.state is state else None

    return wait_for(f"{client} to be {state}", look)


def wait_for_end(installation: Installation, client: str, *, runs: int) -> dg.DagsterRun:
    """The newest of the client's runs, once there are that many and all are over."""

    def look() -> dg.DagsterRun | None:
        known = installation.runs(client)
        return known[-1] if len(known) >= runs and all(run.is_finished for run in known) else None

    return wait_for(f"{runs} finished runs of {client}", look)


def span_of(installation: Installation, run: dg.DagsterRun) -> tuple[float, float]:
    with installation.dagster() as instance:
        (record,) = instance.get_run_records(dg.RunsFilter(run_ids=[run.run_id]))
    assert record.start_time
    assert record.end_time
    return record.start_time, record.end_time


def stored(installation: Installation, run_id: str) -> dg.DagsterRun:
    with installation.dagster() as instance:
        run = instance.get_run_by_id(run_id)
    assert run
    return run


def failure_text(installation: Installation, run_id: str) -> str:
    with installation.dagster() as instance:
        (failed,) = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    told = failed.get_dagster_event().step_failure_data.user_failure_data
    assert told
    return str(told.description)
