from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from schema_matching_pipeline.entrances.orchestration.code_location import all_definitions
from schema_matching_pipeline.entrances.orchestration.instance import write_instance_config

ROOT = Path(__file__).parents[3]
PACKAGED = ROOT / "schema_matching_pipeline" / "entrances" / "orchestration" / "instance"

GRAPH = """\
column_profiles       profiling   duckdb,python             pool=source          needs -
quality_labels        profiling   python                    pool=-               needs column_profiles
classifications       matching    python                    pool=language_model  needs quality_labels
mappings              matching    python                    pool=-               needs classifications
validation_reports    validation  greatexpectations,python  pool=source          needs mappings
published_mappings    production  postgres                  pool=-               needs validation_reports
mapping_embeddings    production  postgres,python           pool=language_model  needs published_mappings
"""

CHECKS = {
    "classifications:classification_threshold",
    "column_profiles:profile_complete",
    "column_profiles:profile_drift",
    "column_profiles:profile_fresh",
    "column_profiles:source_unchanged",
    "mappings:mapping_threshold",
    "mappings:required_fields_covered",
    "published_mappings:nothing_pending",
    "quality_labels:flagged_columns_reviewed",
    "validation_reports:validation_demanded_passed",
}

JOBS = {
    "propose": (
        {"column_profiles", "quality_labels", "classifications", "mappings", "validation_reports"},
        CHECKS - {"published_mappings:nothing_pending"},
    ),
    "validate": (
        {"validation_reports"},
        {
            "validation_reports:validation_demanded_passed",
            "quality_labels:flagged_columns_reviewed",
            "classifications:classification_threshold",
            "mappings:mapping_threshold",
            "mappings:required_fields_covered",
        },
    ),
    "release": (
        {"published_mappings", "mapping_embeddings"},
        {
            "published_mappings:nothing_pending",
            "validation_reports:validation_demanded_passed",
            "quality_labels:flagged_columns_reviewed",
            "classifications:classification_threshold",
            "mappings:mapping_threshold",
            "mappings:required_fields_covered",
        },
    ),
}


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return all_definitions("0 2 * * *", "UTC")


def test_the_graph_is_the_chain_of_the_six_phases_and_the_vectors_of_what_they_end_in(definitions):
    graph = definitions.resolve_asset_graph()
    drawn = "".join(_line(definitions, graph, key) for key in graph.toposorted_asset_keys)
    assert drawn == GRAPH


def test_an_asset_that_asks_a_language_model_bears_its_badge():
    graph = all_definitions(asking=["classifications"]).resolve_asset_graph()
    kinds = {key.to_user_string(): sorted(graph.get(key).kinds) for key in graph.toposorted_asset_keys}
    assert (kinds["classifications"], kinds["mappings"]) == (["openai", "python"], ["python"])


def test_every_asset_is_described_owned_and_partitioned_by_client(definitions):
    for spec in definitions.resolve_all_asset_specs():
        assert spec.description
        assert spec.owners
        assert spec.partitions_def == dg.DynamicPartitionsDefinition(name="clients")
        assert {"dagster/column_schema", "dagster/table_name"} <= set(spec.metadata)


def test_the_checks_are_partitioned_as_their_assets(definitions):
    graph = definitions.resolve_asset_graph()
    assert {key.to_user_string() for key in graph.asset_check_keys} == CHECKS
    clients = dg.DynamicPartitionsDefinition(name="clients")
    assert all(graph.get(key).partitions_def == clients for key in graph.asset_check_keys)


def test_only_the_check_before_publication_blocks(definitions):
    graph = definitions.resolve_asset_graph()
    blocking = {key.to_user_string() for key in graph.asset_check_keys if graph.get(key).blocking}
    assert blocking == {"published_mappings:nothing_pending"}


@pytest.mark.parametrize("name", JOBS)
def test_each_job_ends_at_its_gate(definitions, name):
    assets, checks = JOBS[name]
    layer = definitions.resolve_job_def(name).asset_layer
    assert {key.to_user_string() for key in layer.selected_asset_keys} == assets
    assert {key.to_user_string() for key in layer.asset_graph.asset_check_keys} == checks


