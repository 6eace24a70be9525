"""A run that was killed or failed in any phase goes on from there: nothing twice, nothing lost."""

from __future__ import annotations

import dagster as dg
import pytest
from pydantic import SecretStr

from schema_matching_pipeline.entrances.orchestration.checks import CHECKS, OF_THE_QUEUE
from schema_matching_pipeline.entrances.orchestration.code_location import all_definitions
from schema_matching_pipeline.entrances.orchestration.ending import WORKER_LOST_CODE
from schema_matching_pipeline.entrances.orchestration.launch import SegmentRun, carry_on, report_lost
from schema_matching_pipeline.entrances.orchestration.sensors import mark_ended
from schema_matching_pipeline.entrances.orchestration.tags import MAX_RETRIES, PARTITION, RUN_KEY
from schema_matching_pipeline.entrances.orchestration.work import stored_run
from schema_matching_pipeline.errors import RunFailedError, SourceDriftedError
from schema_matching_pipeline.model.check import CheckVerdict
from schema_matching_pipeline.model.matching import Disposition, MappedColumn
from schema_matching_pipeline.model.pipeline import Phase, PipelineRun, PipelineState
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import failed_phase
from schema_matching_pipeline.workflows.show_client import show_client
from schema_matching_pipeline_tests.entrances.dagster.elsewhere import kill_in
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    PATIENTS,
    TABLE_OF_PHASE,
    Installation,
    write_tables,
)

PROPOSED = tuple(phase for phase in Phase if phase is not Phase.PUBLISHED_MAPPINGS)
ACCEPTED = {Disposition.AUTO_ACCEPTED, Disposition.APPROVED}


@pytest.fixture(scope="module")
def office(installation: Installation) -> Installation:
    """A tenant in which nobody decides, so that one client teaches the next nothing."""
    return installation.alone("resuming")


@pytest.fixture(scope="module")
def undisturbed(office: Installation) -> tuple[object, ...]:
    """What an onboarding leaves that nothing disturbed."""
    client = office.add_client("undisturbed")
    office.propose(client)
    return left(office, client)


@pytest.fixture
def approved(installation: Installation) -> tuple[Installation, str]:
    """A client, in a tenant of its own, that waits for its release only."""
    office = installation.alone("releasing")
    client = office.add_client("approved")
    office.propose(client)
    office.clear_queue(client)
    office.approve(client)
    return office, client


@pytest.mark.parametrize("phase", PROPOSED)
def test_a_command_line_killed_in_a_phase_is_taken_up_from_that_phase(office, undisturbed, phase):
    client = office.add_client("killed")
    office.ask_onboarding(client)
    lost = kill_in(office, client, phase)
    assert office.run(client).state is not PipelineState.AWAITING_REVIEW
    carry_on(office.settings, office.world, client)
    first, second = office.runs(client)
    assert (first.run_id, first.status) == (lost, dg.DagsterRunStatus.FAILURE)
    assert second.status is dg.DagsterRunStatus.SUCCESS
    assert office.phases_begun(second.run_id) == list(PROPOSED[PROPOSED.index(phase) :])
    assert office.run(client).state is PipelineState.AWAITING_REVIEW
    assert left(office, client) == undisturbed


def test_a_command_line_killed_while_it_publishes_publishes_once_when_taken_up(approved):
    office, client = approved
    lost = kill_in(office, client, Phase.PUBLISHED_MAPPINGS)
    with office.dagster() as instance:
        report_lost(office.world, instance)
    failed = office.run(client)
    assert (failed.state, failed.failed_phase) == (PipelineState.FAILED, Phase.PUBLISHED_MAPPINGS)
    assert (failed.error_code, office.published(client)) == ("WORKER_LOST", 0)
    carry_on(office.settings, office.world, client)
    released = [run for run in office.runs(client) if run.job_name == "release"]
    assert [(run.run_id == lost, run.is_success) for run in released] == [(True, False), (False, True)]
    assert_published_once(office, client)


