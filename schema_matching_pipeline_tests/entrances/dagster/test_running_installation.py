"""The whole machine: embedded PostgreSQL, webserver, daemon, code servers and run workers, as `smp up` starts them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from urllib.request import Request, urlopen

import dagster as dg
import psutil
import pytest

from schema_matching_pipeline.entrances.orchestration.liveness import daemon_is_alive
from schema_matching_pipeline.errors import RegistryUnavailableError
from schema_matching_pipeline.model.pipeline import Phase, PipelineState
from schema_matching_pipeline.registry import EmbeddedServer
from schema_matching_pipeline_tests.entrances.dagster.conftest import free_port
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    TABLE_OF_PHASE,
    Installation,
    make_embedded_installation,
)
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

pytestmark = pytest.mark.machine

TICK_SECONDS = 6.0  # one look of the daemon's sensors at the registry, and a little more

_SERVE = """
from schema_matching_pipeline.entrances.orchestration.serve import serve
from schema_matching_pipeline.settings import load_settings
serve(load_settings(), lambda serving: print(serving.canonical_json(), flush=True))
"""


class Machine:
    """The running installation, which a test may stop and start again."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.start()

    def start(self) -> None:
        """Starts it and waits until it says that it is ready."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE],
            env=self.installation.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.serving: dict[str, object] = json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        """Stops it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(90) == 0

    def child(self, module: str) -> int | None:
        """The process of one of its services."""
        children = psutil.Process(self.process.pid).children()
        return next((child.pid for child in children if module in _command(child)), None)

    def graphql(self, query: str, **variables: object) -> dict[str, object]:
        """What the webserver's interface answers."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = Request(  # noqa: S310 - loopback
            f"{self.serving['webserver_url']}/graphql", body, {"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
            told = json.load(answer)
        assert "errors" not in told, told
        data: dict[str, object] = told["data"]
        return data

    def backfill(self, asset: str, *clients: str) -> str:
        """Starts a backfill, as the page does; its id."""
        told = self.graphql(
            """mutation Go($wanted: LaunchBackfillParams!) {
                 launchPartitionBackfill(backfillParams: $wanted) {
                   __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }""",
            wanted={"assetSelection": [{"path": [asset]}], "partitionNames": list(clients)},
        )
        answer = told["launchPartitionBackfill"]
        assert isinstance(answer, dict)
        return str(answer["backfillId"])


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    installation = make_embedded_installation(tmp_path_factory.mktemp("machine"), free_port())
    running = Machine(installation)
    yield running
    running.stop()
    EmbeddedServer(installation.settings.home).destroy()


@pytest.fixture
def installation(machine: Machine) -> Installation:
    return machine.installation


@pytest.fixture(scope="module")
def waiting(machine: Machine) -> str:
    """A client that the daemon found in the registry by itself and took to its review gate; nobody decides."""
    client = machine.installation.add_client("waiting", start=True)
    wait_for_state(machine.installation, client, PipelineState.AWAITING_REVIEW)
    return client


def test_a_new_client_gets_its_partition_and_is_onboarded_once(installation, waiting):
    time.sleep(2 * TICK_SECONDS)
    onboarded = [run for run in installation.runs(waiting) if run.job_name == "propose"]
    assert [run.status for run in onboarded] == [dg.DagsterRunStatus.SUCCESS]
    with installation.dagster() as instance:
        assert waiting in instance.get_dynamic_partitions("clients")


def test_the_publication_follows_the_last_decision_once_also_after_a_restart(machine, installation):
    client = approved_client(installation)
    wait_for_state(installation, client, PipelineState.COMPLETED)
    machine.stop()
    assert not daemon_is_alive(installation.settings)
    machine.start()
    time.sleep(2 * TICK_SECONDS)
    released = [run for run in installation.runs(client) if run.job_name == "release"]
    assert [run.status for run in released] == [dg.DagsterRunStatus.SUCCESS]
    assert installation.gate(client).published_version == installation.gate(client).version
    assert installation.published(client) > 0


def test_a_backfill_across_the_gate_is_refused(machine, installation, waiting):
    before = len(installation.runs(waiting))
    machine.backfill("published_mappings", waiting)
    run = wait_for_end(installation, waiting, runs=before + 1)
    assert run.status is dg.DagsterRunStatus.FAILURE
    message = failure_text(installation, run.run_id)
    assert f"gate of client {waiting!r} is closed; nothing was published" in message
    assert str(installation.items(waiting)[0].ref) in message
    time.sleep(
        2 * TICK_SECONDS
    )  # a refusal is no failure of the pipeline: the sensors leave it where it stands
    assert installation.run(waiting).state is PipelineState.AWAITING_REVIEW
    assert installation.published(waiting) == 0


def test_a_client_is_worked_on_by_one_run_at_a_time_backfills_included(machine, installation):
    client = installation.add_client("crowded")
    wait_for("its partition", lambda: client in partitions(installation))
    with installation.locked(TABLE_OF_PHASE[Phase.COLUMN_PROFILES]):
        for _ in range(2):
            machine.backfill("column_profiles", client)
        wait_for("a run to begin", lambda: statuses(installation, client).count("STARTED"))
        wait_for("the others to queue", lambda: len(statuses(installation, client)) == 3)
        time.sleep(TICK_SECONDS)
        assert sorted(statuses(installation, client)) == ["QUEUED", "QUEUED", "STARTED"]
    wait_for_end(installation, client, runs=3)
    spans = sorted(span_of(installation, run) for run in installation.runs(client))
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


def test_a_killed_worker_s_run_goes_on_from_the_phase_it_was_in(installation):
    client = installation.add_client("struck")
    installation.ask_onboarding(client)
    kill_in(installation, client, Phase.CLASSIFICATIONS)
    wait_for_state(installation, client, PipelineState.AWAITING_REVIEW)
    first, second = installation.runs(client)
    assert first.status is dg.DagsterRunStatus.FAILURE
    assert second.parent_run_id == first.run_id
    assert installation.phases_begun(second.run_id) == ["classifications", "mappings", "validation_reports"]


def test_a_worker_killed_again_fails_the_pipeline_with_phase_and_error(installation):
    client = installation.add_client("doomed")
    installation.ask_onboarding(client)
    for _ in range(2):
        kill_in(installation, client, Phase.MAPPINGS)
    failed = wait_for_state(installation, client, PipelineState.FAILED)
    assert (failed.failed_phase, failed.error_code) == (Phase.MAPPINGS, "WORKER_LOST")
    assert failed.error == "The process that ran it ended unexpectedly."


def test_a_run_that_fails_marks_the_pipeline_with_phase_and_error(installation):
    client = installation.add_client("broken")
    (installation.folder / client / "patients.csv").unlink()
    (installation.folder / client).rmdir()
    installation.ask_onboarding(client)
    failed = wait_for_state(installation, client, PipelineState.FAILED)
    assert failed.failed_phase is Phase.COLUMN_PROFILES
    assert (failed.error_code or "").startswith("SOURCE")


def test_a_cancelled_run_marks_the_pipeline(machine, installation):
    client = installation.add_client("cancelled")
    with installation.locked(TABLE_OF_PHASE[Phase.QUALITY_LABELS]):
        installation.ask_onboarding(client)
        run = wait_for_phase(installation, client, Phase.QUALITY_LABELS)
        machine.graphql(
            "mutation Stop($run: String!) { terminateRun(runId: $run) { __typename } }", run=run.run_id
        )
    failed = wait_for_state(installation, client, PipelineState.FAILED)
    assert (failed.failed_phase, failed.error_code) == (Phase.QUALITY_LABELS, "CANCELLED")


def test_a_killed_database_and_a_killed_daemon_come_back_and_the_work_goes_on(machine, installation):
    server = EmbeddedServer(installation.settings.home)
    database, daemon = server.status().pid, machine.child("dagster._daemon")
    assert database
    os.kill(database, signal.SIGKILL)
    os.killpg(daemon, signal.SIGKILL)
    wait_for(
        "another database", lambda: server.status().pid not in {database, None} and answers(installation)
    )
    wait_for("another daemon", lambda: machine.child("dagster._daemon") not in {daemon, None})
    client = installation.add_client("after", start=True)
    wait_for("its onboarding", lambda: statuses(installation, client) == ["SUCCESS"])


def test_a_second_installation_on_the_same_home_is_refused(installation):
    second = subprocess.run(
        [sys.executable, "-c", _SERVE],
        env=installation.environment(),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert "AlreadyExistsError" in second.stderr
    assert second.returncode == 1


def test_nothing_is_left_running_after_the_end(machine):
    groups = {machine.child(name) for name in ("dagster_webserver", "dagster._daemon")}
    machine.stop()
    assert len(groups) == 2
    assert not [process.pid for process in psutil.process_iter() if _group(process.pid) in groups]
    machine.start()


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def answers(installation: Installation) -> bool:
    with suppress(RegistryUnavailableError):
        return bool(installation.world.registry.all_clients())
    return False


def partitions(installation: Installation) -> list[str]:
    with installation.dagster() as instance:
        return list(instance.get_dynamic_partitions("clients"))


def statuses(installation: Installation, client: str) -> list[str]:
    return [run.status.value for run in installation.runs(client)]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def approved_client(installation: Installation) -> str:
    """A client onboarded by the daemon, its queue decided and its newest version approved."""
    client = installation.add_client("approved", start=True)
    wait_for_state(installation, client, PipelineState.AWAITING_REVIEW)
    while installation.decide_all(client):
        wait_for("validation of what was decided", lambda: installation.gate(client).validated)
    installation.approve(client)
    return client


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
