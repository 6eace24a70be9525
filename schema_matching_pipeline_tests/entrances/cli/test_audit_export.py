"""``smp audit export``: the audit as a file that anybody can verify."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from schema_matching_pipeline import __version__
from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal


def test_the_audit_of_a_client_leaves_signed_and_that_is_audited(
    smp: Terminal, acme: str, tmp_path: Path
) -> None:
    path = tmp_path / "audit.jsonl"
    made = smp("audit", "export", path, acme)
    assert made.code == 0, made.err
    head, *rows, seal = [json.loads(line) for line in path.read_text().splitlines()]
    assert (head["client"], {row["tenant_id"] for row in rows}) == (acme, {rows[0]["tenant_id"]})
    listed = smp("audit", "list", acme, "--limit", "10000", "--json").json
    left = next(event for event in listed if event["subject"] == "exports")
    assert left["new"]["rows"] == len(rows)
    assert [row["seq"] for row in rows] == [e["seq"] for e in reversed(listed) if e["seq"] < left["seq"]]
    assert (rows[-1]["hash"] != "", len(seal["seal"]["signature"])) == (True, 128)


def test_an_exported_audit_is_verified_without_the_registry(smp: Terminal, acme: str, tmp_path: Path) -> None:
    path, changed = tmp_path / "audit.jsonl", tmp_path / "changed.jsonl"
    key = smp("audit", "export", path, acme, "--json").json["message"].removesuffix(".").rpartition(" ")[2]
    assert smp("audit", "verify", "--file", path, "--key", key).code == 0
    assert smp("audit", "verify", "--file", path, "--key", "0" * 64).code == 1
    changed.write_text(path.read_text().replace('"actor": "', '"actor": "not-', 1))
    ended = smp("audit", "verify", "--file", changed)
    assert (ended.code, "A line was changed" in ended.out) == (1, True)


def test_what_is_no_export_is_told(smp: Terminal, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("a\nb\n")
    ended = smp("audit", "verify", "--file", tmp_path / "other.txt")
    assert (ended.code, "The last line is no seal" in ended.out) == (1, True)
    assert "cannot be read" in smp("audit", "verify", "--file", tmp_path / "nothing").err
    assert "Name it with --file" in smp("audit", "verify", "--key", "ab").err
    assert "There is no folder" in smp("audit", "export", tmp_path / "no" / "audit.jsonl").err


def test_what_a_command_and_a_run_did_is_told_with_the_program_and_no_address(
    smp: Terminal, acme: str
) -> None:
    events = smp("audit", "list", acme, "--limit", "10000", "--json").json
    by_hand = next(event for event in events if event["subject"] == "clients")
    assert (by_hand["agent"], by_hand["address"]) == (f"smp/{__version__}", None)
    runs = {event["agent"] for event in events if event["subject"] == "field_mappings"}
    assert all(re.fullmatch(r"dagster run [0-9a-f-]{36}", agent) for agent in runs), runs
    assert runs


def test_the_audit_of_the_whole_tenant_leaves_too(smp: Terminal, acme: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    assert smp("audit", "export", path).code == 0
    whole = path.read_text().splitlines()
    assert smp("audit", "verify", "--json").json["rows"] - 1 == len(whole) - 2


@pytest.mark.parametrize(
    ("words", "what"),
    [
        pytest.param(("mappings", "--json"), "mappings/json", id="mappings as JSON"),
        pytest.param(("mappings", "--format", "yaml"), "mappings/yaml", id="mappings as YAML"),
        pytest.param(("mappings", "--format", "csv"), "mappings/csv", id="mappings as CSV"),
        pytest.param(("validation", "--html", "page.html"), "validation/html", id="a page of the validation"),
        pytest.param(("validation", "--json"), "validation/json", id="the validation as JSON"),
        pytest.param(("values list", "--json"), "values/json", id="coded values as JSON"),
        pytest.param(("audit list", "--json"), "audit/json", id="the audit as JSON"),
    ],
)
def test_what_leaves_in_bulk_is_audited(words: tuple[str, ...], what: str, smp: Terminal, acme: str) -> None:
    command, *rest = words
    assert smp(*command.split(), acme, *rest).code == 0
    newest = smp("audit", "list", acme, "--limit", "1", "--json").json[0]
    assert (newest["subject"], newest["subject_key"]) == ("exports", f"{acme}/{what}")


def test_what_is_looked_at_on_the_screen_is_no_export(smp: Terminal, acme: str) -> None:
    before = smp("audit", "list", acme, "--limit", "1", "--json").json[0]["seq"]
    for command in ("mappings", "validation", "values list", "audit list"):
        assert smp(*command.split(), acme).code == 0
    since = [event for event in smp("audit", "list", acme, "--json").json if event["seq"] > before]
    # The first line of this test took the audit as JSON, and that alone is an export.
    exports = [event["subject_key"] for event in since if event["subject"] == "exports"]
    assert exports == [f"{acme}/audit/json"], since


def test_what_the_registry_was_leaves_audited_too(smp: Terminal, acme: str) -> None:
    then = smp("audit", "list", acme, "--limit", "1", "--json").json[0]["at"]
    rows = smp("audit", "as-of", then, acme, "--json").json["rows"]
    (newest,) = smp("audit", "list", acme, "--limit", "1", "--json").json
    assert (newest["subject_key"], newest["new"]["rows"]) == (f"{acme}/as of/json", len(rows))
    assert newest["new"]["asked"] == {"at": then.replace("Z", "+00:00"), "kind": "field_mappings"}


def test_a_time_of_which_nothing_is_known_is_told_in_words(smp: Terminal, acme: str) -> None:
    said = smp("audit", "as-of", "2020-01-01", acme)
    assert (said.code, said.out.startswith("The registry held no field_mappings at ")) == (0, True)
    refused = smp("audit", "as-of", "2020-01-01", "nobody")
    assert (refused.code, "nobody" in refused.err) == (smp("mappings", "nobody").code, True)


def test_the_audit_is_searched_at_the_terminal(smp: Terminal, acme: str) -> None:
    listed = smp("audit", "list", acme, "--limit", "10000", "--json").json
    created = [e["seq"] for e in listed if (e["subject"], e["action"]) == ("clients", "created")]
    row = next(event for event in listed if event["seq"] == created[0])
    asked = ("--actor", row["actor"], "--subject", "clients", "--action", "created", "--since", row["at"])
    found = smp("audit", "list", acme, *asked, "--json").json
    assert [event["seq"] for event in found] == created
    left = smp("audit", "list", acme, "--limit", "1", "--json").json[0]
    assert (left["new"]["asked"]["actor"], left["new"]["asked"]["subject"]) == (row["actor"], "clients")
    assert smp("audit", "list", acme, "--until", row["at"], "--subject", "clients", "--json").json == []
    assert smp("audit", "list", acme, "--actor", "nobody", "--json").json == []


def test_what_cannot_be_searched_for_is_told(smp: Terminal, acme: str) -> None:
    refused = smp("audit", "list", acme, "--subject", "user")
    assert (refused.code, "Did you mean 'users'?" in refused.err) == (2, True)
    assert "Known: created, decided" in smp("audit", "list", acme, "--action", "erased").err
    assert "is no time" in smp("audit", "list", acme, "--since", "yesterday").err
    refused = smp("audit", "list", acme, "--since", "2026-11-21", "--until", "2026-11-20")
    assert (refused.code, "ends before it begins" in refused.err) == (2, True)
