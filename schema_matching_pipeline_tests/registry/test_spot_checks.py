"""Columns that come back blind: nobody is told what was accepted, nothing waits for the answer, and it counts once."""

from __future__ import annotations

from uuid import uuid4

import pytest

from schema_matching_pipeline.errors import BadDecisionError, NotAllowedError, StaleDecisionError
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.matching import Disposition, TransformRule
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemState
from schema_matching_pipeline_tests.registry.office import (
    ENGINEER,
    SECOND_STEWARD,
    STEWARD,
    a_spot_check,
    field,
    ref,
    routed,
)

ID = routed("id", "patient.patient_id")
SEX = routed("sex", "patient.sex", confidence=0.9876)


@pytest.fixture
def checked(office):
    """The office with two columns accepted and published, of which one comes back."""
    office.propose(ID, SEX)
    office.approve_and_publish()
    draw(office, SEX)
    return office


def draw(office, *columns, **stated):
    with office.open() as unit:
        return unit.spot_checks.draw("acme", [a_spot_check(column, **stated) for column in columns])


def the_check(office):
    """The question that is asked blind."""
    return next(item for item in office.waiting() if item.asks_blind)


def answer(office, target=None, *, by=STEWARD, item=None, **more):
    asked = item or the_check(office)
    kind = DecisionKind.OVERRIDE if target else DecisionKind.UNMAP
    with office.open(by) as unit:
        decision = Decision(item_id=asked.id, kind=kind, target=field(target) if target else None, **more)
        return unit.reviews.decide(decision)


def column(office, name="sex"):
    with office.open() as unit:
        return unit.mappings.column("acme", ref(name))


def queues(unit):
    """The queue of all clients, counted anew and as it was counted last, and that of one."""
    yield unit.reviews.list()
    unit.standing.list()
    yield unit.reviews.list()
    yield unit.reviews.list(client="acme")


def figures(office):
    with office.open() as unit:
        found = unit.spot_checks.figures("acme")
    return found.waiting, found.answered, found.wrong


def judged(office):
    with office.open() as unit:
        return [(each.confidence, each.right) for each in unit.reviews.decided_suggestions("acme")]


def gate(office):
    with office.open() as unit:
        return unit.publications.gate("acme")


def test_the_question_says_nothing_of_what_was_accepted(checked):
    asked = the_check(checked)
    assert (asked.ref, asked.target, asked.rule, asked.candidates, asked.facts) == (
        ref("sex"),
        None,
        None,
        (),
        (),
    )
    assert (asked.needed, asked.had, asked.risk_class) == (1.0, 0.0, RiskClass.OPTIONAL)
    assert asked.choices == (field("patient.birth_date"), field("patient.sex"), field("visit.ward"))
    with checked.open() as unit:
        kept = unit.reviews.find(asked.id).model_dump_json()
    assert "0.98" not in kept


def test_no_row_of_the_audit_about_the_question_says_what_was_accepted(checked):
    asked = the_check(checked)
    with checked.open() as unit:
        told = [event.model_dump_json() for event in unit.audit.list(limit=100) if event.item == asked.id]
        kinds = {event.subject for event in unit.audit.list(limit=100)}
    assert len(told) == 1
    assert "0.9876" not in told[0]
    assert '"entity":null' in told[0]
    assert "spot_checks" not in kinds


def test_nothing_waits_for_the_answer(office):
    office.propose(ID, SEX)
    draw(office, SEX)
    office.validate()
    assert gate(office).review_open
    office.approve_and_publish()
    assert gate(office).published_version == 1
    assert figures(office) == (1, 0, 0)
    with office.open() as unit:
        assert [(found.total, found.spot_checks, found.holding) for found in queues(unit)] == [(1, 1, 0)] * 3
    with office.open() as unit:
        (standing,) = unit.standing.list()
        assert (standing.waiting, standing.spot_checks, standing.oldest) == (0, 1, None)
        assert unit.reviews.still_open("acme") == 0


def test_who_names_the_accepted_field_approves_it(checked):
    decided = answer(checked, "patient.sex")
    assert (decided.state, decided.target, decided.had, decided.risk_class) == (
        ItemState.APPROVED,
        field("patient.sex"),
        0.9876,
        RiskClass.CRITICAL,
    )
    assert (column(checked).disposition, column(checked).decided_by) == (Disposition.APPROVED, STEWARD)
    assert (judged(checked), figures(checked)) == ([(0.9876, True)], (0, 1, 0))
    assert (gate(checked).version, gate(checked).published_version) == (1, 1)


def test_how_often_answers_differ_is_told_with_an_interval(office):
    columns = [routed(f"c{number}", "visit.ward", confidence=0.99) for number in range(10)]
    office.propose(ID, *columns)
    draw(office, *columns)
    for number in range(10):
        answer(office, "visit.visit_id" if number < 2 else "visit.ward")
    with office.open() as unit:
        found = unit.spot_checks.figures("acme")
    assert (found.waiting, found.answered, found.wrong) == (0, 10, 2)
    assert (found.at_least, found.at_most) == (
        pytest.approx(0.0567, abs=1e-4),
        pytest.approx(0.5098, abs=1e-4),
    )


