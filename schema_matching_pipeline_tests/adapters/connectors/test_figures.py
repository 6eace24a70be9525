"""Numbers out of texts, with a point or a comma."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from schema_matching_pipeline.adapters.connectors.executors.tally import number_summary
from schema_matching_pipeline.adapters.connectors.figures import WITH_POINT, plain_numbers, read_numbers
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import NumberSummary

POLICY = ProfilePolicy()


def _summary(texts: list[str], counts: list[int] | None = None) -> NumberSummary | None:
    weights = np.array(counts or [1] * len(texts), dtype=np.int64)
    return number_summary(pa.array(texts, pa.string()), weights, POLICY)


@pytest.mark.parametrize(
    ("texts", "smallest", "largest"),
    [
        (["1", "-2", "+3.5"], -2.0, 3.5),
        (["1,5", "-2,25"], -2.25, 1.5),
        (["1,234.50", "12"], 12.0, 1234.5),
        (["1.234,50", "12,1"], 12.1, 1234.5),
        (["1e3", ".5"], 0.5, 1000.0),
    ],
    ids=["point", "decimal comma", "thousands comma", "thousands point", "exponent"],
)
def test_numbers_are_read_the_way_the_column_writes_them(
    texts: list[str], smallest: float, largest: float
) -> None:
    summary = _summary(texts)
    assert summary is not None
    assert (summary.minimum, summary.maximum) == (smallest, largest)


def test_frequent_values_weigh_by_their_rows() -> None:
    assert _summary(["0", "10"], [3, 1]) == NumberSummary(
        minimum=0.0, maximum=10.0, mean=2.5, stddev=18.75**0.5, quantiles=(0.0, 0.0, 0.0, 0.0, 10.0)
    )


def test_a_few_words_among_numbers_do_not_hide_them() -> None:
    summary = _summary(["5", "unknown"], [99, 1])
    assert summary is not None
    assert (summary.minimum, summary.maximum) == (5.0, 5.0)


@pytest.mark.parametrize("texts", [["a", "b"], ["1", "a"], [], ["2024-01-01"], ["1e999", "1e400"]])
def test_words_days_and_endless_figures_have_no_summary(texts: list[str]) -> None:
    assert _summary(texts) is None


@pytest.mark.parametrize(
    "texts", [["1.", ".5", "-0", "007"], ["1" * 200, "2"], ["1-2", "3"], ["1.2.3", "-"], ["12", "3.25"]]
)
def test_figures_alone_are_read_like_figures_beside_others(texts: list[str]) -> None:
    read = plain_numbers(pa.array(texts))
    one_by_one = read_numbers(pa.array(texts), WITH_POINT)
    if read is not None:
        assert np.array_equal(read, one_by_one, equal_nan=True)
    else:
        assert np.isnan(one_by_one).any()
