from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.matching.decided import DECISIONS, shift_of, with_decisions
from schema_matching_pipeline.matching.engine import STEP, Ranking
from schema_matching_pipeline.model.knowledge import ReviewedSuggestions
from schema_matching_pipeline.model.policy import MatchPolicy

POLICY = MatchPolicy()


def reviewed(log_odds: float, right: int, count: int) -> ReviewedSuggestions:
    return ReviewedSuggestions(log_odds=log_odds, right=right, count=count)


def ranking(*logits: float) -> Ranking:
    row = np.array([logits], dtype=np.float64)
    return Ranking(
        fields=np.arange(len(logits))[None, :], logits=row, shares={"names": row.copy()}, scores={}
    )


def test_without_decisions_nothing_moves():
    assert shift_of([], POLICY) == 0.0


def test_two_right_suggestions_move_little_and_two_hundred_much():
    few, many = shift_of([reviewed(2.0, 2, 2)], POLICY), shift_of([reviewed(2.0, 200, 200)], POLICY)
    assert few == 0.0
    assert 1.5 < many < 4.0


def test_suggestions_as_good_as_they_said_stay_where_they_are():
    assert shift_of([reviewed(np.log(9), 180, 200)], POLICY) == 0.0


def test_wrong_suggestions_move_down_without_holding_back():
    assert shift_of([reviewed(2.0, 5, 20)], POLICY) < -2.0


def test_only_what_people_see_is_moved_and_the_shares_still_sum_to_the_logit():
    moved = with_decisions(ranking(3.0, 0.5, -1.0), [reviewed(2.0, 100, 100)], POLICY)
    assert moved.logits[0, 2] == -1.0
    assert moved.logits[0, 0] > 4.0
    np.testing.assert_allclose(sum(moved.shares.values()), moved.logits)
    assert set(moved.shares) == {"names", DECISIONS}


def test_answers_to_questions_below_the_floor_move_nothing():
    below = reviewed(-1.0, 100, 100)
    assert with_decisions(ranking(3.0, 0.5), [below], POLICY).logits.tolist() == [[3.0, 0.5]]


def test_what_falls_stays_in_order_above_the_floor_and_no_two_become_equal():
    moved = with_decisions(ranking(4.0, 1.5, 1.0, 0.2), [reviewed(2.0, 0, 30)], POLICY).logits[0]
    assert list(moved) == sorted(set(moved.tolist()), reverse=True)
    assert moved[-1] > 0.0
    assert moved[0] < 4.0 - 0.5


@given(
    st.lists(st.integers(-80_000, 80_000), min_size=2, max_size=6, unique=True),
    st.lists(st.tuples(st.floats(-1, 6), st.integers(0, 30), st.integers(0, 30)), max_size=5),
)
def test_the_order_of_candidates_never_changes(steps, decided):
    ordered = sorted((step * STEP for step in steps), reverse=True)
    outcomes = [reviewed(odds, min(a, b), max(a, b)) for odds, a, b in decided if max(a, b)]
    moved = with_decisions(ranking(*ordered), outcomes, POLICY).logits[0]
    assert list(moved) == sorted(moved, reverse=True)


@pytest.mark.parametrize("right", [0, 10, 20])
def test_more_right_decisions_never_lower_the_shift(right):
    fewer, more = (
        shift_of([reviewed(1.0, right, 20)], POLICY),
        shift_of([reviewed(1.0, right + 1, 21)], POLICY),
    )
    assert more >= fewer
