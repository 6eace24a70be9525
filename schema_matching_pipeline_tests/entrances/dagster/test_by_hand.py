"""What somebody does to one client's runs by hand, while another command line works on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import pytest

from schema_matching_pipeline.entrances.orchestration.by_hand import cancel_runs, run_phase
from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.errors import ClientBusyError
from schema_matching_pipeline.model.pipeline import Phase, PipelineState
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


def test_a_phase_does_not_run_beside_another_run_of_its_client(installation: Installation):
    client = installation.add_client("busy")
    installation.ask_onboarding(client)
    with working_elsewhere(installation, client) as (_, ended), pytest.raises(ClientBusyError):
        run_phase(installation.settings, installation.world, client, Phase.COLUMN_PROFILES)
    assert ended["code"] == 0
    assert len(installation.runs(client)) == 1
