"""Every road to production but the right one is closed: it fails, names what waits, and publishes nothing."""

from __future__ import annotations

import html
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.entrances.orchestration.code_location import all_definitions
from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.errors import GateClosedError
from schema_matching_pipeline.model.pipeline import PipelineState, RequestKind
from schema_matching_pipeline.runtime import dagster_environment
from schema_matching_pipeline.workflows.decide_review import request_run
from schema_matching_pipeline_tests.entrances.api.test_pages import guard_of
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    DOCTORS,
    PATIENTS,
    Installation,
    write_tables,
)

API = "/api/v1"
PUBLISHED = dg.AssetKey("published_mappings")
PHONES = tuple(f"+1 415 555 {number:04}" for number in range(40))
NOTHING_PENDING = dg.AssetCheckKey(PUBLISHED, "nothing_pending")


@pytest.fixture(scope="module")
def waiting(installation: Installation) -> str:
    """A client with items that wait for a steward; nobody decides them."""
    return proposed(installation, "waiting")


@pytest.fixture(scope="module")
def doubted(installation: Installation) -> str:
    """A client with suggestions that are less sure than they must be; nobody decides them."""
    client = installation.add_client("doubted", patients=PATIENTS, doctors=DOCTORS)
    installation.propose(client)
    return client


@pytest.fixture
def decided(installation: Installation) -> str:
    """A client whose items are decided and whose newest version is approved, not yet released."""
    client = proposed(installation, "decided")
    installation.clear_queue(client)
    installation.approve(client)
    return client


def proposed(installation: Installation, name: str) -> str:
    """A client at its review gate."""
    client = installation.add_client(name)
    installation.propose(client)
    assert installation.items(client)
    return client


def test_materialising_the_publication_alone_is_refused(installation, waiting):
    assert_refused(installation, waiting, materialise(installation, waiting, [PUBLISHED]))


def test_materialising_everything_across_the_gate_is_refused(installation, waiting):
    result = materialise(installation, waiting, _all_assets(installation))
    assert_refused(installation, waiting, result)
    assert {key.to_user_string() for key in _materialised(result)} == {
        "column_profiles",
        "quality_labels",
        "classifications",
        "mappings",
        "validation_reports",
    }


def test_a_forged_check_event_opens_nothing(installation, waiting):
    with installation.dagster() as instance:
        instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=PUBLISHED,
                check_name="nothing_pending",
                passed=True,
                metadata={},
                partition=waiting,
            )
        )
    assert_refused(installation, waiting, materialise(installation, waiting, [PUBLISHED]))


def test_a_forged_materialization_opens_nothing(installation, waiting):
    with installation.dagster() as instance:
        for asset in (dg.AssetKey("validation_reports"), PUBLISHED):
            instance.report_runless_asset_event(dg.AssetMaterialization(asset_key=asset, partition=waiting))
    assert installation.published(waiting) == 0
    assert_refused(installation, waiting, materialise(installation, waiting, [PUBLISHED]))


def test_dagster_s_own_command_line_is_refused(installation, waiting):
    before = {run.run_id for run in installation.runs(waiting)}
    with installation.dagster() as instance:
        instance.add_dynamic_partitions("clients", [waiting])
    outcome = subprocess.run(
        [
            Path(sys.executable).with_name("dagster"), "asset", "materialize", "--select", str(PUBLISHED.path[0]),
            "--partition", waiting, "-m", "schema_matching_pipeline.definitions",
        ],
        env=installation.environment() | dagster_addresses(installation),
        cwd=installation.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )  # fmt: skip
    assert outcome.returncode != 0
    (run,) = (run for run in installation.runs(waiting) if run.run_id not in before)
    with installation.dagster() as instance:
        (failed,) = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    told = failed.get_dagster_event().step_failure_data.user_failure_data
    assert told
    assert_names_what_waits(installation, waiting, str(told.description))
    assert installation.published(waiting) == 0


def test_the_release_job_is_refused(installation, waiting):
    with installation.dagster() as instance:
        instance.add_dynamic_partitions("clients", [waiting])
        result = (
            all_definitions(world=installation.world)
            .resolve_job_def("release")
            .execute_in_process(instance=instance, partition_key=waiting, raise_on_error=False)
        )
    assert_refused(installation, waiting, result)


@pytest.mark.parametrize("road", ["resuming by REST", "approving by REST", "the page", "the command line"])
def test_who_asks_for_the_publication_is_told_mapping_rule_threshold_and_who_may_decide(
    installation, doubted, road
):
    told = ROADS[road](installation, doubted)
    unsure = [
        item for item in installation.items(doubted) if item.kind == "mapping" and item.had < item.needed
    ]
    assert unsure
    for item in unsure[:5]:
        (line,) = [each for each in told.splitlines() if f"mapping: {item.ref} to {item.target}" in each]
        assert item.reason in line
        people = (
            f"{item.required_approvals} people's decision" if item.required_approvals > 1 else "a decision"
        )
        assert f"(needed: {people}, or {item.needed:.2f}; may decide: a steward or an admin)" in line
    assert installation.published(doubted) == 0


def resume(installation: Installation, client: str) -> str:
    return refusal(by_rest(installation).post(f"{API}/pipeline/{installation.run(client).id}/resume"))


