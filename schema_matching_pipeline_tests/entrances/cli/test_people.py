"""People beside the operating system's user on the embedded server: each acts by the key that he was given."""

from __future__ import annotations

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


def added(smp: Terminal, login: str, role: str) -> dict[str, str]:
    """The variables by which a new person acts."""
    made = smp("user", "add", login, "--role", role, "--json")
    assert made.code == 0, made.err
    return {"SMP_USER": login, "SMP_API_KEY": made.json["key"]}


def said_by(smp: Terminal, person: dict[str, str], *words: str) -> Said:
    return smp(*words, "--json", **person)