@pytest.mark.parametrize("phase", PROPOSED)
def test_an_onboarding_that_failed_goes_on_from_the_phase_that_failed(office, undisturbed, phase):
    client = failed_client(office, phase)
    failed = office.run(client)
    assert (failed.state, failed.failed_phase) == (PipelineState.FAILED, phase)
    office.ask_onboarding(client)
    (segment,) = carry_on(office.settings, office.world, client)
    begun = office.phases_begun(segment.run_id)
    assert begun == list(PROPOSED[PROPOSED.index(phase) :])
    checked = {Phase(one) for one in begun} | OF_THE_QUEUE
    assert checks_of(office, segment) == sorted(name for one in checked for name in CHECKS[one])
    assert office.run(client).state is PipelineState.AWAITING_REVIEW
    assert left(office, client) == undisturbed


def test_an_onboarding_that_failed_starts_afresh_where_that_is_wanted(office, undisturbed):
    client = failed_client(office, Phase.MAPPINGS)
    office.ask_onboarding(client, from_start=True)
    (segment,) = carry_on(office.settings, office.world, client)
    assert office.phases_begun(segment.run_id) == list(PROPOSED)
    assert left(office, client) == undisturbed


def test_every_table_is_profiled_again_from_the_start_though_nothing_failed_or_changed(office):
    client = office.add_client("again")
    kept = []
    for from_start in (False, False, True):
        office.ask_onboarding(client, from_start=from_start)
        segment, *_ = carry_on(office.settings, office.world, client)
        assert office.phases_begun(segment.run_id)[0] == Phase.COLUMN_PROFILES
        kept.append(tables_unchanged(office, client))
    first, again, whole = kept
    assert (first, whole) == (0, 0)
    assert again > 0


def tables_unchanged(office, client) -> int:
    """How many tables the newest profile kept as they were, as its asset says."""
    with office.dagster() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey("column_profiles"))
    assert event is not None
    assert event.asset_materialization is not None
    assert event.asset_materialization.partition == client
    return int(event.asset_materialization.metadata["tables_unchanged"].value)


@pytest.mark.parametrize("changed", ["source", "trust profile"])
def test_an_onboarding_starts_afresh_where_the_client_was_changed_after_the_failure(installation, changed):
    office = installation.alone("changed")
    client = failed_client(office, Phase.MAPPINGS)
    change_client(office.world, office.steward, client, a_change(office, client, changed))
    office.ask_onboarding(client)
    segment, *_ = carry_on(office.settings, office.world, client)
    assert office.phases_begun(segment.run_id) == list(PROPOSED)


def test_a_lost_run_starts_afresh_where_the_client_was_changed_meanwhile(installation):
    office = installation.alone("changed")
    client = office.add_client("lost")
    office.ask_onboarding(client)
    kill_in(office, client, Phase.MAPPINGS)
    change_client(office.world, office.steward, client, a_change(office, client, "source"))
    carry_on(office.settings, office.world, client)
    assert office.phases_begun(office.runs(client)[-1].run_id) == list(PROPOSED)


def test_a_run_that_ended_before_its_first_phase_is_said_to_have_failed_and_can_be_asked_for_again(
    installation,
):
    client = installation.add_client("early")
    key = installation.ask_onboarding(client)
    with installation.dagster() as instance:
        run = instance.create_run_for_job(
            all_definitions().resolve_job_def("propose"),
            tags={PARTITION: client, RUN_KEY: key, MAX_RETRIES: "0"},
        )  # nobody ever executes it
        instance.report_run_failed(run)
        mark_ended(installation.world, instance, stored_run(instance, run.run_id))
    failed = installation.run(client)
    assert (failed.state, failed.failed_phase, failed.error_code) == (
        PipelineState.FAILED,
        Phase.COLUMN_PROFILES,
        WORKER_LOST_CODE,
    )
    assert installation.ask_onboarding(client) != key
    carry_on(installation.settings, installation.world, client)
    assert installation.run(client).state is PipelineState.AWAITING_REVIEW


