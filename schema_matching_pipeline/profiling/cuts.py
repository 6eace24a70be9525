"""Texts that were cut off, told by how many of them have the greatest length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from statistics import fmean

import numpy as np

from schema_matching_pipeline.canon.masking import mask_shape
from schema_matching_pipeline.profiling.values import WeighedValues

_SHORTEST_CUT = 8  # characters; shorter values are full on purpose
_VARIED = 5  # so many lengths must be seen below the greatest
_PILED = 5  # distinct values of the greatest length
_PILED_SHARE = 0.005
_STEEP = 1.5  # times as many as have each of the lengths just below, and as many more as chance gives
_SPELLED, _PARTED = 0.8, 0.3  # of such texts hold letters, and blanks
_ONE_FORM = 0.5  # of such texts of one shape are codes
_JUST_BELOW = 5  # characters


def cut_share(values: WeighedValues, *, longest: int) -> float:
    """The share of rows whose value was probably cut off; 0 where the lengths end as lengths do.

    Many texts of different shape that all end at the greatest length were cut there. Texts of one shape have
    that length by nature, and values of ``longest`` characters were cut by us.
    """
    sizes = values.told.length
    end = int(sizes.max(initial=0))
    if end < _SHORTEST_CUT or end >= longest:
        return 0.0
    lengths = np.bincount(sizes)
    if np.count_nonzero(lengths) <= _VARIED:
        return 0.0
    below = fmean(lengths[end - step] for step in range(1, _JUST_BELOW + 1))
    piled = int(lengths[end])
    if piled < max(_PILED, _PILED_SHARE * len(values)) or piled < _STEEP * below + 2 * sqrt(below):
        return 0.0
    full = [values.texts[place] for place in np.flatnonzero(sizes == end)]
    return values.share(sizes == end) if _is_prose(full) else 0.0


def _is_prose(texts: Sequence[str]) -> bool:
    """Whether texts are words of their own, not codes of one form."""
    spelled = sum(any(character.isalpha() for character in text) for text in texts)
    parted = sum(" " in text for text in texts)
    (_, commonest), *_ = Counter(map(mask_shape, texts)).most_common(1)
    return (
        spelled >= _SPELLED * len(texts)
        and parted >= _PARTED * len(texts)
        and commonest < _ONE_FORM * len(texts)
    )