def test_the_rule_that_was_accepted_stays_where_the_field_is_named(office):
    rule = TransformRule(cast="date")
    office.propose(ID, SEX)
    run(
        office,
        """update smp.field_mappings set transformation_rule = '{"cast": "date"}' where source_field = 'sex'""",
    )
    draw(office, SEX, rule=rule)
    answer(office, "patient.sex")
    assert column(office).rule == rule


@pytest.mark.parametrize("target", ["visit.ward", None], ids=["another field", "no field"])
def test_another_answer_counts_against_it_and_makes_a_new_version(checked, target):
    decided = answer(checked, target)
    assert decided.state is ItemState.OVERRIDDEN
    assert (judged(checked), figures(checked)) == ([(0.9876, False)], (0, 1, 1))
    assert column(checked).target == (field(target) if target else None)
    assert (gate(checked).version, gate(checked).published_version, gate(checked).validated) == (2, 1, False)
    with checked.open() as unit:
        (patient,) = [one for one in unit.trust.accuracy("acme") if one.signal is None]
        (signal,) = [one for one in unit.trust.accuracy("acme") if one.signal]
        suggested = unit.reviews.reviewed_suggestions("acme")
    assert (patient.entity, patient.decided, patient.right) == ("patient", 1, 0)
    assert (signal.signal, signal.decided, signal.right) == ("name_tokens", 1, 0)
    assert [(one.count, one.right) for one in suggested] == [(1, 0)]


def test_answers_are_taken_without_reasons_whatever_was_accepted(checked):
    answer(checked, "visit.ward", reason="")
    with checked.open() as unit:
        (said,) = unit.reviews.history(the_decided(checked).id)
    assert (said.who, said.target, said.reason) == (
        STEWARD,
        field("visit.ward"),
        "said blind, when asked by a spot check",
    )


def the_decided(office):
    with office.open() as unit:
        return unit.reviews.list(decided=True).items[0].item


@pytest.mark.parametrize("kind", ["approve", "reject", "exclude", "include"])
@pytest.mark.parametrize("target", ["patient.sex", "patient.birth_date", None])
def test_no_other_word_is_taken_whatever_was_accepted(checked, kind, target):
    asked = the_check(checked)
    wanted = Decision(
        item_id=asked.id, kind=DecisionKind(kind), target=field(target) if target else None, reason="x"
    )
    with pytest.raises(BadDecisionError, match="answered with the field that the column fills"):
        decide(checked, wanted)
    assert the_check(checked) == asked


def decide(office, decision, by=STEWARD):
    with office.open(by) as unit:
        return unit.reviews.decide(decision)


@pytest.mark.parametrize("version", [0, 9])
def test_an_answer_to_an_earlier_picture_is_refused(checked, version):
    with pytest.raises(StaleDecisionError, match="changed since it was shown"):
        answer(checked, "patient.sex", expected_row_version=version)
    assert figures(checked) == (1, 0, 0)


def test_an_answer_that_comes_twice_counts_once(checked):
    asked = the_check(checked)
    first = answer(checked, "patient.sex", expected_row_version=asked.row_version)
    again = answer(checked, "patient.sex", item=asked, expected_row_version=asked.row_version)
    assert (first, figures(checked)) == (again, (0, 1, 0))
    with pytest.raises(StaleDecisionError, match="decided already: ada said approve"):
        answer(checked, "visit.ward", item=asked, by=SECOND_STEWARD)


@pytest.mark.parametrize("who", [STEWARD, SECOND_STEWARD])
def test_an_answer_is_not_taken_back(checked, who):
    decided = answer(checked, "visit.ward")
    with pytest.raises(
        NotAllowedError, match=r"what was accepted is known since it was given\. To decide otherwise: smp"
    ):
        take_back(checked, decided.id, who)


def take_back(office, item, who=STEWARD):
    with office.open(who) as unit:
        return unit.reviews.undo(item, "a slip")


def test_a_run_asks_nothing_twice(checked):
    asked = the_check(checked)
    assert draw(checked, SEX) == 0
    assert the_check(checked) == asked
    answer(checked, "patient.sex")
    assert draw(checked, SEX) == 0
    assert (checked.waiting(), figures(checked)) == ((), (0, 1, 0))


def test_what_is_drawn_no_more_is_asked_no_more_and_again_when_it_is_drawn_again(checked):
    asked = the_check(checked)
    draw(checked)
    assert (checked.waiting(), figures(checked)) == ((), (0, 0, 0))
    draw(checked, SEX)
    assert the_check(checked).id == asked.id


def test_questions_that_hold_the_gate_are_not_touched_by_drawing(checked):
    waiting = routed("ward", "visit.ward", Disposition.PENDING_REVIEW, confidence=0.6)
    checked.propose(ID, SEX, waiting)
    draw(checked)
    assert [item.ref for item in checked.waiting()] == [ref("ward")]


