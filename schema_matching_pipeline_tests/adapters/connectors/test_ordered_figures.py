"""Numbers that come in parts have the figures that they have together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.adapters.connectors.executors.ordered_figures import ordered_summary

_NUMBERS = st.floats(-1e9, 1e9, allow_subnormal=False)


@given(st.lists(st.tuples(_NUMBERS, st.integers(1, 50)), min_size=1, max_size=60), st.integers(1, 20))
def test_figures_do_not_depend_on_where_the_batches_end(held: list[tuple[float, int]], size: int) -> None:
    numbers, weights = (np.array(part) for part in zip(*sorted(held), strict=True))
    parts = [
        (numbers[start : start + size], weights[start : start + size])
        for start in range(0, len(numbers), size)
    ]
    found = ordered_summary(iter(parts), int(weights.sum()))
    rows = np.repeat(numbers, weights)
    assert (found.minimum, found.maximum) == (rows[0], rows[-1])
    near = pytest.approx((rows.mean(), rows.std()), rel=1e-6, abs=1e-3)
    assert (found.mean, found.stddev) == near
    # Of so many rows the one at which a quantile is reached, counted from one.
    places = [max(1, int(np.ceil(share * len(rows)))) for share in (0.05, 0.25, 0.5, 0.75, 0.95)]
    assert list(found.quantiles) == [rows[place - 1] for place in places]
