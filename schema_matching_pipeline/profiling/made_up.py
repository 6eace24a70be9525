"""Which values of a column somebody typed to try something out."""

from __future__ import annotations

from collections import Counter

import numpy as np

from schema_matching_pipeline.profiling.fillers import is_one_of_a_list, with_their_company
from schema_matching_pipeline.profiling.known_texts import HINTED, LETTERED, MADE_UP, MADE_UP_NUMBER
from schema_matching_pipeline.profiling.values import WeighedValues


def made_up_values(values: WeighedValues) -> list[int]:
    """Where the made-up values stand: those that are so by themselves, and those that are so among them."""
    if not (values.holds(HINTED) and values.holds(LETTERED)):
        return np.flatnonzero(values.have(MADE_UP_NUMBER)).tolist() if values.holds(MADE_UP_NUMBER) else []
    sure = np.flatnonzero(values.have(MADE_UP)).tolist()
    if not sure:
        return []
    lengths = Counter(values.told.length.tolist())
    alone = [place for place in sure if not is_one_of_a_list(values.texts[place], lengths)]
    return with_their_company(alone, values.texts) if alone else []
