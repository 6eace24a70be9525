"""The bar that holds a wanted error rate: never by luck, and never from few decisions."""

from __future__ import annotations

from random import Random

import pytest
from scipy.stats import beta

from schema_matching_pipeline.model.reliability import JudgedSuggestion
from schema_matching_pipeline.review import guarantee
from schema_matching_pipeline.review.guarantee import error_bound


def judged(*groups: tuple[float, int, int]) -> list[JudgedSuggestion]:
    """Groups of a confidence, how many were right and how many wrong."""
    return [
        JudgedSuggestion(confidence=confidence, right=right)
        for confidence, good, bad in groups
        for right in [True] * good + [False] * bad
    ]


def found(decided: list[JudgedSuggestion], wanted: float = 0.05):
    return guarantee(decided, wanted_error=wanted, certainty=0.95, floor=0.5)


def test_the_bound_is_that_of_clopper_and_pearson():
    for wrong, count in ((0, 10), (3, 50), (50, 100), (99, 100)):
        assert error_bound(wrong, count, 0.9) == pytest.approx(beta.ppf(0.9, wrong + 1, count - wrong))
    assert error_bound(5, 5, 0.95) == 1.0


def test_fifty_nine_without_a_mistake_hold_five_percent_and_one_fewer_is_not_enough():
    held = found(judged((0.9, 59, 0)))
    assert (held.bar, held.decided, held.wrong, held.needed) == (0.5, 59, 0, 59)
    few = found(judged((0.9, 58, 0)))
    assert (few.bar, few.enough, few.decided) == (None, False, 58)


def test_the_bar_is_the_lowest_before_mistakes_are_too_many():
    held = found(judged((0.95, 80, 0), (0.85, 60, 1), (0.65, 20, 20)))
    assert (held.bar, held.decided, held.wrong) == (0.66, 141, 1)
    assert held.error_bound <= 0.05
    none = found(judged((0.95, 80, 20), (0.7, 500, 0)))
    assert (none.bar, none.enough, none.wrong) == (None, True, 20)


@pytest.mark.parametrize("floor", [0.07, 0.14, 0.28, 0.55, 0.56])
def test_the_floor_itself_is_a_bar(floor: float):
    held = guarantee(judged((floor, 59, 0)), wanted_error=0.05, certainty=0.95, floor=floor)
    assert held.bar == floor


def test_what_lies_below_the_floor_does_not_count():
    held = found(judged((0.9, 59, 0), (0.3, 0, 50)))
    assert (held.bar, sum(bin_.count for bin_ in held.reliability)) == (0.5, 59)
    assert found([]).calibration_error == 0.0


def test_a_matcher_that_is_wrong_more_often_passes_as_rarely_as_certainty_says():
    """Every suggestion is wrong with 6 %: a guarantee of 5 % may be given in 5 % of the cases."""
    random = Random(11)
    given = sum(
        found(
            [
                JudgedSuggestion(confidence=random.uniform(0.5, 1), right=random.random() >= 0.06)
                for _ in range(300)
            ]
        ).bar
        is not None
        for _ in range(400)
    )
    assert given / 400 <= 0.08
