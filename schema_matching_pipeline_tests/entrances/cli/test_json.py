"""``--json``: every command gives a program what it shows to people, with its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from schema_matching_pipeline.entrances.cli.main import app
from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

LAST_NAME = {"table": "patients", "column": "last_name"}
MODEL = "name: small\nentities:\n  - name: person\n    risk_class: optional\n    fields:\n      - {name: id, type: integer}\n"
TASK = '{"tables": [{"name": "people", "columns": [{"name": "city", "type": "text"}]}]}'


@dataclass(frozen=True)
class Case:
    """A command with its words, and what its answer must hold."""

    command: str
    words: Callable[[Terminal, str, Path], list[object]]
    holds: Callable[[Any], bool]
    code: int = 0


def _item(smp: Terminal, client: str) -> str:
    return next(str(item["id"]) for item in smp.waiting(client) if item["ref"] == LAST_NAME)


def _model(folder: Path) -> Path:
    (folder / "small.yaml").write_text(MODEL)
    return folder / "small.yaml"


def _task(folder: Path) -> Path:
    (folder / "schema.json").write_text(TASK)
    return folder


def _person(smp: Terminal) -> str:
    """A new viewer's login."""
    login = _new(smp)
    smp("user", "add", login, "--role", "viewer", "--json")
    return login


def _new(smp: Terminal) -> str:
    return f"json-{next(smp.names)}"


