"""What somebody does to one client's runs by hand, while another command line works on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import pytest

from schema_matching_pipeline.entrances.orchestration.by_hand import cancel_runs, run_phase
from schema_matching_pipeline.entrances.orchestration.cancelling import stop_cancelled
from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.errors import ClientBusyError, StaleDecisionError
from schema_matching_pipeline.model.pipeline import Phase, PipelineState
from schema_matching_pipeline.model.registry import JobStatus
from schema_matching_pipeline.workflows.start_pipeline import (
    PipelineStart,
    cancel_pipeline,
    resume_pipeline,
    show_job,
    start_pipeline,
)
from schema_matching_pipeline_tests.entrances.dagster.elsewhere import carry_on_elsewhere, run_in
from schema_matching_pipeline_tests.entrances.dagster.installation import TABLE_OF_PHASE, Installation
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

PHASE = Phase.CLASSIFICATIONS


@contextmanager
def working_elsewhere(installation: Installation, client: str) -> Iterator[tuple[str, dict[str, int]]]:
    """Another process inside a phase of the client: its run, and afterwards how it ended."""
    ended: dict[str, int] = {}
    with installation.locked(TABLE_OF_PHASE[PHASE]):
        process = carry_on_elsewhere(installation, client)
        yield wait_for(f"{client} to be in {PHASE}", lambda: run_in(installation, client, PHASE)), ended
    ended["code"] = process.wait(120)


def test_a_command_line_s_run_is_cancelled_from_another_terminal_and_goes_on_when_asked(
    installation: Installation,
):
    client = installation.add_client("cancelled")
    installation.ask_onboarding(client)
    with working_elsewhere(installation, client) as (run_id, ended):
        assert cancel_runs(installation.settings, installation.world, client) == (run_id,)
    assert ended["code"] == 130
    (cancelled,) = installation.runs(client)
    assert cancelled.status is dg.DagsterRunStatus.CANCELED
    assert cancel_runs(installation.settings, installation.world, client) == ()
    installation.ask_onboarding(client)
    carry_on(installation.settings, installation.world, client)
    assert installation.run(client).state is PipelineState.AWAITING_REVIEW


def test_what_was_cancelled_in_the_registry_is_stopped_says_who_did_and_goes_on_when_asked(
    installation: Installation,
):
    client = installation.add_client("withdrawn")
    installation.ask_onboarding(client)
    with working_elsewhere(installation, client) as (_, ended):
        cancel_pipeline(installation.world, installation.steward, client)
        with installation.dagster() as instance:
            stop_cancelled(installation.world, instance, {client})
    assert ended["code"] == 130
    run = installation.run(client)
    assert (run.state, run.failed_phase, run.error) == (
        PipelineState.FAILED,
        PHASE,
        "Cancelled by test:steward.",
    )
    with pytest.raises(StaleDecisionError, match="nothing to cancel"):
        cancel_pipeline(installation.world, installation.steward, client)
    resume_pipeline(installation.world, installation.steward, run.id)
    carry_on(installation.settings, installation.world, client)
    assert installation.run(client).state is PipelineState.AWAITING_REVIEW


def test_a_run_that_nobody_stops_ends_before_its_next_phase(installation: Installation):
    client = installation.add_client("ended")
    installation.ask_onboarding(client)
    with working_elsewhere(installation, client) as (_, ended):
        cancel_pipeline(installation.world, installation.steward, client)
    assert ended["code"] != 0
    run = installation.run(client)
    assert (run.state, run.error_code, run.phase) == (PipelineState.FAILED, "CANCELLED", PHASE)


def test_what_was_asked_for_and_has_not_begun_is_withdrawn(installation: Installation):
    client = installation.add_client("unbegun")
    job = start_pipeline(installation.world, installation.steward, PipelineStart(client_id=client))
    cancel_pipeline(installation.world, installation.steward, client)
    assert client not in {item.client for item in installation.world.registry.work_queue()}
    assert show_job(installation.world, installation.steward, job.job_id).status is JobStatus.CANCELLED
    assert installation.run(client).error_code == "CANCELLED"


def test_a_phase_does_not_run_beside_another_run_of_its_client(installation: Installation):
    client = installation.add_client("busy")
    installation.ask_onboarding(client)
    with working_elsewhere(installation, client) as (_, ended), pytest.raises(ClientBusyError):
        run_phase(installation.settings, installation.world, client, Phase.COLUMN_PROFILES, trace_id=None)
    assert ended["code"] == 0
    assert len(installation.runs(client)) == 1
