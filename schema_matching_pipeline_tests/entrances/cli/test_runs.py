from __future__ import annotations

from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

PROPOSED = tuple(phase for phase in Phase if phase is not Phase.PUBLISHED_MAPPINGS)


def test_phases_run_one_by_one_and_leave_the_queue_as_it_was(smp: Terminal):
    client = smp.onboarded(write_tables(smp.folder / "stepwise", patients=PATIENTS))
    before = {item["id"] for item in smp.waiting(client)}
    states = [smp("run", "phase", client, phase, "--json").json["run"]["state"] for phase in PROPOSED]
    assert states == ["profiling", "quality_check", "classifying", "matching", "awaiting_review"]
    assert {item["id"] for item in smp.waiting(client)} == before


def test_publication_alone_is_refused_and_says_what_waits(smp: Terminal, acme: str):
    said = smp("run", "phase", acme, "published_mappings", "--json")
    assert said.code == 5
    assert said.fault["code"] == "GATE_CLOSED"


def test_a_phase_before_its_time_says_what_must_run_first(smp: Terminal):
    (smp.folder / "early").mkdir(exist_ok=True)
    (smp.folder / "early" / "people.csv").write_text("id,name\n1,Ann\n2,Bob\n")
    assert smp("client", "add", "early", "--source", smp.folder / "early").code == 0
    said = smp("run", "phase", "early", "mappings")
    assert said.code == 1
    assert "smp onboard early" in said.err


def test_there_is_nothing_to_cancel_where_nothing_runs(smp: Terminal, acme: str):
    said = smp("run", "cancel", acme, "--json")
    assert (said.code, said.json) == (0, {"client": acme, "cancelled": []})


def test_a_source_can_be_typed_so_that_the_shell_keeps_no_password(smp: Terminal):
    folder = smp.folder / "typed"
    folder.mkdir(exist_ok=True)
    (folder / "people.csv").write_text("id,name\n1,Ann\n")
    assert smp("source", "test", "-", typed=f"{folder}\n").code == 0
    nothing = smp("source", "test", "-", typed="")
    assert (nothing.code, "No source came on standard input" in nothing.err) == (2, True)