READING = [
    Case(
        "similar",
        lambda *_: ["birth date", "--limit", 2],
        lambda a: len(a) <= 2 and all(set(each) == {"client", "ref", "target", "similarity"} for each in a),
    ),
    Case("notify list", lambda *_: [], lambda a: a == []),
    Case("notify news", lambda *_: [], lambda a: a == []),
    Case("client list", lambda *_: [], lambda a: "awaiting_review" in {line["state"] for line in a}),
    Case(
        "client add",
        lambda smp, _, folder: [_new(smp), "--source", write_tables(folder, patients=PATIENTS)],
        lambda a: (a["source_kind"], a["canonical_model"]) == ("file", "practice"),
    ),
    Case(
        "source test",
        lambda _, __, folder: [write_tables(folder, patients=PATIENTS)],
        lambda a: a["success"] and a["message"].endswith("1 table(s) with 7 columns."),
    ),
    Case(
        "source list",
        lambda *_: ["--type", "file", "--active"],
        lambda a: a["total"] >= 1 and {one["connector"] for one in a["items"]} == {"file"},
    ),
    Case(
        "source show",
        lambda _, client, __: [client],
        lambda a: a["source"]["is_active"] and Path(a["location"]).is_dir() and not a["data_stays"],
    ),
    Case(
        "client remove",
        lambda smp, _, folder: [
            smp(
                "client", "add", _new(smp), "--source", write_tables(folder, patients=PATIENTS), "--json"
            ).json["slug"],
            "--yes",
        ],
        lambda a: set(a) == {"removed"},
    ),
    Case("source changes", lambda _, client, __: [client], lambda a: a == []),
    Case(
        "profile",
        lambda _, __, folder: [write_tables(folder, patients=PATIENTS)],
        lambda a: (
            [(t["name"], t["row_count"], len(t["columns"])) for t in a["profile"]["tables"]]
            == [("patients", 40, 7)]
            and {c["ref"]["column"]: c["label"] for c in a["quality"]["labels"]}["old_remark"] == "empty"
        ),
    ),
    Case(
        "values list",
        lambda _, client, __: [client, "--all"],
        lambda a: (
            [
                (one["values"]["ref"]["column"], [match["target"] for match in one["values"]["matches"]])
                for one in a
            ]
            == [("gender", ["F", "M"])]
        ),
    ),
    Case("review pace", lambda *_: [], lambda a: set(a) == {"decisions", "at_once", "hasty"}),
    Case(
        "status",
        lambda _, client, __: [client],
        lambda a: (
            (a["run"]["state"], a["gate"]["version"], a["gate"]["published_version"])
            == ("awaiting_review", 1, None)
            and sum(a["dispositions"].values()) == len(PATIENTS)
            and a["scores"] == {"patients": 71.4}  # five of seven: a column is empty, and e-mail is made up
        ),
    ),
    Case(
        "mappings",
        lambda _, client, __: [client],
        lambda a: (
            len(a) == len(PATIENTS)
            and all(
                (line["confidence"] is None) is (line["canonical_field"] is None)
                and 0.0 <= (line["confidence"] or line["nothing_confidence"] or 0.0) <= 1.0
                for line in a
            )
        ),
    ),
    Case(
        "explain",
        lambda _, client, __: [client, f"{LAST_NAME['table']}.{LAST_NAME['column']}"],
        lambda a: (
            (a["ref"], a["rank"], a["target"]) == (LAST_NAME, 1, {"entity": "patient", "field": "last_name"})
            and 0.0 < a["confidence"] <= 1.0
        ),
    ),
    Case(
        "review list",
        lambda _, client, __: [client],
        lambda a: a["total"] == len(a["items"]) and LAST_NAME in [line["item"]["ref"] for line in a["items"]],
    ),
    Case(
        "review show",
        lambda smp, client, _: [_item(smp, client)[:12]],
        lambda a: (
            a["item"]["ref"] == LAST_NAME
            and a["item"]["candidates"][0]["target"] == {"entity": "patient", "field": "last_name"}
            and a["history"] == []
        ),
    ),
    Case(
        "review reveal",
        lambda smp, client, _: [_item(smp, client)[:12], "--reason", "to compare"],
        lambda a: (a["ref"], a["values"], a["cut"]) == (LAST_NAME, ["Ames", "Birch", "Cole", "Dorn"], False),
    ),
    Case(
        "review try",
        lambda smp, client, _: [_item(smp, client), "--coerce", "trim"],
        lambda a: (a["tested"], a["failed"], a["sampled"]) == (40, 0, False) and len(a["values"]) > 0,
    ),
    Case(
        "review bulk",
        lambda _, client, __: ["--client", client, "--all", "--reason", "only looking"],
        lambda a: a["preview"] == len(a["decisions"]) and a["preview"] + len(a["excluded"]) > 0,
    ),
    Case(
        "canonical import",
        lambda _, __, folder: [_model(folder)],
        lambda a: (a["name"], a["version"], a["entities"], a["fields"]) == ("small", 1, 1, 1),
    ),
    Case(
        "canonical list",
        lambda *_: [],
        lambda a: {"practice"} <= {model["name"] for model in a} and all(model["fields"] > 0 for model in a),
    ),
    Case(
        "canonical show",
        lambda *_: ["practice"],
        lambda a: {"patient", "encounter"} <= {entity["name"] for entity in a["entities"]},
    ),
    Case(
        "trust",
        lambda *_: [],
        lambda a: {"conservative"} <= {profile["name"] for profile in a["trust_profiles"]},
    ),
    Case(
        "client set",
        lambda smp, _, folder: [
            smp.added(write_tables(folder, patients=PATIENTS)),
            "--trust-profile",
            "standard",
        ],
        lambda a: a["trust_profile"] == "standard",
    ),
    Case(
        "user add",
        lambda smp, *_: [_new(smp), "--role", "viewer"],
        lambda a: len(a["key"]) > 20 and a["user"]["role"] == "viewer",
    ),
    Case(
        "llm set",
        lambda smp, _, folder: [
            smp.added(write_tables(folder, patients=PATIENTS)),
            "--tell",
            "usual",
            "--monthly-cost",
            3,
        ],
        lambda a: (
            a
            == {
                "told": ["names", "types", "statistics", "patterns"],
                "monthly_tokens": 1_000_000,
                "monthly_cost": 3.0,
            }
        ),
    ),
    Case(
        "llm show",
        lambda _, client, __: [client, "--calls", 3],
        lambda a: (a["model"], a["policy"]["told"], a["month"]["calls"], a["calls"]) == (None, [], 0, []),
    ),
    Case(
        "user key add",
        lambda smp, *_: [_person(smp), "--name", "export", "--scope", "read", "--days", 9],
        lambda a: a["key"].startswith("smp_"),
    ),
    Case(
        "user key list",
        lambda smp, *_: [_person(smp)],
        lambda a: [(key["name"], key["scope"], key["counts"]) for key in a] == [("first", "all", True)],
    ),
    Case("user list", lambda *_: [], lambda a: "admin" in {person["role"] for person in a}),
    Case(
        "match",
        lambda _, __, folder: [_task(folder), folder, "--output", folder / "p.csv"],
        lambda a: (a["source_columns"], a["candidates"]) == (1, 1),
    ),
    Case(
        "erasure add",
        lambda smp, *_: ["person", _person(smp), "--asked-by", "letter 9", "--asked-on", "2026-01-31"],
        lambda a: (
            (a["about"], a["asked_on"], a["done"], a["is_there"]) == ("person", "2026-01-31", None, True)
        ),
    ),
    Case(
        "erasure close",
        lambda smp, *_: [
            smp("erasure", "add", "person", _person(smp), "--asked-by", "letter 9", "--json").json["id"],
            "--done",
            "put to rest",
        ],
        lambda a: (a["done"], a["closed_by"]) == ("put to rest", a["entered_by"]),
    ),
    Case(
        "erasure list",
        lambda *_: [],
        lambda a: all(set(each) >= {"id", "about", "name", "asked_by", "done", "is_there"} for each in a),
    ),
    Case(
        "audit list",
        lambda _, client, __: [client, "--limit", "5"],
        lambda a: len(a) == 5 and a[0]["seq"] > a[-1]["seq"] and {"column", "field"} <= a[0].keys(),
    ),
    Case(
        "audit as-of",
        lambda smp, client, __: [
            smp("audit", "list", client, "--json").json[0]["at"],
            client,
            "--kind",
            "clients",
        ],
        lambda a: [row["state"]["slug"] for row in a["rows"]] == [row["key"] for row in a["rows"]] != [],
    ),
    Case("audit export", lambda _, client, folder: [folder / "audit.jsonl", client], lambda a: a["intact"]),
    Case("audit verify", lambda *_: [], lambda a: a["intact"] and a["rows"] > 0),
    Case("db current", lambda *_: [], lambda a: a["current"] == a["newest"]),
    Case("db upgrade", lambda *_: [], lambda a: a["current"] == a["newest"]),
    Case("doctor", lambda *_: [], lambda a: all(seen["sound"] for seen in a)),
]


