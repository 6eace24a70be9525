"""``smp trust --error-rate``: what decisions allow to say about confidence."""

from __future__ import annotations

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables


def test_few_decisions_are_not_enough_and_how_many_would_be_is_said(smp: Terminal) -> None:
    client = smp.onboarded(write_tables(smp.folder / "trusted", patients=PATIENTS))
    nothing = smp("trust", client, "--error-rate", "0.05")
    assert nothing.code == 0, nothing.err
    assert "takes 59 without a mistake, and there are 0 decided" in nothing.out
    smp.decide_all(client)
    found = smp("trust", client, "--error-rate", "0.05", "--json").json
    assert (found["bar"], found["enough"], found["needed"]) == (None, False, 59)
    assert found["decided"] == sum(each["count"] for each in found["reliability"]) > 0
    assert "Confidence against decisions" in smp("trust", client, "--error-rate", "0.05").out


def test_a_wide_error_rate_is_held_by_a_handful_of_decisions(smp: Terminal) -> None:
    alone = smp.of("trusting")  # where nobody said that a suggestion about such a column is wrong
    client = alone.onboarded(write_tables(smp.folder / "trusted", patients=PATIENTS))
    alone.decide_all(client)
    ended = alone("trust", client, "--error-rate", "0.5", "--certainty", "0.5", "--with-others")
    assert "up no more than 50.0% of the suggestions are wrong, with 50% certainty" in ended.out


def test_whose_decisions_are_to_tell_has_to_be_said(smp: Terminal) -> None:
    ended = smp("trust", "--error-rate", "0.05")
    assert ended.code == 2
    assert "Name the client" in ended.err


def test_how_spot_checks_fared_is_told_of_a_client(smp: Terminal) -> None:
    client = smp.onboarded(write_tables(smp.folder / "trusted", patients=PATIENTS))
    assert "Spot checks (5.0 % of what is accepted comes back)" in smp("trust", client).out
    changed = smp("client", "set", client, "--spot-checks", "0.25", "--json").json
    assert changed["spot_check_share"] == 0.25
    found = smp("trust", client, "--json").json
    assert (found["spot_check_share"], found["spot_checks"]["answered"], found["spot_checks"]["wrong"]) == (
        0.25,
        0,
        0,
    )
    assert smp("client", "set", client, "--spot-checks", "2").code == 2
