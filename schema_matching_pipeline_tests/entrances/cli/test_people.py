"""People beside the operating system's user on the embedded server: each acts by the key that he was given."""

from __future__ import annotations

from pathlib import Path

from schema_matching_pipeline_tests.entrances.cli.terminal import Said, Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables


def test_a_person_with_a_key_acts_in_his_own_name_and_by_his_own_role(smp: Terminal) -> None:
    acme = smp.onboarded(write_tables(smp.folder / "people", patients=PATIENTS))
    steward, viewer = added(smp, "grace", "steward"), added(smp, "victor", "viewer")
    item = next(item["id"] for item in smp.waiting(acme) if item["kind"] == "mapping")
    assert said_by(smp, viewer, "review", "reject", item, "--reason", "no").code == 5
    assert said_by(smp, {**steward, "SMP_API_KEY": "guessed"}, "review", "show", item).code == 5
    half = said_by(smp, {"SMP_API_KEY": steward["SMP_API_KEY"]}, "review", "reject", item, "--reason", "no")
    assert (half.code, "SMP_API_KEY is set and SMP_USER is not" in half.err) == (5, True)
    assert said_by(smp, steward, "review", "reject", item, "--reason", "no").code == 0
    assert smp("review", "show", item, "--json").json["history"][-1]["who"] == "grace"


def test_an_item_that_two_must_approve_says_who_did_and_who_else_may(smp: Terminal, tmp_path: Path) -> None:
    smp = smp.of("foureyes")
    unborn = {**PATIENTS, "date_of_birth": tuple(f"2999-03-{number % 28 + 1:02}" for number in range(40))}
    client = smp.onboarded(write_tables(tmp_path / "unborn", patients=unborn), name="unborn")
    check = next(item["id"] for item in smp.waiting(client) if item["required_approvals"] == 2)
    assert "It takes 2 different people to approve it" in smp("review", "show", check).out
    assert smp("review", "approve", check, "--reason", "They book ahead.").code == 0

    live_with_it = f"smp review approve {check[:10]} --reason WHY"
    (first,) = smp("review", "show", check, "--json").json["agreed"]
    to_the_first = smp("review", "show", check).out
    assert f"{first} approved it; a steward or admin other than {first} must approve it, too" in to_the_first
    assert live_with_it not in to_the_first
    assert live_with_it in smp("review", "show", check, **added(smp, "hedy", "steward")).out


def test_what_is_printed_with_a_new_person_makes_commands_that_persons(smp: Terminal) -> None:
    printed = smp("user", "add", "ruth", "--role", "steward").out
    assert "in the name of ruth where both are set" in printed
    words = [line.removeprefix("export ") for line in printed.splitlines() if line.startswith("export ")]
    told = dict(word.split("=", 1) for word in words)
    assert set(told) == {"SMP_USER", "SMP_API_KEY"}
    (person,) = (one for one in smp("doctor", "--json", **told).json if one["name"] == "person")
    assert person["message"] == "ruth (steward)"


def added(smp: Terminal, login: str, role: str) -> dict[str, str]:
    """The variables by which a new person acts."""
    made = smp("user", "add", login, "--role", role, "--json")
    assert made.code == 0, made.err
    return {"SMP_USER": login, "SMP_API_KEY": made.json["key"]}


def said_by(smp: Terminal, person: dict[str, str], *words: str) -> Said:
    return smp(*words, "--json", **person)