def test_who_decides_about_the_column_otherwise_ends_the_question(checked):
    with checked.open(STEWARD) as unit:
        unit.reviews.decide_use("acme", ref("sex"), used=False, approval_hash="h-use", reason="not in use")
    assert (checked.waiting(), figures(checked), judged(checked)) == ((), (0, 0, 0), [])


def test_another_proposal_for_the_column_ends_the_question(checked):
    checked.propose(ID, routed("sex", "visit.ward"))
    assert (checked.waiting(), figures(checked)) == ((), (0, 0, 0))


def test_the_machinery_makes_no_question_blind_that_holds_the_gate(office):
    waiting = routed("ward", "visit.ward", Disposition.PENDING_REVIEW, confidence=0.6)
    office.propose(ID, waiting)
    for statement in (_TURNED, _ADDED):
        with pytest.raises(NotAllowedError, match="goes through the review and publication functions only"):
            run(office, statement)
    assert gate(office).review_open is False


_TURNED = "update smp.review_items set state = 'spot_check'"
_ADDED = """
insert into smp.review_items
select (jsonb_populate_record(i, '{"id": "f00d", "state": "spot_check"}')).* from smp.review_items i
"""


def run(office, statement):
    with office.open() as unit:
        unit.reviews._transaction.run(statement)


TOWN = routed("town", "visit.ward", Disposition.PENDING_REVIEW, confidence=0.6)


@pytest.fixture
def approved_together(office):
    """A column that was approved together with others, and came back."""
    office.propose(ID, SEX, TOWN)
    item = office.waiting()[0]
    decide(office, Decision(item_id=item.id, kind=DecisionKind.APPROVE, batch_id=str(uuid4())))
    with office.open() as unit:
        together = unit.reviews.approved_together("acme")
    assert together == {TOWN.approval_hash: item.id}
    draw(office, TOWN, checked_item=item.id, choices=(field("patient.sex"), field("visit.ward")), had=0.1)
    return office


def test_what_was_approved_together_is_judged_once_as_it_was_shown(approved_together):
    assert judged(approved_together) == [(0.6, True)]
    answer(approved_together, "patient.sex")
    assert (judged(approved_together), figures(approved_together)) == ([(0.6, False)], (0, 1, 1))
    with approved_together.open() as unit:
        assert unit.reviews.approved_together("acme") == {}


def test_what_was_approved_together_stays_approved_where_the_answer_is_the_same(approved_together):
    answer(approved_together, "visit.ward", by=SECOND_STEWARD)
    assert (judged(approved_together), figures(approved_together)) == ([(0.6, True)], (0, 1, 0))
    assert column(approved_together, "town").decided_by == SECOND_STEWARD


def test_taking_back_what_was_approved_together_ends_the_question(approved_together):
    with approved_together.open() as unit:
        original = unit.reviews.list(decided=True).items[0].item
    take_back(approved_together, original.id)
    assert [(item.ref, item.state) for item in approved_together.waiting()] == [(ref("town"), ItemState.OPEN)]


def test_what_was_approved_alone_was_not_approved_together(office):
    office.propose(ID, SEX, TOWN)
    decide(office, Decision(item_id=office.waiting()[0].id, kind=DecisionKind.APPROVE))
    with office.open() as unit:
        assert unit.reviews.approved_together("acme") == {}


def test_how_many_come_back_is_said_by_a_person(office):
    with office.open(ENGINEER) as unit:
        unit.clients.set_spot_check_share("acme", 0.2)
    with office.open() as unit:
        assert unit.clients.get("acme").spot_check_share == 0.2
    with pytest.raises(NotAllowedError, match="may not say how much of what client acme accepts is checked"):
        set_share(office, 0.0)


def set_share(office, share, who="system:pipeline"):
    with office.open(who) as unit:
        unit.clients.set_spot_check_share("acme", share)


def test_how_fast_a_person_accepts_is_counted_of_what_he_decides_one_by_one(office):
    names = [f"c{number}" for number in range(5)]
    office.propose(
        ID, *(routed(name, "visit.ward", Disposition.PENDING_REVIEW, confidence=0.6) for name in names)
    )
    asked = {item.ref.column: item for item in office.waiting()}
    for name, kind in zip(names[:4], ("approve", "approve", "reject", "approve"), strict=True):
        decide(office, Decision(item_id=asked[name].id, kind=DecisionKind(kind), reason="because"))
    decide(office, Decision(item_id=asked["c4"].id, kind=DecisionKind.APPROVE, batch_id=str(uuid4())))
    take_back(office, asked["c3"].id)
    assert pace(office, STEWARD) == (4, 2)  # before the first there is none that it came soon after
    assert pace(office, STEWARD, last=3) == (3, 2)
    assert pace(office, STEWARD, within_seconds=0.0) == (4, 0)
    assert pace(office, SECOND_STEWARD) == (0, 0)


def pace(office, who, *, last=50, within_seconds=60.0):
    with office.open() as unit:
        found = unit.reviews.pace(who, last=last, within_seconds=within_seconds)
    return found.decisions, found.at_once