@pytest.mark.parametrize("case", READING, ids=lambda case: case.command)
def test_the_answer_of_a_command_is_json_with_its_figures(
    case: Case, smp: Terminal, acme: str, tmp_path: Path
) -> None:
    said = smp(*case.command.split(), *case.words(smp, acme, tmp_path), "--json")
    assert (said.code, said.err) == (case.code, "")
    assert case.holds(said.json)


FAULTS = [
    (["client", "add", "Not A Slug", "--source", "x"], 2, "USAGE"),
    (["client", "add", "no-source", "--source", "/no/such/place"], 4, "SOURCE"),
    (["profile", "/no/such/place"], 4, "SOURCE_EMPTY"),
    (["bench", "/no/such/place"], 2, "USAGE"),
    (["user", "password", "nobody", "--password", "correct horse battery"], 2, "UNKNOWN_NAME"),
    (["user", "password", "nobody", "--password", "short"], 2, "BAD_DECISION"),
    (["notify", "add", "pigeon"], 2, "UNKNOWN_NAME"),
    (["notify", "add", "slack", "-o", "url=ftp://x"], 2, "BAD_DECISION"),
    (["notify", "test", "nothing"], 2, "UNKNOWN_NAME"),
    (["notify", "remove", "nothing"], 2, "UNKNOWN_NAME"),
    (["onboard", "nobody"], 2, "UNKNOWN_NAME"),
    (["status", "nobody"], 2, "UNKNOWN_NAME"),
    (["mappings", "nobody"], 2, "UNKNOWN_NAME"),
    (["validation", "nobody"], 2, "UNKNOWN_NAME"),
    (["release", "retry", "nobody"], 2, "UNKNOWN_NAME"),
    (["run", "phase", "nobody", "mappings"], 2, "UNKNOWN_NAME"),
    (["run", "cancel", "nobody"], 2, "UNKNOWN_NAME"),
    (["review", "list", "nobody"], 2, "UNKNOWN_NAME"),
    (["values", "list", "nobody"], 2, "UNKNOWN_NAME"),
    (["values", "confirm", "nobody", "t.c", "--reason", "x"], 2, "UNKNOWN_NAME"),
    (["review", "show", "nothing"], 2, "UNKNOWN_NAME"),
    (["review", "approve", "nothing"], 2, "UNKNOWN_NAME"),
    (["review", "reject", "nothing", "--reason", "no"], 2, "UNKNOWN_NAME"),
    (["review", "override", "nothing", "--reason", "no"], 2, "BAD_DECISION"),
    (["review", "try", "nothing"], 2, "UNKNOWN_NAME"),
    (["review", "bulk"], 2, "BAD_DECISION"),
    (["review", "comment", "nothing", "seen"], 2, "UNKNOWN_NAME"),
    (["review", "reveal", "nothing", "--reason", "no"], 2, "UNKNOWN_NAME"),
    (["review", "flag", "nothing"], 2, "BAD_DECISION"),
    (["review", "flag", "nothing", "--clear"], 2, "UNKNOWN_NAME"),
    (["review", "assign", "nothing"], 2, "BAD_DECISION"),
    (["review", "assign", "nothing", "--nobody"], 2, "UNKNOWN_NAME"),
    (["review", "undo"], 2, "BAD_DECISION"),
    (["review", "undo", "nothing"], 2, "UNKNOWN_NAME"),
    (["review", "undo", "--batch", "nothing"], 2, "UNKNOWN_NAME"),
    (["review", "redo", "--batch", "nothing"], 2, "UNKNOWN_NAME"),
    (["review", "bulk", "--file", "/no/such/file"], 2, "USAGE"),
    (["client", "set", "nobody", "--inactive"], 2, "UNKNOWN_NAME"),
    (["trust", "nobody"], 2, "UNKNOWN_NAME"),
    (["trust", "--relax", "patient"], 2, "USAGE"),
    (["trust", "nobody", "--relax", "patient", "--reason", "so"], 2, "UNKNOWN_NAME"),
    (["trust", "nobody", "--keep", "patient", "--reason", "so"], 2, "UNKNOWN_NAME"),
    (["llm", "show", "nobody"], 2, "UNKNOWN_NAME"),
    (["llm", "set", "nobody", "--tell", "usual"], 2, "UNKNOWN_NAME"),
    (["llm", "set", "nobody", "--tell", "names,rows"], 2, "UNKNOWN_NAME"),
    (["llm", "set", "--any-cost", "--monthly-cost", "3"], 2, "BAD_DECISION"),
    (["llm", "set"], 2, "BAD_DECISION"),
    (["user", "key", "add", "nobody"], 2, "UNKNOWN_NAME"),
    (["user", "key", "add", "nobody", "--name", " "], 2, "BAD_DECISION"),
    (["user", "key", "list", "nobody"], 2, "UNKNOWN_NAME"),
    (["user", "key", "revoke", "nobody", "smp_abc"], 2, "UNKNOWN_NAME"),
    (["user", "set", "nobody", "--role", "viewer"], 2, "UNKNOWN_NAME"),
    (["review", "include", "nobody", "t.c", "--reason", "no"], 2, "UNKNOWN_NAME"),
    (["review", "exclude", "nobody", "t.c", "--reason", "no"], 2, "UNKNOWN_NAME"),
    (["approve", "nobody"], 2, "UNKNOWN_NAME"),
    (["canonical", "import", "/no/such/file.yaml"], 2, "USAGE"),
    (["canonical", "show", "nothing"], 2, "UNKNOWN_NAME"),
    (["match", "/no/such/place", "/no/such/place"], 4, "SOURCE_EMPTY"),
    (["db", "downgrade", "0001"], 2, "USAGE"),
]


