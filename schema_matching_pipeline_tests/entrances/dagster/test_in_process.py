"""The command line's road without a daemon: real runs of the real instance, in this process."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import dagster as dg
import pytest

from schema_matching_pipeline.entrances.orchestration.launch import SegmentRun, carry_on, report_lost
from schema_matching_pipeline.entrances.orchestration.work import stored_run
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.matching import Disposition, MappedColumn
from schema_matching_pipeline.model.pipeline import Phase, PipelineState
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    PATIENTS,
    TABLE_OF_PHASE,
    Installation,
    write_tables,
)
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

pytestmark = pytest.mark.machine

PROPOSED = tuple(phase for phase in Phase if phase is not Phase.PUBLISHED_MAPPINGS)
ACCEPTED = {Disposition.AUTO_ACCEPTED, Disposition.APPROVED}
SECRET = "Zaphodine-Quux-1962"


@dataclass(frozen=True)
class Onboarding:
    """One onboarding in this process, with what was heard while it ran."""

    client: str
    key: str
    segment: SegmentRun
    heard: tuple[tuple[str, int, int], ...]


@pytest.fixture(scope="module")
def onboarding(installation: Installation) -> Onboarding:
    table = {**PATIENTS, "last_name": (SECRET, *PATIENTS["last_name"][1:])}
    client = installation.add_client("inside", patients=table)
    key = installation.ask_onboarding(client)
    heard: list[tuple[str, int, int]] = []
    (segment,) = carry_on(installation.settings, installation.world, client, lambda *told: heard.append(told))
    return Onboarding(client, key, segment, tuple(heard))


def test_an_onboarding_ends_at_the_review_gate(installation: Installation, onboarding: Onboarding):
    assert (onboarding.segment.job, onboarding.segment.ending) == ("propose", None)
    assert installation.run(onboarding.client).state is PipelineState.AWAITING_REVIEW
    (run,) = installation.runs(onboarding.client)
    assert run.status is dg.DagsterRunStatus.SUCCESS
    assert (run.tags["dagster/run_key"], run.tags["kind"]) == (onboarding.key, "onboard")


def test_what_was_answered_is_not_run_again(installation: Installation, onboarding: Onboarding):
    assert carry_on(installation.settings, installation.world, onboarding.client) == ()


def test_every_check_has_a_result_for_the_client(installation: Installation, onboarding: Onboarding):
    with installation.dagster() as instance:
        entries = instance.all_logs(
            onboarding.segment.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
        )
    found = [entry.get_dagster_event().asset_check_evaluation_data for entry in entries]
    assert {(check.check_name, check.partition) for check in found} == {
        (name, onboarding.client)
        for name in (
            "profile_complete",
            "profile_fresh",
            "flagged_columns_reviewed",
            "classification_threshold",
            "mapping_threshold",
            "required_fields_covered",
            "validation_demanded_passed",
        )
    }
    assert all({"actual", "threshold"} <= set(check.metadata) for check in found)
    assert not [check for check in found if (check.description or "").startswith("The check could not")]


def test_no_event_quotes_a_value_of_the_client(installation: Installation, onboarding: Onboarding):
    with installation.dagster() as instance:
        told = "".join(str(entry) for entry in instance.all_logs(onboarding.segment.run_id))
    assert "patients.old_remark" in told
    assert SECRET not in told


def test_progress_hears_every_phase(onboarding: Onboarding):
    phases = [phase.replace("_", " ") for phase in Phase if phase is not Phase.PUBLISHED_MAPPINGS]
    heard = [what for what, _, total in onboarding.heard if total == len(phases) and what in phases]
    assert list(dict.fromkeys(heard)) == phases
    assert ("profiling patients", 0, 1) in onboarding.heard


def test_a_lost_source_fails_the_pipeline_and_the_next_onboarding_goes_on(installation: Installation):
    client = installation.add_client("vanished")
    folder = installation.folder / client
    shutil.rmtree(folder)
    installation.ask_onboarding(client)
    with pytest.raises(SourceError):
        carry_on(installation.settings, installation.world, client)
    failed = installation.run(client)
    assert (failed.state, failed.failed_phase) == (PipelineState.FAILED, Phase.COLUMN_PROFILES)
    assert (failed.error_code or "").startswith("SOURCE")
    write_tables(folder, patients=PATIENTS)
    installation.propose(client)
    assert installation.run(client).state is PipelineState.AWAITING_REVIEW


def test_ctrl_c_cancels_the_run_and_says_so(installation: Installation):
    client = installation.add_client("stopped")
    installation.ask_onboarding(client)
    process = _carry_on_elsewhere(installation, client)
    run = _wait_for_step(installation, client)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    with installation.dagster() as instance:
        assert stored_run(instance, run).status is dg.DagsterRunStatus.CANCELED
    assert (installation.run(client).state, installation.run(client).error_code) == (
        PipelineState.FAILED,
        "CANCELLED",
    )


@pytest.mark.parametrize("phase", PROPOSED)
def test_a_command_line_killed_in_a_phase_is_taken_up_from_that_phase(
    installation: Installation, onboarding: Onboarding, phase: Phase
):
    client = installation.add_client("killed")
    installation.ask_onboarding(client)
    lost = _kill_in(installation, client, phase)
    assert installation.run(client).state is not PipelineState.AWAITING_REVIEW
    carry_on(installation.settings, installation.world, client)
    first, second = installation.runs(client)
    assert (first.run_id, first.status) == (lost, dg.DagsterRunStatus.FAILURE)
    assert second.status is dg.DagsterRunStatus.SUCCESS
    assert installation.phases_begun(second.run_id) == list(PROPOSED[PROPOSED.index(phase) :])
    assert installation.run(client).state is PipelineState.AWAITING_REVIEW
    assert _left(installation, client) == _left(installation, onboarding.client)


def test_a_command_line_killed_while_it_publishes_publishes_once_when_taken_up(installation: Installation):
    client = installation.add_client("killed")
    installation.propose(client)
    installation.clear_queue(client)
    installation.approve(client)
    lost = _kill_in(installation, client, Phase.PUBLISHED_MAPPINGS)
    with installation.dagster() as instance:
        report_lost(installation.world, instance)
    failed = installation.run(client)
    assert (failed.state, failed.failed_phase) == (PipelineState.FAILED, Phase.PUBLISHED_MAPPINGS)
    assert (failed.error_code, installation.published(client)) == ("WORKER_LOST", 0)
    carry_on(installation.settings, installation.world, client)
    assert installation.run(client).state is PipelineState.COMPLETED
    released = [run for run in installation.runs(client) if run.job_name == "release"]
    assert [(run.run_id == lost, run.is_success) for run in released] == [(True, False), (False, True)]
    accepted = [mapped for mapped in _mapped(installation, client) if mapped.disposition in ACCEPTED]
    assert installation.published(client) == len(accepted) > 0
    assert installation.gate(client).published_version == installation.gate(client).version


_ELSEWHERE = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # deaf when the tests were started in the background
from schema_matching_pipeline.entrances.orchestration.launch import SegmentRun, carry_on, report_lost
from schema_matching_pipeline.runtime import build_world
from schema_matching_pipeline.settings import load_settings
settings = load_settings()
try:
    carry_on(settings, build_world(settings), sys.argv[1])
except KeyboardInterrupt:
    sys.exit(130)
"""