def approve(installation: Installation, client: str) -> str:
    return refusal(by_rest(installation).post(f"{API}/approve/{installation.run(client).id}"))


def approve_on_page(installation: Installation, client: str) -> str:
    http = TestClient(create_app(installation.world, installation.settings))
    login, key = keyed(installation)
    http.post("/login", data={"login": login, "password": key, "tenant": "default", "next": "/"})
    guard = guard_of(http.get("/"))
    version = installation.gate(client).version
    answer = http.post(
        f"/clients/{client}/approve", data={"version": version}, headers={"X-CSRF-Token": guard}
    )
    assert answer.status_code == 409
    return html.unescape(answer.text)


def approve_at_terminal(installation: Installation, client: str) -> str:
    login, key = keyed(installation)
    said = subprocess.run(
        [Path(sys.executable).with_name("smp"), "approve", client],
        env=installation.environment() | {"SMP_USER": login, "SMP_API_KEY": key},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert said.returncode == 5
    return said.stderr


ROADS = {
    "resuming by REST": resume,
    "approving by REST": approve,
    "the page": approve_on_page,
    "the command line": approve_at_terminal,
}


def by_rest(installation: Installation) -> TestClient:
    http = TestClient(create_app(installation.world, installation.settings))
    http.auth = keyed(installation)
    return http


def keyed(installation: Installation) -> tuple[str, str]:
    assert installation.steward.key
    return installation.steward.login, installation.steward.key.get_secret_value()


def refusal(answer: Response) -> str:
    told = answer.json()["error"]
    assert (answer.status_code, told["code"]) == (409, "GATE_CLOSED")
    return str(told["message"])


def test_the_command_line_is_refused(installation, waiting):
    request_run(installation.world, installation.steward, waiting, RequestKind.RELEASE)
    with pytest.raises(GateClosedError) as refused:
        carry_on(installation.settings, installation.world, waiting)
    assert_names_what_waits(installation, waiting, str(refused.value))
    assert installation.published(waiting) == 0


def test_an_approval_of_an_older_version_is_refused(installation, decided):
    approved = installation.gate(decided)
    assert approved.final_open
    write_tables(installation.folder / decided, patients={**PATIENTS, "phone": PHONES})
    installation.propose(decided)
    installation.clear_queue(decided)
    newer = installation.gate(decided)
    assert (newer.version, newer.approved) == ((approved.version or 0) + 1, False)
    result = materialise(installation, decided, [PUBLISHED])
    assert "may decide:" in failure_text(result)
    assert installation.published(decided) == 0


def test_the_right_road_publishes_once_and_again_changes_nothing(installation, decided):
    first = carry_on(installation.settings, installation.world, decided)
    assert [segment.job for segment in first] == ["release"]
    published = installation.published(decided)
    assert published > 0
    assert installation.run(decided).state is PipelineState.COMPLETED
    assert carry_on(installation.settings, installation.world, decided) == ()
    again = materialise(installation, decided, [PUBLISHED])
    assert again.success
    (shown,) = again.asset_materializations_for_node("published_mappings")
    assert shown.metadata["repeated"].value == 1
    assert installation.published(decided) == published


def dagster_addresses(installation: Installation) -> dict[str, str]:
    """What somebody who calls Dagster by hand sets."""
    with dagster_environment(installation.settings) as home:
        return {"DAGSTER_HOME": str(home.absolute()), "SMP_DAGSTER_PG_URL": os.environ["SMP_DAGSTER_PG_URL"]}


def assert_refused(installation: Installation, client: str, result: dg.ExecuteInProcessResult) -> None:
    state = installation.run(client).state
    assert not result.success
    assert_names_what_waits(installation, client, failure_text(result))
    (check,) = [
        found for found in result.get_asset_check_evaluations() if found.asset_check_key == NOTHING_PENDING
    ]
    assert (check.passed, check.partition, check.severity) == (False, client, dg.AssetCheckSeverity.ERROR)
    assert installation.published(client) == 0
    assert state is PipelineState.AWAITING_REVIEW


def assert_names_what_waits(installation: Installation, client: str, message: str) -> None:
    assert f"gate of client {client!r} is closed; nothing was published" in message
    assert "may decide:" in message
    for item in installation.items(client)[:5]:
        assert str(item.ref) in message


def failure_text(result: dg.ExecuteInProcessResult) -> str:
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    told = failed.step_failure_data.user_failure_data
    assert told
    return str(told.description)


def materialise(
    installation: Installation, client: str, assets: list[dg.AssetKey]
) -> dg.ExecuteInProcessResult:
    """What "Materialize" in the graph does: a run of exactly these assets."""
    with installation.dagster() as instance:
        # Dagster asks the instance it knew last while it resolves a job; that one must be alive.
        job = all_definitions(world=installation.world).resolve_implicit_global_asset_job_def()
        instance.add_dynamic_partitions("clients", [client])
        return job.execute_in_process(
            instance=instance,
            partition_key=client,
            asset_selection=assets,
            raise_on_error=False,
        )


def _all_assets(installation: Installation) -> list[dg.AssetKey]:
    with installation.dagster():
        return [spec.key for spec in all_definitions().resolve_all_asset_specs()]


def _materialised(result: dg.ExecuteInProcessResult) -> set[dg.AssetKey]:
    return {
        event.asset_key for event in result.all_events if event.is_step_materialization and event.asset_key
    }