def test_sensors_and_schedule_run_by_themselves(definitions):
    repository = definitions.get_repository_def()
    assert {sensor.name: sensor.default_status for sensor in repository.sensor_defs} == dict.fromkeys(
        ("registry_work", "failed_runs", "cancelled_runs", "lost_runs", "news", "logins", "decisions"),
        dg.DefaultSensorStatus.RUNNING,
    )
    (nightly,) = repository.schedule_defs
    assert (nightly.name, nightly.cron_schedule, nightly.execution_timezone, nightly.default_status) == (
        "nightly_reprofiling",
        "0 2 * * *",
        "UTC",
        dg.DefaultScheduleStatus.RUNNING,
    )


def test_importing_the_definitions_opens_nothing(tmp_path):
    outcome = _python(_WATCHED_IMPORT, tmp_path)
    assert outcome.stdout.splitlines() == ["loaded 7 assets"]
    assert outcome.returncode == 0


@pytest.mark.parametrize("folder", [None, ROOT], ids=["anywhere", "at_the_top"])
def test_the_definitions_are_valid_with_no_database_and_no_settings(tmp_path, folder):
    outcome = _dagster(
        "definitions", "validate", "-w", ROOT / "workspace.yaml", cwd=folder or tmp_path, home=tmp_path
    )
    assert "Validation successful for code location schema_matching_pipeline" in _said(outcome)
    assert outcome.returncode == 0


def test_dagster_without_its_database_says_how_to_start_it(tmp_path):
    write_instance_config(tmp_path)
    outcome = _dagster("run", "list", cwd=tmp_path, home=tmp_path, DAGSTER_HOME=str(tmp_path))
    assert "SMP_DAGSTER_PG_URL is not set. Start Dagster with `smp up`" in _said(outcome)
    assert outcome.returncode == 1


def test_the_files_at_the_top_are_the_packaged_ones():
    for name in ("dagster.yaml", "workspace.yaml"):
        assert (ROOT / name).resolve() == (PACKAGED / name).resolve()


def test_the_instance_folder_gets_the_packaged_files(tmp_path):
    workspace = write_instance_config(tmp_path / "dagster")
    assert workspace == tmp_path / "dagster" / "workspace.yaml"
    for name in ("dagster.yaml", "workspace.yaml"):
        assert (tmp_path / "dagster" / name).read_bytes() == (PACKAGED / name).read_bytes()


def test_a_changed_instance_file_is_brought_up_to_date_and_a_right_one_left_alone(tmp_path):
    workspace = write_instance_config(tmp_path)
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    before = workspace.stat().st_mtime_ns
    write_instance_config(tmp_path)
    assert (tmp_path / "dagster.yaml").read_bytes() == (PACKAGED / "dagster.yaml").read_bytes()
    assert workspace.stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dagster.yaml", "workspace.yaml"]


def _line(definitions: dg.Definitions, graph: dg.AssetGraph, key: dg.AssetKey) -> str:
    node = graph.get(key)
    assets_def = definitions.resolve_assets_def(key)
    needs = ",".join(sorted(parent.to_user_string() for parent in node.parent_keys)) or "-"
    pool = assets_def.op.pool or "-"
    kinds = ",".join(sorted(node.kinds))
    return f"{key.to_user_string():<22}{node.group_name:<12}{kinds:<26}pool={pool:<16}needs {needs}\n"


def _bare_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SMP_", "DAGSTER_"))}
    return {**kept, "HOME": str(home)}


def _dagster(*words: object, cwd: Path, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("dagster"), *map(str, words)],
        env=_bare_environment(home) | settings,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def _said(outcome: subprocess.CompletedProcess[str]) -> str:
    return outcome.stdout + outcome.stderr


def _python(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env=_bare_environment(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


# Reading modules is what importing is; anything written, connected to or started is too much.
_WATCHED_IMPORT = """
import sys

def watch(event, arguments):
    if event in {"socket.connect", "subprocess.Popen", "os.mkdir", "os.fork", "os.posix_spawn"}:
        print("too much:", event, arguments)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        if not str(arguments[0]).endswith(".pyc") and "__pycache__" not in str(arguments[0]):
            print("too much:", event, arguments)

import dagster  # what Dagster itself does while it is imported is not ours
sys.addaudithook(watch)
from schema_matching_pipeline.definitions import definitions
print("loaded", len(list(definitions().resolve_all_asset_specs())), "assets")
"""