def _carry_on_elsewhere(installation: Installation, client: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _ELSEWHERE, client],
        env=installation.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _kill_in(installation: Installation, client: str, phase: Phase) -> str:
    """Kills a command line while its run is inside the phase; Dagster's id of the run."""
    with installation.locked(TABLE_OF_PHASE[phase]):
        process = _carry_on_elsewhere(installation, client)

        def look() -> str | None:
            runs = installation.runs(client)
            return next((run.run_id for run in runs if phase in installation.phases_begun(run.run_id)), None)

        lost = wait_for(f"{client} to be in {phase}", look)
        process.kill()
        process.wait(60)
    return lost


def _left(installation: Installation, client: str) -> tuple[object, ...]:
    """What an onboarding leaves in the registry, as far as two clients with the same columns share it."""
    return (
        sorted(
            (str(mapped.ref), str(mapped.target), mapped.disposition)
            for mapped in _mapped(installation, client)
        ),
        sorted((item.kind, str(item.ref), str(item.target)) for item in installation.items(client)),
        installation.gate(client).version,
    )


def _mapped(installation: Installation, client: str) -> tuple[MappedColumn, ...]:
    with open_as(installation.world, installation.steward) as unit:
        return unit.mappings.current(client)


def _wait_for_step(installation: Installation, client: str) -> str:
    """Waits until the client's pipeline is inside a phase; Dagster's id of the run."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with open_as(installation.world, installation.steward) as unit:
            run = unit.runs.latest_or_none(client)
        if run is not None and run.dagster_run_id:
            return run.dagster_run_id
        time.sleep(0.02)
    raise AssertionError(f"no run of {client} began")
