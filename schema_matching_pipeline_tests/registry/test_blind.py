"""Two people about one item: the second decides unaware of the first, and where they differ others settle it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from schema_matching_pipeline_tests.registry.people import add_people
from schema_matching_pipeline_tests.registry.steps import SECOND_STEWARD, STEWARD, Column, an_office
from schema_matching_pipeline_tests.registry.test_undo import NOT_ALLOWED, history, refused, state, undo

ITEM = "item-town-h1"
THIRD = "tim"
AMOUNT = {"target": "claim.amount", "reason": "no"}


@pytest.fixture
def office(app_url):
    made = an_office(app_url)
    made.propose(
        Column("member_no", "patient.id"),
        Column("dob", "patient.birth_date"),
        Column("town", "patient.city", "pending_review", 0.7),
    )
    with made.acting() as connection:
        connection.execute(
            text("UPDATE smp.review_items SET required_approvals = 2 WHERE id = :id"), {"id": ITEM}
        )
    add_people(app_url, made.tenant, {THIRD: "steward"})
    made.settle()
    return made


def disputed(office):
    return office.ask(
        "SELECT smp.is_disputed(client, id, opened_at) FROM smp.review_items WHERE id = :id", id=ITEM
    )


def mapped(office):
    return office.ask(
        "SELECT disposition || ' ' || coalesce(canonical_field, '-') FROM smp.field_mappings WHERE source_field = 'town'"
    )


SECOND_WORDS = {
    "reject": {"reason": "no"},
    "override": AMOUNT,
    "unmap": {"reason": "no"},
    "exclude": {},
}


@pytest.mark.parametrize("kind", SECOND_WORDS)
def test_a_second_person_who_says_otherwise_decides_nothing_alone(office, kind):
    office.decide(ITEM, "approve")
    assert not disputed(office)
    said = office.decide(ITEM, kind, actor=SECOND_STEWARD, **SECOND_WORDS[kind])
    assert (said["state"], disputed(office), mapped(office)) == (
        "awaiting_second",
        True,
        "pending_review city",
    )
    (held,) = office.gate()["holding_review"]
    assert held["who"] == "a third steward or admin, or one of those who differ"


def test_the_gate_does_not_tell_the_second_who_was_the_first(office):
    office.decide(ITEM, "approve")
    assert [held["who"] for held in office.gate()["holding_review"]] == [
        "another steward or admin than the first"
    ]


@pytest.mark.parametrize(
    ("kind", "details", "outcome"),
    [("approve", {}, "approved city"), ("override", AMOUNT, "approved amount")],
)
def test_a_third_person_settles_it_by_the_word_of_either(office, kind, details, outcome):
    office.decide(ITEM, "approve")
    office.decide(ITEM, "override", actor=SECOND_STEWARD, **AMOUNT)
    office.decide(ITEM, kind, actor=THIRD, **details)
    assert mapped(office) == outcome


def withheld(office, who):
    return office.ask(
        "SELECT smp.is_withheld(client, id, :who) FROM smp.review_items WHERE id = :id", id=ITEM, who=who
    )


def test_who_may_not_take_a_first_word_back_is_not_told_whose_it_is(office):
    office.decide(ITEM, "approve")
    sqlstate, message = refused(undo, office, ITEM, actor=THIRD)
    assert (sqlstate, STEWARD in message) == (NOT_ALLOWED, False)
    assert (withheld(office, STEWARD), withheld(office, THIRD)) == (False, True)


def test_a_first_word_that_an_administrator_took_back_stays_unknown_to_him(office):
    office.decide(ITEM, "approve")
    assert undo(office, ITEM, actor=SECOND_STEWARD)["state"] == "open"
    assert [withheld(office, who) for who in (STEWARD, SECOND_STEWARD, THIRD)] == [False, True, True]
    assert "Somebody took it back" in refused(undo, office, ITEM, actor=THIRD)[1]
    office.decide(ITEM, "approve", actor=SECOND_STEWARD)
    assert [withheld(office, who) for who in (STEWARD, SECOND_STEWARD, THIRD)] == [True, False, True]


def test_nothing_is_withheld_of_what_is_decided_or_disputed(office):
    office.decide(ITEM, "approve")
    office.decide(ITEM, "override", actor=SECOND_STEWARD, **AMOUNT)
    assert not withheld(office, THIRD)
    office.decide(ITEM, "approve", actor=THIRD)
    assert not withheld(office, "vi")


def test_a_third_word_settles_nothing(office):
    office.decide(ITEM, "approve")
    office.decide(ITEM, "override", actor=SECOND_STEWARD, **AMOUNT)
    assert office.decide(ITEM, "reject", actor=THIRD, reason="neither")["state"] == "awaiting_second"
    assert disputed(office)


def test_one_of_the_two_gives_in(office):
    office.decide(ITEM, "approve")
    office.decide(ITEM, "reject", actor=SECOND_STEWARD, reason="no")
    assert office.decide(ITEM, "reject", reason="you are right")["state"] == "rejected"


def test_the_same_field_by_another_rule_is_another_word(office):
    rule = {"steps": [{"step": "trim"}]}
    office.decide(ITEM, "override", **AMOUNT)
    office.decide(ITEM, "override", actor=SECOND_STEWARD, rule=rule, **AMOUNT)
    assert (disputed(office), mapped(office)) == (True, "pending_review city")
    office.decide(ITEM, "override", rule=rule, **AMOUNT)
    assert mapped(office) == "approved amount"


def test_nobody_counts_twice(office):
    office.decide(ITEM, "approve")
    assert refused(office.decide, ITEM, "approve")[0] == NOT_ALLOWED
    office.decide(ITEM, "override", actor=SECOND_STEWARD, **AMOUNT)
    sqlstate, message = refused(office.decide, ITEM, "approve")
    assert (sqlstate, "another one of somebody else" in message) == (NOT_ALLOWED, True)
    assert refused(office.decide, ITEM, "override", actor=SECOND_STEWARD, **AMOUNT)[0] == NOT_ALLOWED


def test_another_word_is_another_version_of_the_item(office):
    first = office.decide(ITEM, "approve")["row_version"]
    second = office.decide(ITEM, "override", actor=SECOND_STEWARD, **AMOUNT)["row_version"]
    assert second > first
    assert (
        "changed since it was shown"
        in refused(office.decide, ITEM, "approve", actor=THIRD, expected_row_version=first)[1]
    )


def test_a_word_that_made_them_differ_is_taken_back_alone(office):
    office.decide(ITEM, "approve")
    before = state(office)
    said = office.decide(ITEM, "override", actor=SECOND_STEWARD, **AMOUNT)
    undone = undo(office, ITEM, actor=SECOND_STEWARD, version=said["row_version"])
    assert (undone["state"], undone["row_version"] > said["row_version"]) == ("awaiting_second", True)
    assert (state(office), disputed(office)) == (before, False)
    assert history(office)[-1] == (SECOND_STEWARD, "undo", "awaiting_second", "awaiting_second")
    assert undo(office, ITEM)["state"] == "open"


def test_who_changes_his_word_alone_starts_anew(office):
    office.decide(ITEM, "approve")
    office.decide(ITEM, "override", **AMOUNT)
    assert not disputed(office)
    assert office.decide(ITEM, "reject", reason="no")["state"] == "rejected"
    assert office.ask("SELECT decided_by FROM smp.review_items WHERE id = :id", id=ITEM) == STEWARD
