"""Whether one column writes its unit in several ways: 12 oz, 12.0 oz. and 12 ounces."""

from __future__ import annotations

import re
from collections import defaultdict

from schema_matching_pipeline.profiling.values import WeighedValues

_WITH_UNIT = re.compile(r"[-+<>]?\d+(?:[.,]\d+)?\s?([^\W\d_]{1,10}\.?|%)")
_MEASURED = 0.8  # of the rows must be a number with a unit
_PROBED = 8  # values; a column that measures shows it at once
_TOLD = 0.02  # of the rows must write it the other way


def writes_several_units(values: WeighedValues) -> bool:
    """Whether nearly all values are a number with a unit, and the unit is not always written the same."""
    if not any(map(_WITH_UNIT.fullmatch, values.first(_PROBED))):
        return False
    weights: defaultdict[str, float] = defaultdict(float)
    for text, weight in zip(values.texts, values.weights, strict=True):
        if found := _WITH_UNIT.fullmatch(text):
            weights[found[1]] += float(weight)
    told = [weight for weight in weights.values() if weight >= _TOLD * values.total]
    return len(told) > 1 and sum(weights.values()) >= _MEASURED * values.total
