"""``smp explain``: the parts of a confidence sum to it, and what speaks for another field can be asked."""

from __future__ import annotations

from math import log

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal


def test_the_steps_lead_to_the_confidence_that_was_proposed(smp: Terminal, acme: str) -> None:
    found = smp("explain", acme, "patients.date_of_birth", "--json").json
    assert found["mapped_to"] == found["target"] == {"entity": "patient", "field": "birth_date"}
    steps, confidence = found["steps"], found["confidence"]
    assert steps[0]["signal"] == "base"
    assert abs(steps[-1]["confidence"] - confidence) < 1e-6
    assert abs(sum(step["share"] for step in steps) - log(confidence / (1 - confidence))) < 1e-6
    (line,) = [row for row in smp("mappings", acme, "--json").json if row["source_column"] == "date_of_birth"]
    assert abs(line["confidence"] - confidence) < 1e-4


def test_people_see_a_waterfall_and_the_way_to_the_other_candidates(smp: Terminal, acme: str) -> None:
    shown = smp("explain", acme, "patients.date_of_birth").out
    assert "patient.birth_date, the likeliest of " in shown
    assert "words of the two names" in shown
    assert "█" in shown
    _, _, way = shown.strip().splitlines()[-1].partition("smp explain ")
    other = smp("explain", *way.split()).out
    assert f"{way.split()[-1]}, number 2 of " in other


def test_what_is_not_there_is_named_with_what_is(smp: Terminal, acme: str) -> None:
    unknown = smp("explain", acme, "patients.date_of_brith")
    assert unknown.code == 2
    assert "Did you mean 'patients.date_of_birth'?" in unknown.err
    no_candidate = smp("explain", acme, "patients.date_of_birth", "--field", "claim.total")
    assert no_candidate.code == 2
    assert "Only the likeliest fields of a column are kept" in no_candidate.err


def test_a_column_left_out_before_matching_says_so(smp: Terminal, acme: str) -> None:
    smp("review", "exclude", acme, "patients.email", "--reason", "of no use here")
    smp("onboard", acme)
    assert "it was left out before" in smp("explain", acme, "patients.email").out
