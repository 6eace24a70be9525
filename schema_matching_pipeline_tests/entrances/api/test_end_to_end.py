"""A client from its source into production: a hundred questions, two people, their keyboards, and a running installation.

The installation is the one that `smp up` starts; nothing but its own daemon runs anything here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from time import monotonic

import psycopg
import pytest
from playwright.sync_api import expect

from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.pipeline import PipelineState
from schema_matching_pipeline.model.review import ItemKind, ItemState, ReviewItem
from schema_matching_pipeline.workflows.list_review import show_item
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.read_audit import verify_audit
from schema_matching_pipeline_tests.entrances.api.at_the_desk import Desk, at_the_desk
from schema_matching_pipeline_tests.entrances.api.hundred_questions import (
    AMBIGUOUS,
    CRITICAL,
    EASY,
    TABLES,
    TRUST,
    WITHOUT_TARGET,
)
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    PEOPLE,
    Installation,
    free_port,
    make_installation,
)
from schema_matching_pipeline_tests.entrances.dagster.machine import Machine
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

MINE, OTHERS = PEOPLE
TOGETHER = 40
CONTESTED = ("procedures.code", "appointments.kind", "diagnoses.memo")
MEANT = {**EASY, **AMBIGUOUS}
Answers = Mapping[str, tuple[str, ...]]
"""By which keys a person who knows the columns answers each item."""


@pytest.fixture(scope="module")
def running(embedded_server, _template, tmp_path_factory) -> Iterator[Installation]:
    """An installation that `smp up` keeps at work."""
    made = make_installation(
        embedded_server, _template, tmp_path_factory.mktemp("running"), free_port(), trust=TRUST
    )
    machine = Machine(made)
    with made.keeping_dagster() as installation:
        yield installation
    machine.stop()


def test_a_hundred_questions_are_answered_by_keyboard_and_what_they_say_goes_into_production(
    browser, running, pictures, record_property
):
    client = running.add_client("hundred", start=True, **TABLES)
    wait_for("the questions", lambda: asks(running, client))
    items = running.items(client)
    asked = by_class(items)
    answers = {item.id: keys_for(item) for item in items}
    assert {name: len(items) for name, items in asked.items()} == {
        "easy": 60, "ambiguous": 25, "without target": 10, "critical": 5
    }  # fmt: skip
    began = monotonic()
    served = running.settings.desk_address
    with (
        at_the_desk(browser, running, served, running.steward, client) as mine,
        at_the_desk(browser, running, served, running.second, client) as other,
    ):
        mine.open()
        mine.keep(pictures, "hundred-questions")
        for column in CONTESTED:
            meet_another(running, mine, other, answers, column)
        mine.keep(pictures, "another-was-first")
        decide_together(running, mine)
        mine.keep(pictures, "forty-together")
        decide_one_by_one(mine, answers)
        seconds = monotonic() - began
        mine.keep(pictures, "waits-for-another")
        second_the_critical(running, other)
        other.keep(pictures, "second-person")
        assert running.gate(client).review_open
        assert running.published(client) == 0
        wait_for("validation of what was decided", lambda: running.gate(client).validated)
        approve(mine)
        mine.keep(pictures, "approved")
        wait_for("publication by itself", lambda: running.published(client))
        expect(mine.page.get_by_text("is in production")).to_be_visible()
        mine.keep(pictures, "in-production")
    check_registry(running, client)
    check_audit(running, client)
    record_property("keys pressed to decide 97 of 100 items and approve the version", mine.presses)
    record_property("keys pressed by the second person, for 8 decisions", other.presses)
    record_property("seconds to decide, by a script", round(seconds, 1))


def asks(running: Installation, client: str) -> bool:
    """Whether the pipeline ran up to its first gate."""
    with open_as(running.world, running.steward) as unit:
        run = unit.runs.latest_or_none(client)
    return run is not None and run.state is PipelineState.AWAITING_REVIEW


def by_class(items: Collection[ReviewItem]) -> dict[str, list[ReviewItem]]:
    """What waits, by what a person will do about it; anything else is a class of its own, which no test expects."""
    found: dict[str, list[ReviewItem]] = {"easy": [], "ambiguous": [], "without target": [], "critical": []}
    for item in items:
        column = str(item.ref)
        match item.kind:
            case ItemKind.VALIDATION if column in CRITICAL and item.required_approvals == 2:
                name = "critical"
            case ItemKind.QUALITY if column in WITHOUT_TARGET:
                name = "without target"
            case ItemKind.MAPPING if column in MEANT:
                name = "easy" if column in EASY else "ambiguous"
            case _:
                name = f"{item.kind} {column}"
        found.setdefault(name, []).append(item)
    return found


def item_of(running: Installation, client: str, column: str) -> str:
    (item,) = (item.id for item in running.items(client) if str(item.ref) == column)
    return item


def meet_another(running: Installation, mine: Desk, other: Desk, answers: Answers, column: str) -> None:
    """Two people look at one item: what the other decided is told, and is not overwritten."""
    item = item_of(running, mine.client, column)
    mine.show(item)
    other.show(item)
    other.decide(*answers[item])
    mine.decide("0", "1", status=409)
    expect(mine.page.locator("#said")).to_contain_text(f"{OTHERS} said")
    expect(mine.page.locator("#item")).to_have_attribute("data-open", "no")
    assert [act.who for act in show_item(running.world, running.steward, item).history] == [OTHERS]


def decide_together(running: Installation, desk: Desk) -> None:
    """Forty are selected, shown, decided, taken back as a whole, and made again."""
    desk.open("&kind=mapping&risk=important&order=confidence")
    before = {item.id for item in running.items(desk.client)}
    desk.press("x")
    for _ in range(TOGETHER - 1):
        desk.move("j")
    desk.press("X")
    expect(desk.page.locator("#picked")).to_contain_text(f"{TOGETHER} selected")
    desk.press("b")
    expect(desk.page.locator("#bulk-go")).to_be_focused()
    sent = desk.page.locator("#bulk-body input[name=items]").input_value().split(",")
    meant = {each.partition(":")[0] for each in sent}
    assert len(meant) == TOGETHER
    for key, left in (("Enter", before - meant), ("u", before), ("U", before - meant)):
        desk.decide(key)
        assert {item.id for item in running.items(desk.client)} == left


def decide_one_by_one(desk: Desk, answers: Answers) -> None:
    """Whatever comes next is answered, until nothing is left but what waits for another person."""
    desk.open()
    while desk.page.locator("#approve").count():
        desk.decide(*answers[desk.item])


def second_the_critical(running: Installation, other: Desk) -> None:
    """The gate stays closed until the last of what is critical has its second approval."""
    waiting = running.items(other.client)
    assert {str(item.ref) for item in waiting} == CRITICAL
    assert {item.state for item in waiting} == {ItemState.AWAITING_SECOND}
    other.open("&kind=validation")
    for left in reversed(range(len(waiting))):
        assert not running.gate(other.client).review_open
        other.decide("a", "1")
        assert len(running.items(other.client)) == left


def approve(desk: Desk) -> None:
    """From the queue to the client's page, and there the version into production."""
    desk.press("g", "d")
    expect(desk.page.locator("#clients")).to_be_visible()
    desk.reach(desk.client)
    desk.press("Enter")
    expect(desk.page.get_by_role("button", name="Approve version")).to_be_visible()
    desk.reach("Approve version")
    desk.press("Enter")
    expect(desk.page.locator("#approve-go")).to_be_focused()
    with desk.page.expect_response(lambda answer: answer.request.method == "POST"):
        desk.press("Enter")
    expect(desk.page.get_by_role("button", name="Approve version")).to_have_count(0)


