"""``smp bench``: tasks with a known truth in, figures out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

TRUE = {"date_of_birth": "birth_date", "last_name": "family_name", "email": "email"}


def a_task(folder: Path, *, family: str, truth: dict[str, str] | None = None) -> Path:
    source, target = folder / "source", folder / "target"
    source.mkdir(parents=True)
    target.mkdir()
    write_tables(source, patients=PATIENTS)
    _declare(source, "patients", tuple(PATIENTS))
    _declare(target, "person", ("birth_date", "family_name", "email", "shoe_size"))
    lines = [f"patients,{column},person,{field}" for column, field in (truth or TRUE).items()]
    header = "source_table,source_column,target_table,target_column"
    (folder / "truth.csv").write_text("\n".join([header, *lines]) + "\n")
    (folder / "meta.json").write_text(json.dumps({"family": family, "nomatch_reliable": False}))
    return folder


def _declare(folder: Path, table: str, columns: tuple[str, ...]) -> None:
    listed = [{"name": name, "type": "text", "description": ""} for name in columns]
    (folder / "schema.json").write_text(json.dumps({"tables": [{"name": table, "columns": listed}]}))


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        a_task(tmp_path / "tasks" / name, family="patients")
    return tmp_path / "tasks"


def test_a_folder_of_tasks_is_scored_by_task_family_and_matcher(smp: Terminal, tasks: Path) -> None:
    ended = smp("bench", tasks)
    assert ended.code == 0, ended.err
    for words in ("two ", "patients (2)", "all (2)", "names (rapidfuzz)", "COMA", "calibration error"):
        assert words in ended.out
    found = smp("bench", tasks / "one", "--alone", "--json").json
    (task,) = found["tasks"]
    assert (task["task"], task["family"], task["matcher"], task["columns"]) == (
        "one",
        "patients",
        "smp",
        len(PATIENTS),
    )
    assert task["mrr"] == task["hit_at_1"] == found["means"]["smp"]["MRR"] == 1.0
    assert task["nothing_accuracy"] is None


def test_a_wrong_truth_lowers_the_figures(smp: Terminal, tmp_path: Path) -> None:
    task = a_task(
        tmp_path / "wrong", family="wrong", truth={"email": "shoe_size", "last_name": "family_name"}
    )
    (found,) = smp("bench", task, "--alone", "--json").json["tasks"]
    assert found["hit_at_1"] == 0.5


def test_a_task_that_cannot_be_read_is_named_and_the_others_go_on(smp: Terminal, tasks: Path) -> None:
    (tasks / "one" / "truth.csv").write_text("source,target\n")
    ended = smp("bench", tasks, "--alone")
    assert ended.code == 4
    assert "two " in ended.out
    assert "the column source_table is missing" in ended.err
    header = "source_table,source_column,target_table,target_column"
    (tasks / "one" / "truth.csv").write_text(f"{header}\npatients,email,person\n")
    short = smp("bench", tasks, "--alone")
    assert (short.code, "line 2: a cell is missing" in short.err) == (4, True)
    (tasks / "two" / "meta.json").write_text("{")
    assert "line 1" in smp("bench", tasks / "two", "--alone").err


def test_a_folder_without_a_task_says_what_one_is(smp: Terminal, tmp_path: Path) -> None:
    ended = smp("bench", tmp_path)
    assert ended.code == 2
    assert "a task is a folder with source/, target/ and truth.csv" in ended.err
