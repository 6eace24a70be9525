"""The desk: the order of the queue, its filters, and what people put on items without deciding them."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.errors import BadDecisionError, NotAllowedError
from schema_matching_pipeline.model.access import KeyScope
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.review import QueueOrder
from schema_matching_pipeline_tests.registry.office import (
    ENGINEER,
    SECOND_STEWARD,
    STEWARD,
    a_column,
    a_profile,
    a_snapshot,
    doubt,
    make_office,
    ref,
    routed,
)
from schema_matching_pipeline_tests.registry.people import add_people
from schema_matching_pipeline_tests.registry.steps import connected, rows

ROWS = {"few": 10, "many": 1000, "sure": 1000, "sex": 100}


@pytest.fixture
def asked(office):
    """Four suggestions that wait: of one table, for more and fewer rows, more and less sure, more and less risky."""
    run = office.start_run()
    with office.open() as unit:
        profiled = (a_column(name, row_count=count + 5, null_count=5) for name, count in ROWS.items())
        unit.profiles.store_snapshot("acme", a_snapshot(*ROWS))
        unit.profiles.store("acme", run, a_profile(*profiled), {ref(name): "p" for name in ROWS})
    waits = {
        "few": ("visit.visit_id", 0.5, RiskClass.OPTIONAL),
        "many": ("visit.ward", 0.5, RiskClass.OPTIONAL),
        "sure": ("patient.patient_id", 0.96, RiskClass.OPTIONAL),
        "sex": ("patient.sex", 0.5, RiskClass.CRITICAL),
    }
    columns = [
        routed(name, target, Disposition.PENDING_REVIEW, confidence=had)
        for name, (target, had, _) in waits.items()
    ]
    with office.open() as unit:
        unit.reviews.sync(
            "acme", [doubt(column, risk_class=waits[column.ref.column][2]) for column in columns]
        )
    return office


def listed(office, **wanted):
    with office.open() as unit:
        return [line.item.ref.column for line in unit.reviews.list(**wanted).items]


def test_what_is_worth_most_comes_first(asked):
    with asked.open() as unit:
        found = {line.item.ref.column: (line.rows, line.value) for line in unit.reviews.list().items}
    # rows, times 9 for critical ones, times 4p(1-p)
    assert found == {
        "many": (1000, 1000.0),
        "sex": (100, 900.0),
        "sure": (1000, pytest.approx(1000 * 4 * 0.96 * 0.04)),
        "few": (10, 10.0),
    }
    assert listed(asked) == ["many", "sex", "sure", "few"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (QueueOrder.RISK, ["sex", "few", "many", "sure"]),
        (QueueOrder.CONFIDENCE, ["sure", "few", "many", "sex"]),
        (QueueOrder.TABLE, ["few", "many", "sex", "sure"]),
        (QueueOrder.ROWS, ["many", "sure", "sex", "few"]),
        (QueueOrder.AGE, ["few", "many", "sex", "sure"]),
    ],
)
def test_a_queue_is_listed_in_other_orders_too(asked, order, expected):
    assert listed(asked, order=order) == expected
    assert [name for page in (1, 2) for name in listed(asked, order=order, page=page, size=2)] == expected


def test_items_are_found_by_what_is_asked_about_them(asked):
    with asked.open() as unit:
        run = unit.runs.latest("acme").id
        first = unit.reviews.list(size=1).items[0].item.id
    with asked.open(STEWARD) as unit:
        unit.marks.flag("acme", first, "ask the clinic")
        unit.marks.assign("acme", first, SECOND_STEWARD)
    assert listed(asked, flagged=True) == listed(asked, assignee=SECOND_STEWARD) == ["many"]
    assert listed(asked, flagged=False) == ["sex", "sure", "few"]
    assert listed(asked, assignee=STEWARD) == listed(asked, table="others") == listed(asked, run="x") == []
    assert listed(asked, text="PATIENT.") == ["sex", "sure"]
    assert listed(asked, text="members.few") == ["few"]
    assert listed(asked, text="%") == []
    assert len(listed(asked, run=run)) == len(listed(asked, table="members")) == 4


def test_rows_that_come_later_move_an_item_up(asked):
    run = asked.start_run()
    with asked.open() as unit:
        unit.profiles.store_snapshot("acme", a_snapshot("few"))
        unit.profiles.store("acme", run, a_profile(a_column("few", row_count=9000)), {ref("few"): "p"})
        item = next(line.item for line in unit.reviews.list().items if line.item.ref.column == "few")
    with asked.open() as unit:
        asking = [line.item for line in unit.reviews.list().items]
        column = routed("few", "visit.visit_id", Disposition.PENDING_REVIEW, confidence=0.5)
        unit.reviews.sync("acme", [doubt(column, risk_class=RiskClass.OPTIONAL)])
    assert len(asking) == 4
    with asked.open() as unit:
        (line,) = unit.reviews.list().items
    assert (line.item.id, line.rows, line.value) == (item.id, 8999, 8999.0)


def test_marks_are_kept_and_audited_and_comments_are_for_ever(asked, registry_database):
    item = asked.waiting()[0].id
    with asked.open(STEWARD) as unit:
        unit.marks.comment("acme", item, "<script>alert(1)</script>")
        unit.marks.comment("acme", item, "seen")
        unit.marks.flag("acme", item, "ask")
        unit.marks.assign("acme", item, STEWARD)
    with asked.open(SECOND_STEWARD) as unit:
        unit.marks.flag("acme", item, None)
        unit.marks.assign("acme", item, None)
        line = unit.reviews.find(item)
        said = [(each.who, each.text) for each in unit.marks.comments("acme", item)]
        subjects = [(event.subject, event.action, event.actor) for event in unit.audit.list(limit=6)]
    assert (line.flag, line.assignee, line.comments) == (None, None, 2)
    assert said == [(STEWARD, "<script>alert(1)</script>"), (STEWARD, "seen")]
    assert subjects == [
        ("item_marks", "updated", SECOND_STEWARD),
        ("item_marks", "updated", SECOND_STEWARD),
        ("item_marks", "updated", STEWARD),
        ("item_marks", "created", STEWARD),
        ("item_comments", "created", STEWARD),
        ("item_comments", "created", STEWARD),
    ]
    with connected(registry_database.owner_url) as connection:
        granted = rows(
            connection,
            "SELECT DISTINCT privilege_type FROM information_schema.table_privileges"
            " WHERE table_name IN ('item_comments', 'item_marks') AND grantee = 'smp_app'",
        )
    assert granted == [("SELECT",)]


def test_who_is_shown_values_is_kept_and_audited_for_ever(asked, registry_database):
    item = asked.waiting()[0]
    with asked.open(STEWARD) as unit:
        unit.marks.note_reveal("acme", item.id, "  to compare with the register ", 7)
        (reveal,) = unit.marks.reveals("acme", item.id)
        event = unit.audit.list(limit=1)[0]
    assert (reveal.who, reveal.values, reveal.reason) == (STEWARD, 7, "to compare with the register")
    assert (event.subject, event.action, event.actor) == ("reveals", "created", STEWARD)
    assert '"values_shown": 7' in (event.new or "")
    with connected(registry_database.owner_url) as connection:
        granted = rows(
            connection,
            "SELECT DISTINCT privilege_type FROM information_schema.table_privileges"
            " WHERE table_name = 'reveals' AND grantee = 'smp_app'",
        )
    assert granted == [("SELECT",)]


@pytest.mark.parametrize("reason", ["", " \n", "x" * 2001])
def test_without_a_reason_nobody_is_shown_values(asked, reason):
    with pytest.raises(BadDecisionError, match="why the values are needed"), asked.open(STEWARD) as unit:
        unit.marks.note_reveal("acme", asked.waiting()[0].id, reason, 1)


def test_nobody_else_is_shown_values_nor_by_a_key_for_one_use(asked, registry, app_url):
    item = asked.waiting()[0].id
    for actor in (ENGINEER, "system:pipeline"):
        with pytest.raises(NotAllowedError), asked.open(actor) as unit:
            unit.marks.note_reveal("acme", item, "to compare", 1)
    with asked.open(STEWARD) as unit:
        key = unit.api_keys.add(STEWARD, "deciding", KeyScope.DECIDE, None)
    with (
        pytest.raises(NotAllowedError, match="of scope decide shows no values"),
        asked.registry.open(asked.tenant, STEWARD, key=key) as unit,
    ):
        unit.marks.note_reveal("acme", item, "to compare", 1)
    stranger = make_office(registry, app_url, "strangers")
    with pytest.raises(BadDecisionError, match="There is no item"), stranger.open(STEWARD) as unit:
        unit.marks.note_reveal("acme", item, "to compare", 1)


def test_marking_decides_nothing_and_leaves_the_item_as_it_was_shown(asked):
    before = asked.waiting()
    with asked.open(STEWARD) as unit:
        unit.marks.comment("acme", before[0].id, "seen")
        unit.marks.flag("acme", before[0].id, "ask")
    assert asked.waiting() == before


@pytest.mark.parametrize("body", ["", "  ", "x" * 10_001])
def test_a_comment_says_something_and_not_too_much(asked, body):
    with pytest.raises(BadDecisionError, match="1 to 10000"), asked.open(STEWARD) as unit:
        unit.marks.comment("acme", asked.waiting()[0].id, body)


def test_an_item_is_given_to_nobody_who_may_not_decide_about_it(asked):
    asked.add_client("another")
    add_people(
        asked.url, asked.tenant, {"elsewhere": "steward", "boss": "admin"}, {"elsewhere": ("another",)}
    )
    item = asked.waiting()[0].id
    for login in (ENGINEER, "elsewhere", "nobody", ""):
        with (
            pytest.raises(BadDecisionError, match="These may: ada, boss, grace"),
            asked.open(STEWARD) as unit,
        ):
            unit.marks.assign("acme", item, login)
    for mark in (
        lambda unit: unit.marks.comment("acme", item, "seen"),
        lambda unit: unit.marks.flag("acme", item, "ask"),
        lambda unit: unit.marks.assign("acme", item, STEWARD),
    ):
        for actor in (ENGINEER, "system:pipeline"):
            with pytest.raises(NotAllowedError), asked.open(actor) as unit:
                mark(unit)


def test_strangers_mark_nothing(asked, registry, app_url):
    item = asked.waiting()[0].id
    stranger = make_office(registry, app_url, "strangers")
    with pytest.raises(BadDecisionError, match="There is no item"), stranger.open(STEWARD) as unit:
        unit.marks.comment("acme", item, "seen")
