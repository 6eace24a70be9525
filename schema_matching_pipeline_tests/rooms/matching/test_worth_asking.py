"""Which columns below the review floor become a question, and which stay silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from schema_matching_pipeline.matching.engine import Ranking
from schema_matching_pipeline.matching.side import Side, SideColumn, SideTable
from schema_matching_pipeline.matching.worth_asking import Unsettled, worth_asking
from schema_matching_pipeline.model.canonical import FieldRef, FieldType
from schema_matching_pipeline.model.knowledge import RejectedPair
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline_tests.builders import a_column
from schema_matching_pipeline_tests.rooms.matching.cases import KNOWLEDGE, of, propose

NUMBERED = a_column("no", [str(number) for number in range(20)])
FIELDS = (
    SideColumn("loan", "loan_id", in_key=True, field_type=FieldType.IDENTIFIER),
    SideColumn("loan", "lent_on", field_type=FieldType.DATE),
    SideColumn("loan", "reader_id", refers_to="reader", field_type=FieldType.IDENTIFIER),
    SideColumn("loan", "remark"),
    SideColumn("loan", "shelf", required=True),
    SideColumn("loan", "fee"),
    SideColumn("loan", "branch"),
    SideColumn("loan", "returned_on", field_type=FieldType.DATE),
)
KEY, LENT_ON, READER, REMARK, SHELF, FEE, BRANCH, RETURNED_ON = range(len(FIELDS))
OF_READER = (SideColumn("reader", "name"), SideColumn("reader", "town"))


def asked(
    near: Sequence[Mapping[int, float]],
    *,
    profiles: Sequence[object] = (),
    misfits: Sequence[tuple[int, int]] = (),
    settled: Sequence[int] = (FEE, BRANCH),
    silent: frozenset[int] = frozenset(),
    refused: Sequence[tuple[int, int]] = (),
    fields: Sequence[SideColumn] = FIELDS,
) -> dict[int, int]:
    """Row and field of each question: one table whose further columns have the ``settled`` fields.

    ``near`` is the confidence of fields for each column without one.
    """
    count = len(near) + len(settled)
    columns = [SideColumn("ausleihe", f"c{row}", profile=a_column(f"c{row}", "aab")) for row in range(count)]
    for row, profile in enumerate(profiles):
        columns[row] = SideColumn("ausleihe", f"c{row}", profile=profile)  # type: ignore[arg-type]
    confidence = np.full((count, len(fields)), 0.001)
    for row, known in enumerate(near):
        for field, value in known.items():
            confidence[row, field] = value
    order = np.argsort(-confidence, axis=1, kind="stable")
    offered = confidence.copy()
    for pair in refused:
        offered[pair] = 0.0
    fit = np.full(confidence.shape, np.nan, dtype=np.float32)
    for pair in misfits:
        fit[pair] = 0.0
    unsettled = Unsettled(
        columns=Side((SideTable("ausleihe"),), tuple(columns)),
        fields=Side((SideTable("loan"),), tuple(fields)),
        ranking=Ranking(fields=order, logits=confidence, shares={}, scores={"type_fit": fit}),
        offered=np.take_along_axis(offered, order, axis=1),
        assigned={len(near) + place: field for place, field in enumerate(settled)},
        silent=silent,
    )
    return {row: int(order[row, q.rank]) for row, q in worth_asking(unsettled, MatchPolicy()).items()}


def test_a_link_or_a_day_without_a_close_rival_is_asked_about():
    assert asked([{LENT_ON: 0.3}, {READER: 0.4}]) == {0: LENT_ON, 1: READER}


def test_a_day_whose_rivals_are_days_of_the_same_entity_is_asked_about():
    assert asked([{LENT_ON: 0.3, RETURNED_ON: 0.29}]) == {0: LENT_ON}


@pytest.mark.parametrize(
    "settled", [(FEE, BRANCH), ()], ids=["in its entity", "in a table of no known entity"]
)
def test_a_column_and_a_field_that_both_have_no_other_so_near_are_asked_about(settled):
    assert asked([{REMARK: 0.06, FEE: 0.029}, {REMARK: 0.029}], settled=settled) == {0: REMARK}


@pytest.mark.parametrize(
    ("near", "more"),
    [
        pytest.param([{REMARK: 0.49, LENT_ON: 0.3}], {}, id="another field is near"),
        pytest.param([{REMARK: 0.49}, {REMARK: 0.3}], {}, id="another column is near"),
        pytest.param([{REMARK: 0.04}], {}, id="not near"),
        pytest.param([{REMARK: 0.49}], {"misfits": [(0, REMARK)]}, id="values of another kind"),
    ],
)
def test_other_columns_below_the_floor_stay_silent(near, more):
    assert asked(near, **more) == {}


def test_the_one_link_to_a_table_that_goes_where_the_entity_refers_to_is_asked_about():
    columns = (
        SideColumn("ausleihe", "kunde", refers_to="kunden"),
        *(SideColumn("ausleihe", name) for name in ("gebuehr", "zweig")),
        *(SideColumn("kunden", name) for name in ("name", "ort")),
    )
    fields = (*FIELDS, *OF_READER)
    confidence = np.full((len(columns), len(fields)), 0.001)
    unsettled = Unsettled(
        columns=Side((SideTable("ausleihe"), SideTable("kunden")), columns),
        fields=Side((SideTable("loan"), SideTable("reader")), fields),
        ranking=Ranking(
            fields=np.tile(np.arange(len(fields)), (len(columns), 1)),
            logits=confidence,
            shares={},
            scores={"type_fit": np.full(confidence.shape, np.nan, dtype=np.float32)},
        ),
        offered=confidence,
        assigned={1: FEE, 2: BRANCH, 3: len(FIELDS), 4: len(FIELDS) + 1},
        silent=frozenset(),
    )
    (question,) = worth_asking(unsettled, MatchPolicy()).values()
    assert (question.rank, question.why) == (READER, "it refers to kunden, and loan.reader_id to reader")


@pytest.mark.parametrize(
    ("near", "more"),
    [
        pytest.param({LENT_ON: 0.3, READER: 0.2}, {}, id="a close rival"),
        pytest.param({LENT_ON: 0.24, RETURNED_ON: 0.2}, {}, id="not near"),
        pytest.param({LENT_ON: 0.3}, {"misfits": [(0, LENT_ON)]}, id="values of another kind"),
        pytest.param({LENT_ON: 0.3, RETURNED_ON: 0.2}, {"settled": (FEE,)}, id="a table of no known entity"),
        pytest.param({LENT_ON: 0.3}, {"silent": frozenset({0})}, id="mapped to nothing before"),
        pytest.param({LENT_ON: 0.3}, {"refused": [(0, LENT_ON)]}, id="refused by a person"),
        pytest.param({LENT_ON: 0.3}, {"settled": (FEE, LENT_ON)}, id="the field is taken"),
    ],
)
def test_a_day_is_passed_over_for(near, more):
    assert asked([near], **more) == {}


def test_the_likeliest_column_for_a_required_field_that_nothing_fills_is_asked_about():
    assert asked([{SHELF: 0.3}, {SHELF: 0.4}, {SHELF: 0.35}]) == {1: SHELF}
    assert asked([{SHELF: 0.4}], settled=(FEE, BRANCH, SHELF)) == {}


def test_the_declared_key_of_a_table_is_asked_about_however_far_the_field_is():
    declared = a_column("no", [str(number) for number in range(20)], in_primary_key=True)
    assert asked([{}, {}], profiles=[NUMBERED, declared]) == {1: KEY}
    assert asked([{}, {}], profiles=[declared, declared]) == {}
    assert asked([{}], profiles=[declared], settled=(FEE, KEY)) == {}


def test_a_key_of_several_fields_is_no_question_about_one_column():
    declared = a_column("no", [str(number) for number in range(20)], in_primary_key=True)
    second = SideColumn("loan", "copy_id", in_key=True, field_type=FieldType.IDENTIFIER)
    assert asked([{}], profiles=[declared], fields=(*FIELDS, second)) == {}


def test_where_no_key_is_declared_the_first_column_that_numbers_the_rows_is_asked_about():
    assert asked([{}, {}], profiles=[a_column("kind", "ab" * 10), NUMBERED]) == {1: KEY}
    assert asked([{}], profiles=[a_column("day", [f"2024-05-{day:02d}" for day in range(1, 21)])]) == {}


def test_what_is_asked_about_is_proposed_with_the_confidence_it_has():
    for correspondence in propose().correspondences:
        below = correspondence.confidence < MatchPolicy().review_floor
        assert bool(correspondence.question) == bool(correspondence.target and below)
    assert not of(propose(), "members", "member_id").question


def test_who_refused_a_field_is_not_asked_about_the_others_below_the_floor():
    given_name = ColumnRef(table="members", column="given_name")
    elsewhere = FieldRef(entity="member", field="email")
    refused = RejectedPair(ref=given_name, target=elsewhere, approval_hash="0")
    strict = MatchPolicy(review_floor=0.9)
    before = propose(policy=strict).by_ref()[given_name]
    after = propose(knowledge=KNOWLEDGE.but(rejected_pairs=(refused,)), policy=strict).by_ref()[given_name]
    assert before.question
    assert (after.target, after.question, after.at_rest) == (None, "", True)
