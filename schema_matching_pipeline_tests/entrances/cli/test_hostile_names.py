"""Names that want to be SQL, formulas, markup or commands to a terminal: they stay names, on every way out."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path

import pytest

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal

NAMES = (
    '"; DROP TABLE x; --',
    "'; DROP SCHEMA smp CASCADE; --",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "[bold]loud[/bold]",
    "line\nbreak",
    "\x1b[31mred",
    "\u202egnp.exe",
    "%s {0} ${HOME} %(x)s",
    "n" * 300,
    "naïve 名前 🙂",
)


@pytest.fixture(scope="module")
def smp(smp: Terminal) -> Terminal:
    return smp.of("hostile")


@pytest.fixture(scope="module")
def folder(smp: Terminal) -> Path:
    path = smp.folder / "hostile"
    path.mkdir()
    with (path / "patients.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("patient_id", *NAMES))
        rows.writerows((number, *(f"v{number}" for _ in NAMES)) for number in range(1, 31))
    return path


@pytest.fixture(scope="module")
def hostile(smp: Terminal, folder: Path) -> str:
    return smp.onboarded(folder, name="hostile")


def test_the_names_arrive_as_they_are(smp: Terminal, hostile: str) -> None:
    rows = smp("mappings", hostile, "--json").json
    assert {row["source_column"] for row in rows} == {"patient_id", *NAMES}
    assert {row["quality_label"] for row in rows if row["source_column"] == "patient_id"} == {"good"}
    assert smp("audit", "verify").code == 0


def test_csv_holds_no_formula_and_no_name_is_lost(smp: Terminal, hostile: str) -> None:
    text = smp("mappings", hostile, "--format", "csv").out
    found = {row["source_column"] for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert not [name for name in found if name.startswith(("=", "@", "+", "-"))]
    # An apostrophe stands before what would be a formula, within a name as well, where a spreadsheet may cut it.
    assert {name.replace("'", "") for name in found} == {
        name.replace("'", "") for name in ("patient_id", *NAMES)
    }


@pytest.mark.parametrize(
    "words",
    [["status"], ["mappings"], ["review", "list"], ["audit", "list"], ["approve"]],
    ids=" ".join,
)
def test_nothing_shown_to_people_moves_the_terminal_or_turns_the_writing(
    words: list[str], smp: Terminal, hostile: str
) -> None:
    said = smp(*words, hostile)
    shown = said.out + said.err
    assert shown
    assert [sign for sign in ("\x1b", "\u202e") if sign in shown] == []


def test_names_are_shown_with_their_markup_and_their_signs_spelled_out(smp: Terminal, folder: Path) -> None:
    shown = smp("profile", folder).out
    for name in ('"; DROP TABLE x; --', "[bold]loud[/bold]", "<script>alert(1)</script>", "\\x1b[31mred"):
        assert name in shown


def test_a_hostile_item_is_decided_like_any_other(smp: Terminal, hostile: str) -> None:
    shown = [smp("review", "show", item["id"]) for item in smp.waiting(hostile)]
    assert {(said.code, "\x1b" in said.out) for said in shown} == {(0, False)}
    smp.decide_all(hostile)
    assert {item["state"] for item in smp.waiting(hostile)} <= {"awaiting_second"}


def test_hostile_tables_and_columns_of_a_database_are_measured(smp: Terminal, tmp_path: Path) -> None:
    tables = ('t"; DROP TABLE x; --', "line\nbreak", "order")
    with sqlite3.connect(tmp_path / "old.db") as database:
        for table in tables:
            columns = ", ".join(f"{_quoted(name)} text" for name in NAMES)
            database.execute(f"create table {_quoted(table)} ({columns})")
            slots = ", ".join("?" for _ in NAMES)
            database.executemany(
                f"insert into {_quoted(table)} values ({slots})",
                [tuple(f"v{number}" for _ in NAMES) for number in range(30)],
            )
    said = smp("profile", f"sqlite:///{tmp_path}/old.db", "--json")
    assert (said.code, said.err, said.json["profile"]["troubles"]) == (0, "", [])
    measured = {
        table["name"]: {(column["column"], column["distinct_count"]) for column in table["columns"]}
        for table in said.json["profile"]["tables"]
    }
    assert measured == {table: {(name, 30) for name in NAMES} for table in tables}


def test_a_name_with_a_null_sign_ends_in_words(smp: Terminal, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_bytes(b"id,na\0me\n" + b"".join(b"%d,x\n" % number for number in range(30)))
    name = f"null-{next(smp.names)}"
    assert smp("client", "add", name, "--source", tmp_path).code == 0
    said = smp("onboard", name)
    assert said.code in {0, 3, 4}
    assert "This should not have happened" not in said.err


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
