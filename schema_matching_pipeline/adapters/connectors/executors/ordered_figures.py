"""Figures of numbers that come in ascending order, a batch at a time: however many there are, one batch is held."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.model.profile import NumberSummary

# Numbers, and how many rows each of them stands for.
Weighted = tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]

_QUANTILES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])


def weighted_summary(numbers: npt.NDArray[np.float64], weights: npt.NDArray[np.int64]) -> NumberSummary:
    """Figures of numbers in any order that stand for so many rows each; there is one at least."""
    order = np.argsort(numbers, kind="stable")
    return ordered_summary([(numbers[order], weights[order])], int(weights.sum()))


def ordered_summary(batches: Iterable[Weighted], rows: int) -> NumberSummary:
    """Figures of all batches, which stand for so many ``rows`` together; each holds one number at least."""
    wanted = np.ceil(_QUANTILES * rows)
    counted, mean, squares = 0, 0.0, 0.0
    extremes, quantiles = list[float](), list[float]()
    for numbers, weights in batches:
        reached = counted + np.cumsum(weights)
        missing = wanted[len(quantiles) :]
        found = np.searchsorted(reached, missing[missing <= reached[-1]])
        quantiles += numbers[found].tolist()
        extremes = [*extremes[:1], float(numbers[0]), float(numbers[-1])]
        # The mean and the squares of two parts are those of the whole after Chan, Golub and LeVeque.
        weighing = weights.astype(np.float64)
        added = float(weighing.sum())
        share = added / (counted + added)
        with np.errstate(invalid="ignore", over="ignore"):
            own = float((numbers * weighing).sum() / added)
            squares += float(((numbers - own) ** 2 * weighing).sum()) + (own - mean) ** 2 * counted * share
        mean, counted = mean + (own - mean) * share, int(reached[-1])
    return NumberSummary(
        minimum=extremes[0],
        maximum=extremes[-1],
        mean=mean,
        stddev=float(np.sqrt(squares / counted)),
        quantiles=tuple(quantiles),
    )
