"""``smp db``: down to an earlier revision and up again, with nothing lost that both know."""

from __future__ import annotations

from schema_matching_pipeline.registry.migrate import HEAD
from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal

EARLIER = "0014"


def test_a_registry_goes_down_and_up_again_and_keeps_its_clients(smp: Terminal, acme: str) -> None:
    alone = smp.of("moved")
    alone("client", "add", "moved", "--source", smp.folder / "acme")
    assert alone("db", "current", "--json").json == {"current": HEAD, "newest": HEAD}
    down = alone("db", "downgrade", EARLIER, "--yes")
    assert (down.code, f"stands at revision {EARLIER}" in down.out) == (0, True)
    assert alone("db", "current", "--json").json["current"] == EARLIER
    assert alone("db", "upgrade", "--json").json["current"] == HEAD
    assert "moved" in alone("client", "list", "--json").out


def test_the_next_command_brings_it_up_by_itself(smp: Terminal) -> None:
    smp("db", "upgrade")
    smp("db", "downgrade", EARLIER, "--yes")
    assert smp.process("client", "list").code == 0
    assert smp("db", "current", "--json").json["current"] == HEAD


def test_going_back_has_to_be_wanted(smp: Terminal) -> None:
    before = smp("db", "current", "--json").json
    said = smp("db", "downgrade", EARLIER)
    assert (said.code, "add --yes" in said.err) == (2, True)
    assert smp("db", "current", "--json").json == before


def test_a_revision_that_is_not_there_is_refused_and_nothing_changes(smp: Terminal) -> None:
    before = smp("db", "current", "--json").json
    said = smp("db", "upgrade", "9999")
    assert (said.code, "9999" in said.err) == (1, True)
    assert smp("db", "current", "--json").json == before
