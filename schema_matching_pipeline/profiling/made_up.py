"""Which values of a column somebody typed to try something out."""

from __future__ import annotations

from collections import Counter

import numpy as np

from schema_matching_pipeline.profiling.fillers import is_one_of_a_list, with_their_company
from schema_matching_pipeline.profiling.values import WeighedValues


def made_up_values(values: WeighedValues) -> list[int]:
    """Where the made-up values stand: those that are so by themselves, and those that are so among them."""
    known, places = values.known, values.places
    if not (known.is_hinted[places].any() and known.is_lettered[places].any()):
        return np.flatnonzero(known.is_made_up_number[places]).tolist()
    sure = np.flatnonzero(known.is_made_up[places]).tolist()
    if not sure:
        return []
    lengths = Counter(known.length[places].tolist())
    alone = [place for place in sure if not is_one_of_a_list(values.texts[place], lengths)]
    return with_their_company(alone, values.texts) if alone else []