def test_a_release_that_failed_does_not_go_on_where_the_client_was_changed(approved):
    office, client = approved
    with office.refusing(TABLE_OF_PHASE[Phase.PUBLISHED_MAPPINGS]), pytest.raises(RunFailedError):
        carry_on(office.settings, office.world, client)
    change_client(office.world, office.steward, client, a_change(office, client, "source"))
    office.ask_onboarding(client)
    assert [item.kind for item in office.world.registry.work_queue() if item.client == client] == ["onboard"]


def test_an_onboarding_goes_on_with_the_release_where_that_failed(approved):
    office, client = approved
    with office.refusing(TABLE_OF_PHASE[Phase.PUBLISHED_MAPPINGS]), pytest.raises(RunFailedError):
        carry_on(office.settings, office.world, client)
    assert office.run(client).failed_phase is Phase.PUBLISHED_MAPPINGS
    assert carry_on(office.settings, office.world, client) == ()  # what will not pass is not tried by itself
    office.ask_onboarding(client)
    assert [segment.job for segment in carry_on(office.settings, office.world, client)] == ["release"]
    assert_published_once(office, client)


def test_a_source_that_changed_in_mid_run_is_profiled_again():
    failed = PipelineRun(
        id="r1", client="acme", state=PipelineState.FAILED, trust_profile="standard",
        failed_phase=Phase.VALIDATION_REPORTS, error_code="SOURCE",
    )  # fmt: skip
    assert failed_phase(failed) is Phase.VALIDATION_REPORTS
    assert failed_phase(failed.but(error_code=SourceDriftedError.code)) is None


def a_change(office: Installation, client: str, changed: str) -> ClientChange:
    """Another trust profile, or the same tables in another folder."""
    if changed == "trust profile":
        return ClientChange(trust_profile="permissive")
    folder = write_tables(office.folder / f"{client}-moved", patients=PATIENTS)
    return ClientChange(address=SourceAddress(location=SecretStr(str(folder))), source_kind="file")


def failed_client(office: Installation, phase: Phase) -> str:
    """A client whose onboarding failed in the phase, for a reason that is gone by now."""
    client = office.add_client("failed")
    office.ask_onboarding(client)
    with office.refusing(TABLE_OF_PHASE[phase]), pytest.raises(RunFailedError) as failed:
        carry_on(office.settings, office.world, client)
    assert failed.value.phase is phase
    return client


def assert_published_once(office: Installation, client: str) -> None:
    assert office.run(client).state is PipelineState.COMPLETED
    accepted = [column for column in mapped(office, client) if column.disposition in ACCEPTED]
    assert office.published(client) == len(accepted) > 0
    assert office.gate(client).published_version == office.gate(client).version


def checks_of(office: Installation, segment: SegmentRun) -> list[str]:
    """The names of the checks that the run evaluated."""
    with office.dagster() as instance:
        entries = instance.all_logs(segment.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    return sorted(entry.get_dagster_event().asset_check_evaluation_data.check_name for entry in entries)


def left(office: Installation, client: str) -> tuple[object, ...]:
    """What an onboarding leaves in the registry, as far as two clients with the same columns share it."""
    return (
        sorted(
            (str(column.ref), str(column.target), column.disposition, column.confidence)
            for column in mapped(office, client)
        ),
        sorted((item.kind, str(item.ref), str(item.target)) for item in office.items(client)),
        office.gate(client).version,
        sorted((verdict.name, verdict.passed) for verdict in told_of_checks(office, client)),
    )


def told_of_checks(office: Installation, client: str) -> tuple[CheckVerdict, ...]:
    """What the client's page tells of its checks."""
    return show_client(office.world, office.steward, client).checks


def mapped(office: Installation, client: str) -> tuple[MappedColumn, ...]:
    with open_as(office.world, office.steward) as unit:
        return unit.mappings.current(client)