def keys_for(item: ReviewItem) -> tuple[str, ...]:
    """The keys for what is right: a number where it is not what is suggested."""
    meant = MEANT.get(str(item.ref))
    if item.kind is ItemKind.VALIDATION:
        return ("a", "1")
    if meant is None:
        return ("0", "1")
    confirmed = ("Enter",) if item.risk_class is RiskClass.CRITICAL else ()
    if str(item.target) == meant:
        return ("a", *confirmed)
    ranked = [str(one.target) for one in item.candidates if one.target != item.target]
    return (str(ranked.index(meant) + 2), "a", *confirmed)


def check_registry(running: Installation, client: str) -> None:
    """In production is what the two people know, and nothing else."""
    with open_as(running.world, running.steward) as unit:
        published = unit.publications.published(client)
    assert {str(each.ref): str(each.target) for each in published if each.target} == MEANT
    assert [item for item in running.items(client) if not item.spot_check] == []
    assert running.gate(client).final_open


def check_audit(running: Installation, client: str) -> None:
    """Every decision stands in the history with its person; the chain of the audit is whole."""
    with psycopg.connect(running.owner_url()) as connection:
        connection.execute("select set_config('smp.tenant_id', %s, false)", [running.steward.tenant_id])
        rows = connection.execute(
            "select actor, decision, count(*) from smp.review_actions where client = %s group by 1, 2",
            [client],
        ).fetchall()
        approved = connection.execute(
            "select decided_by from smp.final_approvals where client = %s", [client]
        ).fetchall()
    said = Counter({(actor, decision): many for actor, decision, many in rows})
    assert said == {
        (MINE, "approve"): 2 * TOGETHER + (len(MEANT) - TOGETHER - 2) + len(CRITICAL),
        (MINE, "undo"): TOGETHER,
        (MINE, "unmap"): len(WITHOUT_TARGET) - 1,
        (OTHERS, "approve"): 2 + len(CRITICAL),
        (OTHERS, "unmap"): 1,
    }
    assert approved == [(MINE,)]
    assert verify_audit(running.world, running.steward).intact
