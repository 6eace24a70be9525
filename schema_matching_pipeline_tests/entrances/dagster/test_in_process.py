"""The command line's road without a daemon: real runs of the real instance, in this process."""

from __future__ import annotations

import shutil
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from schema_matching_pipeline.entrances.orchestration.launch import SegmentRun, carry_on
from schema_matching_pipeline.entrances.orchestration.work import stored_run
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.pipeline import Phase, PipelineState
from schema_matching_pipeline.model.review import ItemKind
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline_tests.entrances.dagster.elsewhere import carry_on_elsewhere, wait_for_run
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    PATIENTS,
    Installation,
    write_tables,
)

SECRET = "Zaphodine-Quux-1962"


@dataclass(frozen=True)
class Onboarding:
    """One onboarding in this process, with what was heard while it ran."""

    client: str
    key: str
    segment: SegmentRun
    heard: tuple[tuple[str, int, int], ...]


@pytest.fixture(scope="module")
def installation(installation: Installation) -> Installation:
    """For a tenant to which no other test has taught anything, so that something waits."""
    return installation.alone("inside")


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
            "profile_drift",
            "profile_fresh",
            "source_unchanged",
            "flagged_columns_reviewed",
            "classification_threshold",
            "mapping_threshold",
            "required_fields_covered",
            "validation_demanded_passed",
        )
    }
    assert all({"actual", "threshold"} <= set(check.metadata) for check in found)
    assert not [check for check in found if (check.description or "").startswith("The check could not")]


def test_the_checks_count_what_the_run_itself_left_waiting(
    installation: Installation, onboarding: Onboarding
):
    waiting = Counter(item.kind for item in installation.items(onboarding.client))
    with open_as(installation.world, installation.steward) as unit:
        counted = {check.name: check.actual for check in unit.checks.current(onboarding.client)}
    assert counted["flagged_columns_reviewed"] == waiting[ItemKind.QUALITY] > 0
    assert counted["mapping_threshold"] == waiting[ItemKind.MAPPING]
    assert counted["classification_threshold"] == waiting[ItemKind.CLASSIFICATION]


def test_no_event_quotes_a_value_of_the_client(installation: Installation, onboarding: Onboarding):
    with installation.dagster() as instance:
        told = "".join(str(entry) for entry in instance.all_logs(onboarding.segment.run_id))
    assert "patients.old_remark" in told
    assert SECRET not in told


def test_the_validation_lies_as_a_page_where_the_run_says(installation: Installation, onboarding: Onboarding):
    with installation.dagster() as instance:
        (event,) = instance.fetch_materializations(
            dg.AssetRecordsFilter(
                asset_key=dg.AssetKey("validation_reports"), asset_partitions=[onboarding.client]
            ),
            limit=1,
        ).records
    made = event.asset_materialization
    assert made
    page = Path(str(made.metadata["report"].value)).read_text(encoding="utf-8")
    with open_as(installation.world, installation.steward) as unit:
        report = unit.validations.current(onboarding.client)
    assert report
    assert report.findings
    assert all(finding.message in page for finding in report.findings)
    assert SECRET not in page


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
    process = carry_on_elsewhere(installation, client)
    run = wait_for_run(installation, client)
    process.send_signal(signal.SIGINT)
    assert process.wait(300) == 130
    with installation.dagster() as instance:
        assert stored_run(instance, run).status is dg.DagsterRunStatus.CANCELED
    assert (installation.run(client).state, installation.run(client).error_code) == (
        PipelineState.FAILED,
        "CANCELLED",
    )
