"""``smp review`` and ``smp approve``: from the queue to production."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from schema_matching_pipeline.canon.figures import confidence
from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

PERSON = """\
name: person
entities:
  - name: person
    fields:
      - {name: person_id, type: identifier, primary_key: true}
      - {name: first_name}
      - {name: last_name}
      - {name: date_of_birth, type: date}
      - {name: email}
"""
NAMED = ("first_name", "last_name", "date_of_birth", "email")
WAITING = ("flagged_columns_reviewed", "mapping_threshold", "required_fields_covered")


DOCTORS: Mapping[str, tuple[str, ...]] = {
    "provider_id": PATIENTS["patient_id"],
    "first_name": PATIENTS["first_name"],
    "last_name": PATIENTS["last_name"],
    "speciality": ("Cardiology", "Radiology", "Dentistry", "Surgery") * 10,
    "email": PATIENTS["email"],
}


@pytest.fixture(scope="module")
def doctors(smp: Terminal) -> str:
    """A client with suggestions that are not critical, which no test decides."""
    return smp.onboarded(write_tables(smp.folder / "doctors", doctors=DOCTORS), name="doctors")


@pytest.fixture(scope="module")
def desk(smp: Terminal) -> Terminal:
    """Where single items are decided."""
    return smp.of("desk")


@pytest.fixture(scope="module")
def beta(desk: Terminal) -> str:
    """A client whose items these tests decide, each another column."""
    return desk.onboarded(write_tables(desk.folder / "beta", patients=PATIENTS), name="beta")


def _item(smp: Terminal, client: str, column: str) -> Mapping[str, Any]:
    return next(item for item in smp.waiting(client) if item["ref"]["column"] == column)


def _state(smp: Terminal, item: Mapping[str, Any]) -> str:
    return str(smp("review", "show", item["id"], "--json").json["item"]["state"])


def test_the_queue_names_column_field_figures_and_reason(smp: Terminal, acme: str) -> None:
    said = smp("review", "list", acme)
    (line,) = (line for line in said.out.splitlines() if "patients.first_name" in line)
    assert "patient.first_name" in line
    assert "which patient (critical) needs" in line


def test_values_are_shown_as_they_are_for_a_reason(smp: Terminal, acme: str) -> None:
    item = _item(smp, acme, "last_name")["id"]
    said = smp("review", "reveal", item, "--reason", "To compare.")
    assert said.out.splitlines() == [
        *("Ames", "Birch", "Cole", "Dorn"),
        "4 value(s) of patients.last_name, kept nowhere.",
    ]
    assert smp("review", "reveal", item).code == 2
    assert smp("review", "reveal", item, "--reason", " ").code == 2


def test_an_empty_list_says_where_the_client_stands(smp: Terminal, acme: str, desk: Terminal) -> None:
    desk("client", "add", "fresh", "--source", write_tables(desk.folder / "fresh", patients=PATIENTS))
    filtered = smp("review", "list", acme, "--kind", "validation").out.splitlines()
    unproposed = desk("review", "list", "fresh").out.splitlines()
    assert filtered == ["Nothing waits for a decision.", f"Decide what waits: smp review list {acme}"]
    assert unproposed == [
        "Nothing waits for a decision.",
        "Nothing is proposed yet; a running `smp up` does it by itself, or: smp onboard fresh",
    ]


def test_a_list_is_shown_by_pages(smp: Terminal, acme: str) -> None:
    ids = [item["id"] for item in smp.waiting(acme)]
    pages = [smp("review", "list", acme, "--size", 2, "--page", page, "--json").json for page in (1, 2, 3)]
    assert [line["item"]["id"] for page in pages for line in page["items"]] == ids[:6]
    assert {(page["total"], page["pages"]) for page in pages} == {(len(ids), (len(ids) + 1) // 2)}


def test_an_item_is_shown_with_candidates_and_history(smp: Terminal, acme: str) -> None:
    said = smp("review", "show", _item(smp, acme, "first_name")["id"][:12])
    assert (said.code, said.err) == (0, "")
    assert "patients.first_name" in said.out
    assert "what speaks for (+) and against (-) it most" in said.out
    assert "100.0% of 40 rows" in said.out
    assert "beside it" in said.out
    assert "speaks for it" in said.out
    assert "patient.first_name" in said.out


def test_a_key_that_no_column_fills_is_asked_about_by_its_table_and_can_be_waived_or_filled(
    smp: Terminal, tmp_path: Path
) -> None:
    desk = smp.of("gaps")
    (tmp_path / "person.yaml").write_text(PERSON)
    assert desk("canonical", "import", tmp_path / "person.yaml").code == 0
    missed = {"zq7": ("k1", "k2", "k3", "k4") * 10}
    source = write_tables(tmp_path / "people", person={name: PATIENTS[name] for name in NAMED} | missed)
    assert desk("client", "add", "gap", "--source", source, "--canonical", "person").code == 0
    assert desk("onboard", "gap").code == 3
    first = next(item for item in desk.waiting("gap") if item["target"])
    approved = desk("review", "approve", first["id"]).out.splitlines()
    assert "person.person_id is required and no column fills it." in approved[1]
    assert approved[2] == (f"{len(desk.waiting('gap'))} item(s) left, 1 of them new: smp review list gap")
    desk.decide_all("gap", leaving="validation")

    (gap,) = desk.waiting("gap")
    shown = desk("review", "show", gap["id"]).out
    assert shown.startswith("person   validation")
    assert "Approving waives this: person.person_id stays unfilled." in shown
    assert " --to person.person_id --reason WHY" in shown
    assert "Fill person.person_id" in desk("review", "list", "gap").out
    waived = desk("review", "approve", gap["id"], "--reason", "They have no keys.")
    assert waived.out.startswith("person: waived; person.person_id stays unfilled.")

    way_back = "smp review include gap TABLE.COLUMN --to person.person_id --reason WHY"
    assert f"To decide otherwise: {way_back}" in desk("review", "show", gap["id"]).out
    words = ("review", "include", "gap", "person.zq7", "--reason", "It is their number.")
    assert "To map it: smp review include gap person.zq7 --to ENTITY.FIELD" in desk(*words).err
    assert desk(*words, "--coerce", "trim").code == 2
    filled = desk(*words, "--to", "person.person_id", "--coerce", "trim")
    assert filled.out.startswith("person.zq7: now maps to person.person_id.\nNothing is left.")
    (row,) = (r for r in desk("mappings", "gap", "--json").json if r["source_column"] == "zq7")
    assert (row["canonical_field"], row["status"], row["coercion_function"]) == (
        "person_id",
        "approved",
        "trim",
    )


def test_an_item_is_approved_once(desk: Terminal, beta: str) -> None:
    item = _item(desk, beta, "first_name")
    said = desk("review", "approve", item["id"][:12], "--reason", "It says so.")
    left = f"{len(desk.waiting(beta))} item(s) left: smp review list {beta}"
    first, *_, last = said.out.splitlines()
    assert (said.code, first) == (0, "patients.first_name: now maps to patient.first_name.")
    assert last.replace(", 1 of them new", "") == left  # the first suggestion of an entity may open a gap
    again = desk("review", "approve", item["id"])
    said_again = ["patients.first_name was approved already; nothing changed.", left]
    assert (again.code, again.out.splitlines()) == (0, said_again)
    otherwise = desk("review", "reject", item["id"], "--reason", "No.", "--json")
    assert (otherwise.code, otherwise.out) == (5, "")
    assert otherwise.fault["code"] == "STALE_DECISION"
    history = desk("review", "show", item["id"], "--json").json["history"]
    assert [(act["decision"], act["reason"]) for act in history] == [("approve", "It says so.")]


def test_an_item_is_rejected_with_a_reason(desk: Terminal, beta: str) -> None:
    item = _item(desk, beta, "last_name")
    assert desk("review", "reject", item["id"]).code == 2
    assert _state(desk, item) == "open"
    assert desk("review", "reject", item["id"], "--reason", "A maiden name.").code == 0
    assert _state(desk, item) == "rejected"


def test_an_item_is_given_another_field(desk: Terminal, beta: str) -> None:
    item = _item(desk, beta, "patient_id")
    unknown = desk("review", "override", item["id"], "--to", "patient.no_such", "--reason", "x", "--json")
    assert (unknown.code, unknown.out, unknown.fault["code"]) == (2, "", "UNKNOWN_NAME")
    typo = desk("review", "override", item["id"], "--to", "patient.brith_date", "--reason", "x")
    assert "Did you mean 'patient.birth_date'?" in typo.err
    assert typo.err.endswith("All of them: smp canonical show practice\n")
    malformed = desk("review", "override", item["id"], "--to", "nonsense", "--reason", "x")
    assert "write entity.field" in malformed.err
    assert _state(desk, item) == "open"
    done = desk("review", "override", item["id"], "--to", "patient.medical_record_number", "--reason", "x")
    assert done.code == 0, done.err
    (row,) = (r for r in desk("mappings", beta, "--json").json if r["source_column"] == "patient_id")
    assert (row["canonical_field"], row["status"]) == ("medical_record_number", "approved")


def test_a_flagged_column_is_left_out(desk: Terminal, beta: str) -> None:
    item = _item(desk, beta, "old_remark")
    assert desk("review", "override", item["id"], "--exclude", "--nothing", "--reason", "x").code == 2
    assert "needs a reason" in desk("review", "override", item["id"], "--exclude").err
    assert desk("review", "override", item["id"], "--exclude", "--reason", "Not in use.").code == 0
    (row,) = (r for r in desk("mappings", beta, "--json").json if r["source_column"] == "old_remark")
    assert row["status"] == "excluded"


@pytest.mark.parametrize(
    ("rows", "mistakes"),
    [
        ("item,verdict\nx,approve\n", ["line 1: column 'decision' is missing"]),
        (
            "item,decision,field,reason\n,approve,,\nx,perhaps,,\nx,override,nonsense,why\nx,approve,,so,what\n",
            [
                "line 2: the item",
                "line 3: 'perhaps' is no decision",
                "line 4: 'nonsense'",
                "line 5: more cells",
            ],
        ),
    ],
    ids=["header", "rows"],
)
def test_every_mistake_of_a_file_of_decisions_is_told(
    rows: str, mistakes: list[str], smp: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "decisions.csv").write_text(rows)
    said = smp("review", "bulk", "--file", tmp_path / "decisions.csv", "--yes", "--json")
    assert said.code == 2
    told = said.fault["details"]["mistakes"]
    assert [text.startswith(start) for text, start in zip(told, mistakes, strict=True)] == [True] * len(
        mistakes
    )


def test_fields_of_a_file_that_no_model_has_are_named_with_what_may_be_meant(
    smp: Terminal, acme: str, tmp_path: Path
) -> None:
    first, second = (item["id"] for item in smp.waiting(acme)[:2])
    (tmp_path / "decisions.csv").write_text(
        "item,decision,field,reason\n"
        f"{first},override,patient.birthdate,so\n{second},override,patient.lastname,so\n"
    )
    said = smp("review", "bulk", "--file", tmp_path / "decisions.csv", "--json")
    assert said.code == 2
    told = said.fault["details"]["mistakes"]
    assert [text.startswith(f"item {item}") for text, item in zip(told, (first, second), strict=True)] == [
        True
    ] * 2
    assert "Did you mean 'patient.birth_date'?" in told[0]
    assert "Did you mean 'patient.last_name'?" in told[1]


def test_a_file_that_is_no_text_says_so(smp: Terminal, tmp_path: Path) -> None:
    (tmp_path / "decisions.csv").write_bytes(b"item,decision\n\xff\xfe,approve\n")
    assert "not UTF-8" in smp("review", "bulk", "--file", tmp_path / "decisions.csv").err
    assert smp("review", "bulk", "--file", tmp_path).code == 2
    for filters in (("--at-least", "0.9"), ("--all",), ("--entity", "patient"), ("--reason", "sure")):
        said = smp("review", "bulk", "--file", tmp_path / "decisions.csv", *filters)
        assert (said.code, "go with --client" in said.err) == (2, True)


def test_of_many_decisions_none_is_made_where_one_makes_no_sense(smp: Terminal, acme: str) -> None:
    items = smp.waiting(acme)
    rows = [f"{item['id']},approve,,it is right" for item in items]
    typed = "\n".join(["item,decision,field,reason", *rows, "f" * 32 + ",approve,,unknown", ""])
    said = smp("review", "bulk", "--file", "-", "--yes", "--json", typed=typed)
    assert (said.code, said.out) == (2, "")
    assert smp.waiting(acme) == items


def _alike(smp: Terminal, client: str) -> list[Mapping[str, Any]]:
    """The suggestions that may be approved alike: nothing critical, nothing that something speaks against."""
    return [
        item
        for item in smp.waiting(client)
        if item["kind"] == "mapping"
        and item["risk_class"] != "critical"
        and not any(fact["name"] == "objection" for fact in item["facts"])
    ]


def test_without_yes_a_filter_only_shows_what_it_would_decide(smp: Terminal, doctors: str) -> None:
    waiting, items = smp.waiting(doctors), _alike(smp, doctors)
    least = sorted(item["had"] for item in items)[1]
    said = smp(
        "review", "bulk", "--client", doctors, "--at-least", least, "--reason", "sure enough", "--json"
    )
    assert {line["item_id"] for line in said.json["decisions"]} == {
        item["id"] for item in items if item["had"] >= least
    }
    assert smp.waiting(doctors) == waiting


def test_what_is_critical_is_never_decided_alike(smp: Terminal, acme: str) -> None:
    waiting = smp.waiting(acme)
    mappings = {item["id"] for item in waiting if item["kind"] == "mapping"}
    assert {item["risk_class"] for item in waiting if item["id"] in mappings} == {"critical"}
    said = smp("review", "bulk", "--client", acme, "--all", "--yes", "--json")
    assert (said.code, said.json["count"]) == (0, 0)
    assert {line["item_id"] for line in said.json["excluded"]} == mappings
    assert "critical items are decided one by one" in smp("review", "bulk", "--client", acme, "--all").out
    assert smp.waiting(acme) == waiting


def test_what_was_decided_together_is_taken_back_and_made_again_together(smp: Terminal) -> None:
    smp = smp.of("together")
    client = smp.onboarded(write_tables(smp.folder / "together", doctors=DOCTORS), name="together")
    waiting, alike = smp.waiting(client), {item["id"] for item in _alike(smp, client)}
    made = smp("review", "bulk", "--client", client, "--all", "--reason", "looked at", "--yes", "--json").json
    assert {line["item_id"] for line in made["items"]} == alike
    assert {item["id"] for item in smp.waiting(client)}.isdisjoint(alike)

    undone = smp("review", "undo", "--batch", made["batch_id"], "--reason", "too fast", "--json")
    assert {item["id"]: item["state"] for item in undone.json} == dict.fromkeys(alike, "open")
    assert [_kept(item) for item in smp.waiting(client)] == [_kept(item) for item in waiting]
    again = smp("review", "redo", "--batch", made["batch_id"])
    assert again.code == 0
    assert {item["id"] for item in smp.waiting(client)}.isdisjoint(alike)
    assert "All of it stands" in smp("review", "redo", "--batch", made["batch_id"]).out

    one = min(alike)
    told = smp("review", "undo", one[:10])
    assert (told.code, f"open; item {one[:10]}" in told.out) == (0, True)
    assert smp("review", "reject", one, "--reason", "no").code == 0
    history = smp("review", "show", one, "--json").json["history"]
    assert [(act["decision"], act["taken_back"]) for act in history] == [
        ("approve", True),
        ("undo", False),
        ("approve", True),
        ("undo", False),
        ("reject", False),
    ]
    blocked = smp("review", "redo", "--batch", made["batch_id"], "--json")
    assert blocked.code == 0  # the rest of it stands


def _kept(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != "row_version"}


@pytest.mark.parametrize("words", [(), ("--all", "--at-least", 0.9), ("--entity", "patient")], ids=str)
def test_a_bulk_by_filter_names_a_confidence_or_says_all(
    words: tuple[object, ...], smp: Terminal, acme: str
) -> None:
    items = smp.waiting(acme)
    said = smp("review", "bulk", "--client", acme, *words, "--reason", "x", "--yes")
    assert (said.code, "--at-least CONFIDENCE" in said.err) == (2, True)
    assert smp.waiting(acme) == items


def test_a_preview_names_the_least_certain(smp: Terminal, doctors: str) -> None:
    items = _alike(smp, doctors)
    least = confidence(min(item["had"] for item in items))
    title, *_ = smp("review", "bulk", "--client", doctors, "--all").out.splitlines()
    expected = f"{len(items)} decision(s), the least certain with {least}, not made yet: add --yes"
    assert title.rstrip() == expected


def test_from_the_queue_to_production(smp: Terminal, tmp_path: Path) -> None:
    smp = smp.of("walk")
    client = smp.onboarded(write_tables(tmp_path / "source", patients=PATIENTS), name="walk")
    flagged = [item["id"] for item in smp.waiting(client) if item["kind"] == "quality"]
    assert smp("approve", client).code == 5
    undecided = {check["name"]: check for check in smp("status", client, "--json").json["checks"]}
    assert undecided["mapping_threshold"]["actual"] > 0
    assert undecided["flagged_columns_reviewed"]["actual"] == len(flagged) > 0

    suggested = [item["id"] for item in smp.waiting(client) if item["kind"] == "mapping"]
    (tmp_path / "decisions.csv").write_text(
        "item,decision,field,reason\n" + "".join(f"{one},approve,,looked at\n" for one in suggested)
    )
    by_file = smp("review", "bulk", "--file", tmp_path / "decisions.csv", "--yes", "--json")
    assert {item["state"] for item in by_file.json["items"]} == {"approved"}
    (tmp_path / "decisions.csv").write_text(
        "item,decision,field,reason\n"
        + "".join(f'{one},exclude,,"not in use,\nsince 2019"\n' for one in flagged)
    )
    by_file = smp("review", "bulk", "--file", tmp_path / "decisions.csv", "--yes")
    assert by_file.out.startswith(
        f"{len(flagged)} item(s) decided: {len(flagged)} left out.\nLeft out: patients."
    )
    assert f"Nothing is left. Go on with: smp onboard {client}" in by_file.out
    decided = {check["name"]: check for check in smp("status", client, "--json").json["checks"]}
    assert all(decided[name]["actual"] == 0 for name in WAITING), decided
    assert "validated again once nothing waits" in decided["validation_demanded_passed"]["what_to_do"]

    # What was decided is validated first; nobody has to ask for that.
    other = smp("approve", client, "--version", 99)
    assert (other.code, smp("status", client, "--json").json["gate"]["approved"]) == (5, False)
    assert f"Version 99 of client '{client}' is not the newest one as it stands" in other.err
    published = smp("approve", client, "--reason", "All doubts are settled.")
    assert published.code == 0, published.err
    assert smp("release", "retry", client).code == 0
    status = smp("status", client, "--json").json
    assert (status["run"]["state"], status["gate"]["published_version"]) == (
        "completed",
        status["gate"]["version"],
    )
    rows = {row["source_column"]: row for row in smp("mappings", client, "--json").json}
    published, left_out = rows["date_of_birth"], rows["old_remark"]
    assert {row["validation_status"] for row in rows.values() if row["status"] == "approved"} <= {
        "validated",
        "waived",
        "nothing_to_check",
    }
    assert (published["confidence"], published["nothing_confidence"]) == (1.0, None)
    assert 0 < published["proposed_confidence"] < 1
    assert (left_out["confidence"], left_out["nothing_confidence"]) == (None, 1.0)
    assert left_out["validation_status"] is None
    assert smp("audit", "verify").out.startswith("intact All ")
    (line,) = (line for line in smp("client", "list", "--json").json if line["client"]["slug"] == client)
    assert (line["waiting"], line["published"]) == (0, status["gate"]["version"])
