"""``smp validation``: the findings of a client, as a table, as JSON and as a page."""

from __future__ import annotations

from pathlib import Path

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal


def test_what_holds_is_shown_where_it_is_asked_for(smp: Terminal, acme: str) -> None:
    found = smp("validation", acme, "--json").json
    assert {shown["standing"] for shown in found["findings"]} >= {"passed"}
    whole = smp("validation", acme, "--all").out
    assert all(shown["finding"]["message"] in whole for shown in found["findings"])
    shown = smp("validation", acme).out
    assert not any(
        each["finding"]["message"] in shown for each in found["findings"] if each["standing"] == "passed"
    )


def test_the_page_says_the_same_as_the_table(smp: Terminal, acme: str, tmp_path: Path) -> None:
    found = smp("validation", acme, "--json", "--html", tmp_path / "page.html").json
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert all(shown["finding"]["message"] in page for shown in found["findings"])
    assert f"<b>{len(found['findings'])}</b><span>questions to the data</span>" in page


def test_a_client_that_was_never_onboarded_has_nothing_to_show(smp: Terminal, acme: str) -> None:
    smp("client", "add", "unvalidated", "--source", smp.folder / "acme")
    answer = smp("validation", "unvalidated")
    assert (answer.code, "smp onboard unvalidated" in answer.out) == (0, True)


def test_a_client_that_nobody_knows_is_refused(smp: Terminal, acme: str) -> None:
    answer = smp("validation", "nobody")
    assert (answer.code, "nobody" in answer.err) == (2, True)