@pytest.mark.parametrize(("words", "code", "name"), FAULTS, ids=[" ".join(words) for words, _, _ in FAULTS])
def test_a_fault_is_json_on_standard_error(words: list[str], code: int, name: str, smp: Terminal) -> None:
    said = smp(*words, "--json")
    assert (said.code, said.out) == (code, "")
    assert said.fault["code"] == name
    assert len(said.fault["message"]) > 20


def test_a_closed_gate_names_what_holds_it_for_programs(smp: Terminal, acme: str) -> None:
    fault = smp("approve", acme, "--json").fault
    assert (fault["code"], fault["details"]["client"]) == ("GATE_CLOSED", acme)
    assert len(fault["details"]["holding"]) == len(smp.waiting(acme)) + 1


def test_the_audit_gives_programs_what_a_row_held_before_and_after(smp: Terminal, tmp_path: Path) -> None:
    client = smp.added(write_tables(tmp_path, patients=PATIENTS))
    assert smp("client", "set", client, "--trust-profile", "standard").code == 0
    changed, *_, created = [
        event for event in smp("audit", "list", client, "--json").json if event["subject"] == "clients"
    ]
    assert (changed["old"], changed["new"]) == (
        {"trust_profile": "conservative"},
        {"trust_profile": "standard"},
    )
    assert (created["old"], created["new"]["slug"]) == (None, client)


def test_a_failed_connection_test_is_an_answer_with_its_code(smp: Terminal) -> None:
    said = smp("source", "test", "/no/such/place", "--json")
    assert (said.code, said.err) == (4, "")
    assert (said.json["success"], said.json["code"]) == (False, "MISSING_PATH")


LASTING = {
    "up",
    "down",
    "demo",
    "desk",
}  # they serve, stop what serves, need it, or take a minute: tests of their own


def test_no_command_is_left_out_here() -> None:
    faults = {" ".join(words) for words, _, _ in FAULTS}
    commands = set(_commands(get_command(app), "")) - LASTING - {case.command for case in READING}
    assert [name for name in commands if not any(words.startswith(name) for words in faults)] == []


def _commands(group: Any, prefix: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"
