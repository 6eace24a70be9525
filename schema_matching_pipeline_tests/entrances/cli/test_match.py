"""``smp match``: two folders in, ranked candidates out, and no database."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

HEADER = ["source_table", "source_column", "target_table", "target_column", "score"]
FIELDS = ("id", "given_name", "family_name", "birth_date", "sex", "email", *(f"note_{n}" for n in range(20)))


def _declared(folder: Path, table: str, columns: Sequence[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    listed = [{"name": name, "type": "text", "description": ""} for name in columns]
    (folder / "schema.json").write_text(json.dumps({"tables": [{"name": table, "columns": listed}]}))
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A side with rows."""
    folder = _declared(tmp_path / "source", "patients", tuple(PATIENTS))
    return write_tables(folder, patients=PATIENTS)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A side that is known by its names alone."""
    return _declared(tmp_path / "target", "person", FIELDS)


def _predictions(path: Path) -> Mapping[str, list[dict[str, str]]]:
    by_column: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        assert rows.fieldnames == HEADER
        for row in rows:
            by_column[row["source_column"]].append(row)
    return by_column


def test_every_column_gets_up_to_twenty_candidates_the_likeliest_first(
    smp: Terminal, source: Path, target: Path, tmp_path: Path
) -> None:
    assert smp("match", source, target, "--output", tmp_path / "p.csv").code == 0
    found = _predictions(tmp_path / "p.csv")
    assert set(found) == set(PATIENTS)
    for ranked in found.values():
        scores = [float(row["score"]) for row in ranked]
        assert len(ranked) == 20
        assert len({row["target_column"] for row in ranked}) == 20
        assert scores == sorted(scores, reverse=True)
        assert all(0.0 <= score <= 1.0 for score in scores)
    assert [found[name][0]["target_column"] for name in ("date_of_birth", "email")] == ["birth_date", "email"]


def test_columns_without_any_row_are_matched_by_their_names(
    smp: Terminal, target: Path, tmp_path: Path
) -> None:
    bare = _declared(tmp_path / "bare", "patients", ("birth_date", "email"))
    said = smp("match", bare, target, "--output", tmp_path / "p.csv", "--json")
    assert said.json == {
        "output": str(tmp_path / "p.csv"),
        "source_columns": 2,
        "candidates": 40,
        "troubles": [],
    }
    found = _predictions(tmp_path / "p.csv")
    assert [found[name][0]["target_column"] for name in ("birth_date", "email")] == ["birth_date", "email"]


@pytest.mark.parametrize(
    ("name", "content", "trouble"),
    [
        (
            "patients.csv",
            b'other,birth_date\na@b.de,"1970-01-02\n',
            "line 2 of 'patients.csv' has a quotation mark that is not closed or stands in the wrong place.",
        ),
        ("patients.csv.gz", b"\x00 rubbish", "Table 'patients' of patients.csv.gz cannot be read"),
    ],
    ids=["found when its rows are read", "found when it is opened"],
)
def test_a_file_that_cannot_be_read_is_told_and_its_columns_are_matched_by_their_names(
    name: str, content: bytes, trouble: str, smp: Terminal, target: Path, tmp_path: Path
) -> None:
    broken = _declared(tmp_path / "broken", "patients", ("birth_date", "email"))
    (broken / name).write_bytes(content)
    said = smp("match", broken, target, "--output", tmp_path / "p.csv")
    assert said.code == 0
    assert said.err.startswith(f"Warning: {broken}: ")
    assert trouble in said.err
    assert said.err.endswith("The columns of 'patients' are matched by their names and descriptions alone.\n")
    found = _predictions(tmp_path / "p.csv")
    assert {column: ranked[0]["target_column"] for column, ranked in found.items()} == {
        "birth_date": "birth_date",
        "email": "email",
    }


def test_a_program_is_told_which_side_has_a_file_that_cannot_be_read(
    smp: Terminal, source: Path, target: Path, tmp_path: Path
) -> None:
    (target / "person.csv").write_text('id,email\n1,"never closed\n')
    said = smp("match", source, target, "--output", tmp_path / "p.csv", "--json")
    assert (said.code, said.err) == (0, "")
    [trouble] = said.json["troubles"]
    assert (trouble["side"], trouble["table"], trouble["code"]) == ("target", "person", "SOURCE_UNREADABLE")
    assert "line 2 of 'person.csv'" in trouble["message"]


def test_a_plain_folder_of_files_is_matched_by_the_columns_its_files_show(
    smp: Terminal, tmp_path: Path
) -> None:
    source = write_tables(tmp_path / "a", patients=PATIENTS)
    target = write_tables(
        tmp_path / "b", person={"surname": PATIENTS["last_name"], "email": PATIENTS["email"]}
    )
    (source / "cut.json").write_text('{"a": [')
    said = smp("match", source, target, "--output", tmp_path / "p.csv")
    assert (said.code, said.out) == (4, f"14 candidates for 7 columns in {tmp_path}/p.csv\n")
    warned, ended = said.err.splitlines()
    assert warned.endswith("'cut' is left out.")
    assert ended == f"Error: 1 of 2 table(s) of {source} could not be read: cut."
    found = _predictions(tmp_path / "p.csv")
    assert set(found) == set(PATIENTS)
    assert (found["email"][0]["target_table"], found["email"][0]["target_column"]) == ("person", "email")


def test_a_folder_that_shows_no_table_cannot_be_matched(smp: Terminal, target: Path, tmp_path: Path) -> None:
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "cut.json").write_text('{"a": [')
    said = smp("match", tmp_path / "cut", target)
    assert (said.code, "No table of" in said.err) == (4, True)


def test_no_home_and_no_database_are_made(smp: Terminal, source: Path, target: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert smp("match", source, target, "--output", tmp_path / "p.csv", SMP_HOME=home).code == 0
    assert not home.exists()


def test_an_output_that_cannot_be_written_is_told_before_the_work(
    smp: Terminal, source: Path, target: Path, tmp_path: Path
) -> None:
    nowhere, folder = tmp_path / "no" / "p.csv", tmp_path
    assert smp("match", source, target, "--output", nowhere).err == (
        f"Error: {nowhere} cannot be written (No such file or directory). Name another file with --output.\n"
    )
    said = smp("match", source, target, "--output", folder)
    assert (said.code, said.err) == (2, f"Error: {folder} is a folder. Name a file with --output.\n")


def test_a_match_that_fails_leaves_the_earlier_output_and_nothing_else(
    smp: Terminal, source: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out" / "p.csv"
    output.parent.mkdir()
    output.write_text("earlier")
    said = smp("match", source, tmp_path / "nowhere", "--output", output)
    assert (said.code, output.read_text()) == (4, "earlier")
    assert [path.name for path in output.parent.iterdir()] == ["p.csv"]


def test_mistakes_of_a_schema_are_told_all_at_once(smp: Terminal, target: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "schema.json").write_text('{"tables": [{"columns": []}, {"name": "t"}]}')
    said = smp("match", broken, target)
    assert said.code == 2
    assert "table 1: the name is missing" in said.err
    assert "table t: the list of columns is missing" in said.err
