"""``smp status``: where a client stands, and what a list leaves out."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from rich.console import Console

from schema_matching_pipeline.entrances.cli.status import HOLDING_SHOWN, draw_status
from schema_matching_pipeline.model.check import CheckSeverity, CheckVerdict
from schema_matching_pipeline.model.ids import RunId
from schema_matching_pipeline.model.pipeline import Phase, PipelineRun, PipelineState
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.model.review import GateState, HoldingItem
from schema_matching_pipeline.model.summary import SummaryTable
from schema_matching_pipeline.workflows.show_client import ClientStatus


def a_status(*checks: CheckVerdict, holding: int = 0, who: str = "a steward") -> ClientStatus:
    items = (
        HoldingItem(kind="mapping", what=f"t.c{number}", needed="a decision", who=who, item_id=f"i{number}")
        for number in range(holding)
    )
    gate = GateState(
        client="acme",
        version=1,
        digest="d",
        validated=False,
        approved=False,
        published_version=None,
        holding_review=tuple(items),
    )
    record = ClientRecord(
        slug="acme",
        name="Acme",
        tenant_id="default",
        trust_profile=None,
        canonical_model="practice",
        active=True,
        connection_id="c",
        source_kind="files",
        created_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
    return ClientStatus(client=record, run=None, dispositions=(), gate=gate, checks=checks)


def a_failed_check(name: str, left_out: int, rest: str = "") -> CheckVerdict:
    worst = SummaryTable(title="The worst", header=("what",), rows=(("a",),), left_out=left_out, rest=rest)
    return CheckVerdict(
        name=name,
        asset=Phase.MAPPINGS,
        passed=False,
        severity=CheckSeverity.ERROR,
        actual=13,
        threshold=0,
        message="",
        worst=worst,
    )


def drawn(found: ClientStatus) -> list[str]:
    page = io.StringIO()
    draw_status(Console(file=page, width=200), found)
    return page.getvalue().splitlines()


def cuts(found: ClientStatus) -> list[str]:
    return [line for line in drawn(found) if line.startswith("...")]


def test_a_cut_list_of_what_holds_the_gate_says_so_and_what_shows_the_rest() -> None:
    assert cuts(a_status(holding=HOLDING_SHOWN)) == []
    assert cuts(a_status(holding=HOLDING_SHOWN + 23)) == ["... and 23 more: smp review list acme"]


def test_what_waits_is_counted_as_the_queue_counts_it_and_the_final_approval_apart() -> None:
    approval = HoldingItem(kind="approval", what="version 1", needed="a final approval", who="a steward")
    waiting = a_status(holding=2)
    lines = drawn(waiting.but(gate=waiting.gate.but(holding_final=(approval,))))
    titles = [line.rstrip() for line in lines if line.rstrip().endswith(("for a decision", "the gate"))]
    assert titles == ["2 item(s) (2 mapping) wait for a decision", "What else holds the gate"]


def test_a_cut_list_of_the_worst_says_so_and_what_shows_the_rest() -> None:
    checks = [
        a_failed_check(name, left_out=3)
        for name in ("validation_demanded_passed", "source_unchanged", "profile_drift")
    ]
    assert cuts(a_status(*checks)) == [
        "... and 3 more: smp review list acme",
        "... and 3 more: smp source changes acme",
        "... and 3 more",
    ]
    assert cuts(a_status(a_failed_check("required_fields_covered", left_out=0))) == []
    asked_later = a_failed_check("required_fields_covered", left_out=3, rest="asked about later")
    assert cuts(a_status(asked_later)) == ["... and 3 more, asked about later: smp review list acme"]


def test_what_only_a_run_does_away_with_is_not_for_a_person_to_decide() -> None:
    assert drawn(a_status(holding=1))[-1] == "Decide what waits: smp review list acme"
    by_itself = drawn(a_status(holding=1, who="the pipeline, by validating again"))[-1]
    assert by_itself.endswith("the running pipeline goes on by itself, or: smp onboard acme")


def test_a_client_whose_first_run_is_under_way_is_not_told_to_start_it() -> None:
    unproposed = a_status()
    unproposed = unproposed.but(gate=unproposed.gate.but(version=None))
    assert (
        drawn(unproposed)[-1]
        == "Nothing is proposed yet; a running `smp up` does it by itself, or: smp onboard acme"
    )
    run = PipelineRun(
        id=RunId("r"), client="acme", state=PipelineState.PROFILING, trust_profile="conservative"
    )
    assert drawn(unproposed.but(run=run))[-1].startswith("Its run stands at profiling;")
