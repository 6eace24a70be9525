"""Logistic models fitted to pairs: right odds for each pair, and the right order within each column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

ROUNDS = 2_000  # of a fit, at most; it comes to rest long before, so that its figures do not hang on where it was cut off
Matrix = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """Pairs as rows of features; ``starts`` says where each column's pairs begin."""

    design: Matrix
    truth: Vector
    weight: Vector
    starts: npt.NDArray[np.intp]


@dataclass(frozen=True)
class Penalty:
    """How strongly each weight is pulled to zero, and which may not be negative."""

    strength: Vector
    not_negative: npt.NDArray[np.bool_]


def join(samples: list[Sample]) -> Sample:
    """All samples as one."""
    offsets = np.cumsum([0, *(len(sample.truth) for sample in samples)])
    return Sample(
        np.concatenate([sample.design for sample in samples]),
        np.concatenate([sample.truth for sample in samples]),
        np.concatenate([sample.weight for sample in samples]),
        np.concatenate([s.starts + offset for s, offset in zip(samples, offsets, strict=False)]),
    )


def fit(sample: Sample, penalty: Penalty, *, ranking: float) -> Vector:
    """The weights that explain the sample best; ``ranking`` says how much order counts beside odds."""
    total = sample.weight.sum()
    lengths = np.diff(np.append(sample.starts, len(sample.truth)))
    owner = np.repeat(np.arange(len(sample.starts)), lengths)
    column_weight = np.add.reduceat(sample.weight, sample.starts)
    has_truth = np.add.reduceat(sample.truth, sample.starts) > 0

    def loss(weights: Vector) -> tuple[float, Vector]:
        odds = (sample.design @ weights.astype(np.float32)).astype(np.float64)
        chance = 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
        value = float((sample.weight * (np.logaddexp(0, odds) - sample.truth * odds)).sum())
        slope = sample.weight * (chance - sample.truth)
        if ranking:
            extra, extra_slope = _order(odds, sample, owner, column_weight * has_truth)
            value, slope = value + ranking * extra, slope + ranking * extra_slope
        gradient = sample.design.T @ slope.astype(np.float32)
        value = value / total + float((penalty.strength * weights**2).sum())
        return value, gradient.astype(np.float64) / total + 2 * penalty.strength * weights

    start = np.zeros(sample.design.shape[1])
    bounds = [(0.0, None) if flag else (None, None) for flag in penalty.not_negative]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": ROUNDS})
    return np.asarray(found.x, dtype=np.float64)


def _order(
    odds: Vector, sample: Sample, owner: npt.NDArray[np.intp], column_weight: Vector
) -> tuple[float, Vector]:
    """Minus the log of the share that true pairs have in their column, and its slope."""
    highest = np.maximum.reduceat(odds, sample.starts)[owner]
    grown = np.exp(odds - highest)
    everything = np.add.reduceat(grown, sample.starts)
    right = np.add.reduceat(grown * sample.truth, sample.starts)
    value = float((column_weight * (np.log(everything) - np.log(np.maximum(right, 1e-12)))).sum())
    share = grown / everything[owner]
    share_of_right = grown * sample.truth / np.maximum(right, 1e-12)[owner]
    return value, column_weight[owner] * (share - share_of_right)
