import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.matching import Candidate, MappingProposal, TransformRule
from schema_matching_pipeline.model.policy import ReviewPolicy
from schema_matching_pipeline.model.rule import Concat
from schema_matching_pipeline.review import spot_checks
from schema_matching_pipeline.review.spot_check import is_drawn
from schema_matching_pipeline_tests.rooms.review.builders import (
    a_finding,
    an_approval,
    column,
    field,
    routed,
    suggests,
    thresholds,
)

SURE = suggests("reader.surname", 0.98)


def drawn(*proposed, share=1.0, together=(), client="acme", **more):
    """What comes back of columns routed as they are proposed."""
    queue = routed(*proposed, **more)
    proposal = MappingProposal(correspondences=proposed, canonical_digest="d", knowledge_version="k")
    return spot_checks(
        client, queue, proposal, thresholds(), dict(together), share=share, policy=ReviewPolicy()
    )


def test_what_was_accepted_automatically_comes_back_with_what_it_was_accepted_for():
    (check,) = drawn(SURE)
    (accepted,) = routed(SURE).columns
    assert (check.ref, check.target, check.risk_class) == (
        column(),
        field("reader.surname"),
        RiskClass.CRITICAL,
    )
    assert (check.had, check.needed, check.reason) == (0.98, 0.97, accepted.reason)
    assert (check.approval_hash, check.checked_item) == (accepted.approval_hash, None)


def test_choices_are_the_likeliest_fields_by_name_and_the_accepted_one_is_among_them():
    candidates = [
        Candidate(target=field(f"note.f{number:02}"), confidence=0.9 - number / 100) for number in range(20)
    ]
    accepted = SURE.but(candidates=(*candidates, Candidate(target=SURE.target, confidence=0.01)))
    (check,) = drawn(accepted)
    assert check.choices == (*(field(f"note.f{number:02}") for number in range(8)), field("reader.surname"))


@pytest.mark.parametrize(
    "proposed",
    [
        suggests("reader.surname", 0.9),
        suggests(None, 0.9),
        suggests("reader.surname", 0.3),
    ],
    ids=["asked about", "nothing fits", "below the floor"],
)
def test_what_was_not_accepted_does_not_come_back(proposed):
    assert drawn(proposed) == ()


def test_a_column_that_people_are_asked_about_anyway_does_not_come_back():
    assert drawn(SURE, findings=(a_finding(demanded=False),)) == ()


def test_a_derived_field_does_not_come_back():
    rule = TransformRule(computed=Concat(columns=("a", "b")))
    assert drawn(SURE.but(rule=rule, at_rest=True)) == ()


def test_what_a_person_approved_comes_back_only_where_he_approved_it_together_with_others():
    (item,) = routed(suggests("reader.surname", 0.9)).items
    by_hand = {"approvals": (an_approval(item),)}
    assert drawn(suggests("reader.surname", 0.9), **by_hand) == ()
    (check,) = drawn(suggests("reader.surname", 0.9), together={item.approval_hash: "i1"}, **by_hand)
    assert (check.checked_item, check.target, check.had) == ("i1", field("reader.surname"), 0.9)


def test_nothing_comes_back_of_no_share():
    assert drawn(SURE, share=0.0) == ()


HASHES = [content_id("column", number) for number in range(20_000)]


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5])
def test_as_many_come_back_as_the_share_says(share):
    found = sum(is_drawn("acme", each, share) for each in HASHES)
    assert found == pytest.approx(20_000 * share, rel=0.15)


def test_clients_do_not_have_the_same_columns_back():
    of_one, of_other = ({each for each in HASHES if is_drawn(name, each, 0.05)} for name in ("acme", "bolt"))
    assert len(of_one & of_other) == pytest.approx(50, abs=30)


@given(st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_share_draws_whatever_a_lower_one_draws(approval, one, other):
    lower, higher = sorted((one, other))
    assert is_drawn("acme", approval, lower) <= is_drawn("acme", approval, higher)
