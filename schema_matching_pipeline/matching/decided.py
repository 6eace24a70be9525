"""What people's decisions say about confidence: suggestions that always prove right deserve more of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from schema_matching_pipeline.matching.engine import MOST_CERTAIN, Ranking
from schema_matching_pipeline.matching.words import DoubleMatrix
from schema_matching_pipeline.model.knowledge import ReviewedSuggestions
from schema_matching_pipeline.model.policy import MatchPolicy

DECISIONS = "decisions"
ROUNDS = 25  # Newton's method on one concave function of one number


def with_decisions(ranking: Ranking, reviewed: Sequence[ReviewedSuggestions], policy: MatchPolicy) -> Ranking:
    """The ranking with every suggestion's confidence shifted by what people decided about earlier ones.

    Below the review floor people see what is worth a question for other reasons than its confidence, so neither
    count their answers there nor is it shifted. None above falls below it: what is near the floor moves down less,
    so that the order stays and no two become equal.
    """
    floor = float(np.log(policy.review_floor / (1 - policy.review_floor)))
    shift = shift_of([each for each in reviewed if each.log_odds >= floor], policy)
    above = np.maximum(ranking.logits - floor, 0.0)
    if shift > 0:
        moved = np.minimum(shift, MOST_CERTAIN - np.maximum(ranking.logits, 0.0)) * (ranking.logits >= floor)
    else:
        moved = np.divide(above * shift, above - shift, out=np.zeros_like(above), where=above > 0)
    shares = {**ranking.shares, DECISIONS: np.asarray(moved, dtype=np.float64)}
    return replace(ranking, logits=np.asarray(ranking.logits + moved), shares=shares)


def shift_of(reviewed: Sequence[ReviewedSuggestions], policy: MatchPolicy) -> float:
    """How far the log-odds of a suggestion are moved, 0 while nobody decided anything.

    The most likely shift of a logistic model with the suggestion's own log-odds as offset and a normal prior
    around 0. Upwards, one standard error is kept back, so that few decisions move little; downwards nothing is.
    """
    if not reviewed:
        return 0.0
    offset, right, count = (
        np.array(each, dtype=np.float64) for each in zip(*map(_figures, reviewed), strict=True)
    )
    precision = 1.0 / policy.decisions_prior**2
    shift, curvature = 0.0, precision
    for _ in range(ROUNDS):
        chance = _chance(offset + shift)
        curvature = float((count * chance * (1 - chance)).sum()) + precision
        shift += (float((right - count * chance).sum()) - precision * shift) / curvature
    return max(0.0, shift - curvature**-0.5) if shift > 0 else shift


def _figures(each: ReviewedSuggestions) -> tuple[float, int, int]:
    return each.log_odds, each.right, each.count


def _chance(log_odds: DoubleMatrix) -> DoubleMatrix:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))
