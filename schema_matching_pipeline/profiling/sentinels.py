"""Which values of a column stand for none, among the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.profiling.known_texts import PLACEHOLDER, SENTINEL
from schema_matching_pipeline.profiling.values import WeighedValues

Figures = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

_FAR_ABOVE = 1.5  # times the largest other number
_NEGATIVE = 98  # among negative numbers no smaller one is a sentinel
_FAR_OFTENER = 5.0  # times as often as the other numbers on average


def sentinel_share(values: WeighedValues) -> float:
    """The share of rows whose value stands for none: a placeholder, or a sentinel among these values.

    -1 and its like are sentinels only where no other number is negative, or far below and far more frequent than
    those; nines only far above all others, or at least above them and far more frequent.
    """
    if not values.holds(PLACEHOLDER | SENTINEL):
        return 0.0
    absent = values.have(PLACEHOLDER)
    ending = values.have(SENTINEL) & ~absent
    numbers = values.told.number
    meant = ending & ~np.isnan(numbers)
    if meant.any():
        standing_out = _standing_out(numbers, values.weights, meant)
        ending &= ~meant | standing_out
    return values.share_at(np.flatnonzero(absent | ending).tolist())


def _standing_out(numbers: Figures, weights: Figures, sentinels: Truths) -> Truths:
    """Which of the numbers that are sentinels no other number of the column is like."""
    others = ~np.isnan(numbers) & ~sentinels
    highest = np.abs(numbers[others]).max(initial=0.0)
    is_negative = np.signbit(numbers)
    usual = weights[others].sum() / max(1, np.count_nonzero(others))
    is_frequent = weights > _FAR_OFTENER * usual
    far_below = (-numbers > max(_NEGATIVE, highest * _FAR_ABOVE)) & is_frequent
    above = numbers > highest * np.where(is_frequent, 1.0, _FAR_ABOVE)
    below = far_below if is_negative[others].any() else np.ones_like(sentinels)
    return sentinels & np.where(is_negative, below, above)
