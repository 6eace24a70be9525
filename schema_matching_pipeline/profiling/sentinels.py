"""Which values of a column stand for none, among the others."""

from __future__ import annotations

import re

import numpy as np

from schema_matching_pipeline.profiling.values import WeighedValues

_PLAIN_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?")
_FAR_ABOVE = 1.5  # times the largest other number
_NEGATIVE = 98  # among negative numbers no smaller one is a sentinel
_FAR_OFTENER = 5.0  # times as often as the other numbers on average


def sentinel_share(values: WeighedValues) -> float:
    """The share of rows whose value stands for none: a placeholder, or a sentinel among these values.

    -1 and its like are sentinels only where no other number is negative, or far below and far more frequent than
    those; nines only far above all others, or at least above them and far more frequent.
    """
    absent = values.known.is_placeholder[values.places]
    ending = values.known.is_sentinel[values.places] & ~absent
    sentinels = frozenset(values.texts[place] for place in np.flatnonzero(ending))
    numbers = frozenset(filter(_PLAIN_NUMBER.fullmatch, sentinels))
    meant = numbers - _standing_out(values, sentinels) if numbers else numbers
    standing = (place for place in np.flatnonzero(ending).tolist() if values.texts[place] not in meant)
    return values.share_at(sorted((*np.flatnonzero(absent).tolist(), *standing)))


def _standing_out(values: WeighedValues, sentinels: frozenset[str]) -> frozenset[str]:
    """The numbers among the sentinels that no other number of the column is like."""
    weighed = zip(values.texts, values.weights.tolist(), strict=True)
    weights = {text: weight for text, weight in weighed if _PLAIN_NUMBER.fullmatch(text)}
    others = weights.keys() - sentinels
    highest = max((abs(float(text)) for text in others), default=0.0)
    negative = any(text[0] == "-" for text in others)
    usual = sum(weights[text] for text in others) / len(others) if others else 0.0

    def stands_out(text: str) -> bool:
        if text[0] == "-" and negative:
            return (
                -float(text) > max(_NEGATIVE, highest * _FAR_ABOVE) and weights[text] > _FAR_OFTENER * usual
            )
        if text[0] == "-":
            return True
        return float(text) > highest * (1.0 if weights[text] > _FAR_OFTENER * usual else _FAR_ABOVE)

    return frozenset(text for text in weights.keys() & sentinels if stands_out(text))
