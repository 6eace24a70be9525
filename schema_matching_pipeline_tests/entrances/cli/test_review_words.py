"""What a review item asks, in words."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.entrances.cli.review_words import (
    brought,
    mapping_command,
    outcomes,
    ways_to_decide,
    whats_next,
)
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.matching import NearColumn
from schema_matching_pipeline.model.registry import Left
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind, ItemState, ReviewItem
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.review import meaning_of_approval, outcome


def an_item(kind: ItemKind = ItemKind.MAPPING, column: str = "born") -> ReviewItem:
    return ReviewItem(
        id="0123456789abcdef",
        kind=kind,
        ref=ColumnRef(table="staff", column=column),
        target=FieldRef(entity="person", field="birth_date"),
        risk_class=RiskClass.CRITICAL,
        reason="3 of 40 dates lie in the future.",
        needed=1.0,
        had=0.9,
    )


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (an_item(), "Approving maps staff.born to person.birth_date."),
        (an_item(ItemKind.QUALITY), "Approving agrees: staff.born is left out."),
        (
            an_item(ItemKind.CLASSIFICATION),
            "Approving agrees that no field fits: staff.born maps to nothing.",
        ),
        (
            an_item(ItemKind.VALIDATION),
            "Approving waives this: staff.born stays mapped to person.birth_date, failing values and all.",
        ),
        (
            an_item(ItemKind.VALIDATION, column=""),
            "Approving waives this: person.birth_date stays unfilled.",
        ),
        (
            an_item(ItemKind.VALIDATION, column="").but(target=None),
            "Approving waives this: staff stays unread, and nothing of it is mapped.",
        ),
    ],
    ids=["mapping", "quality", "classification", "validation", "gap", "unread"],
)
def test_each_kind_of_item_says_what_approving_it_means(item: ReviewItem, said: str) -> None:
    assert meaning_of_approval(item) == said


@pytest.mark.parametrize("kind", ItemKind)
def test_every_way_to_decide_names_the_item(kind: ItemKind) -> None:
    commands = [command for _, command in ways_to_decide(an_item(kind), "acme")]
    assert len(commands) == 4
    assert [command for command in commands if " 0123456789" not in command] == []


def test_a_gap_can_be_waived_or_filled_and_nothing_else() -> None:
    commands = [command for _, command in ways_to_decide(an_item(ItemKind.VALIDATION, column=""), "acme")]
    assert commands == [
        "smp review approve 0123456789 --reason WHY",
        "smp review include acme TABLE.COLUMN --to person.birth_date --reason WHY",
        "smp mappings acme --candidates",
    ]


def test_a_table_nobody_read_is_mended_at_its_source_or_lived_without() -> None:
    unread = an_item(ItemKind.VALIDATION, column="").but(target=None)
    assert [command for _, command in ways_to_decide(unread, "acme")] == [
        "smp review approve 0123456789 --reason WHY",
        "mend it at the source, then: smp onboard acme",
    ]
    waiver = Decision(item_id=unread.id, kind=DecisionKind.APPROVE, reason="Known.")
    done = [(unread.but(state=ItemState.APPROVED), waiver)]
    assert list(outcomes(done)) == [
        "1 item(s) decided: 1 table(s) left unread.",
        "Table left unread: staff.",
    ]


def test_a_gap_is_filled_by_the_nearest_column_where_one_is_near() -> None:
    near = NearColumn(ref=ColumnRef(table="staff", column="born on"), confidence=0.4)
    assert (
        mapping_command(an_item(ItemKind.VALIDATION, column=""), "acme", [near])
        == "smp review include acme 'staff.born on' --to person.birth_date --reason WHY"
    )


def test_a_waiver_says_what_is_lived_with() -> None:
    waiver = Decision(item_id="0123456789abcdef", kind=DecisionKind.APPROVE, reason="Known.")
    done = an_item(ItemKind.VALIDATION).but(state=ItemState.APPROVED)
    assert outcome(done, waiver) == (
        "staff.born: waived; the mapping stays. What is lived with: 3 of 40 dates lie in the future."
    )
    first = done.but(state=ItemState.AWAITING_SECOND)
    assert outcome(first, waiver) == "staff.born: noted; a second person must decide too."


def test_many_decisions_are_summed_up_and_what_production_will_lack_is_named() -> None:
    approve = Decision(item_id="0123456789abcdef", kind=DecisionKind.APPROVE)
    items = [an_item(), an_item(column="hired"), an_item(ItemKind.QUALITY, "fax")]
    gap = an_item(ItemKind.VALIDATION, column="")
    assert list(outcomes([(item, approve) for item in (*items, gap)])) == [
        "4 item(s) decided: 2 mapped, 1 left out, 1 required field(s) left unfilled.",
        "Required field left unfilled: person.birth_date.",
        "Left out: staff.fax.",
    ]
    assert list(outcomes([])) == ["0 item(s) decided."]


@pytest.mark.parametrize(
    ("kind", "decision", "said"),
    [
        (ItemKind.QUALITY, DecisionKind.APPROVE, "staff.born: left out."),
        (ItemKind.QUALITY, DecisionKind.INCLUDE, "staff.born: used all the same."),
        (ItemKind.CLASSIFICATION, DecisionKind.APPROVE, "staff.born: maps to nothing."),
        (ItemKind.MAPPING, DecisionKind.APPROVE, "staff.born: now maps to person.birth_date."),
        (ItemKind.MAPPING, DecisionKind.REJECT, "staff.born: rejected."),
        (ItemKind.MAPPING, DecisionKind.UNMAP, "staff.born: maps to nothing."),
    ],
)
def test_an_outcome_says_what_becomes_of_the_column(
    kind: ItemKind, decision: DecisionKind, said: str
) -> None:
    assert outcome(an_item(kind), Decision(item_id="0123456789abcdef", kind=decision, reason="x")) == said


def test_where_nothing_is_left_the_next_step_is_named() -> None:
    nothing = Left(client="acme", items=0, approval=False)
    alone, beside_a_daemon = (whats_next(nothing, goes_on=goes_on) for goes_on in (False, True))
    assert alone == "Nothing is left. Go on with: smp onboard acme"
    assert beside_a_daemon == "Nothing is left. The running pipeline goes on by itself: smp status acme"
    assert whats_next(nothing.but(approval=True), goes_on=False) == (
        "Nothing is left but a person's word for production: smp approve acme"
    )


def test_what_a_decision_opened_and_took_along_is_named() -> None:
    gap = an_item(ItemKind.VALIDATION, column="").but(
        reason="person.birth_date is required and no column fills it."
    )
    left = Left(
        client="acme", items=7, approval=False, opened=(gap,), withdrawn=(an_item(ItemKind.VALIDATION),) * 14
    )
    lines = list(brought(left))
    assert lines[:2] == [
        "New: 0123456789 person.birth_date is required and no column fills it.",
        "Asked no more: 0123456789 staff.born to person.birth_date: 3 of 40 dates lie in the future.",
    ]
    assert (len(lines), lines[-1]) == (14, "Asked no more: 2 more")
    assert whats_next(left, goes_on=False) == "7 item(s) left, 1 of them new: smp review list acme"
