"""Overlap of many sketches with many others, without a loop over pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from schema_matching_pipeline.matching.words import FloatMatrix
from schema_matching_pipeline.model.profile import ValueSketch

Sketches = Sequence[ValueSketch | None]
DOUBT = 1.0  # weight of common values that a full overlap needs before it is half believed

_Hashes = npt.NDArray[np.uint64]


def sketch_overlap(left: Sketches, right: Sketches) -> FloatMatrix:
    """Mean of containment and Jaccard similarity, rare values weighing more; NaN where a sketch is missing."""
    return _compared(left, right, _overlap)


def sketch_containment(left: Sketches, right: Sketches) -> FloatMatrix:
    """The larger share of either side's values that the other holds, rare values weighing more; NaN as above."""
    return _compared(left, right, _containment)


def _compared(
    left: Sketches, right: Sketches, compare: Callable[[Sketches, Sketches], FloatMatrix]
) -> FloatMatrix:
    scores = np.full((len(left), len(right)), np.nan, dtype=np.float32)
    rows, columns = _filled(left), _filled(right)
    if rows and columns:
        scores[np.ix_(rows, columns)] = compare([left[i] for i in rows], [right[j] for j in columns])
    return scores


def _filled(sketches: Sketches) -> list[int]:
    return [index for index, sketch in enumerate(sketches) if sketch is not None and sketch.hashes]


def _overlap(left: Sketches, right: Sketches) -> FloatMatrix:
    common, own, other = _weights_in_common(left, right)
    contained = common / np.maximum(np.minimum(own, other), 1e-9)
    jaccard = common / np.maximum(own + other - common, 1e-9)
    belief = common / (common + DOUBT)
    return np.asarray(np.clip(belief * (contained + jaccard) / 2, 0.0, 1.0), dtype=np.float32)


def _containment(left: Sketches, right: Sketches) -> FloatMatrix:
    common, own, other = _weights_in_common(left, right)
    belief = common / (common + DOUBT)
    contained = common / np.maximum(np.minimum(own, other), 1e-9)
    return np.asarray(np.clip(belief * contained, 0.0, 1.0), dtype=np.float32)


def _weights_in_common(left: Sketches, right: Sketches) -> tuple[FloatMatrix, FloatMatrix, FloatMatrix]:
    """For every pair the weight of the common values, and of either side's as far as the other can tell of them."""
    hashes, other_hashes = _arrays(left), _arrays(right)
    values, positions = np.unique(np.concatenate([*hashes, *other_hashes]), return_inverse=True)
    weights = _rarity(positions, len(values), len(left) + len(right))
    split = sum(len(each) for each in hashes)
    first = _incidence(positions[:split], hashes, len(values))
    second = _incidence(positions[split:], other_hashes, len(values))
    common = np.asarray((first.multiply(weights[None, :]).tocsr() @ second.T).toarray(), dtype=np.float32)
    limits, other_limits = _limits(left, hashes), _limits(right, other_hashes)
    own = _weight_up_to(hashes, positions[:split], weights, other_limits)
    other = _weight_up_to(other_hashes, positions[split:], weights, limits).T
    return common, own, other


def _arrays(sketches: Sketches) -> list[_Hashes]:
    return [np.array(sketch.hashes, dtype=np.uint64) for sketch in sketches if sketch is not None]


def _rarity(positions: npt.NDArray[np.intp], values: int, columns: int) -> FloatMatrix:
    seen = np.bincount(positions, minlength=values)
    return np.asarray(np.log1p(columns / seen) / np.log1p(columns / 2), dtype=np.float32).clip(0, 1)


def _incidence(positions: npt.NDArray[np.intp], hashes: Sequence[_Hashes], values: int) -> csr_array:
    starts = np.concatenate(([0], np.cumsum([len(each) for each in hashes])))
    filled = np.ones(len(positions), dtype=np.float32)
    return csr_array((filled, positions, starts), shape=(len(hashes), values))


def _limits(sketches: Sketches, hashes: Sequence[_Hashes]) -> _Hashes:
    """Up to which hash a sketch tells everything."""
    everything = np.iinfo(np.uint64).max
    ends = [
        everything if sketch is None or sketch.complete else int(each[-1])
        for sketch, each in zip(sketches, hashes, strict=True)
    ]
    return np.array(ends, dtype=np.uint64)


def _weight_up_to(
    hashes: Sequence[_Hashes], positions: npt.NDArray[np.intp], weights: FloatMatrix, limits: _Hashes
) -> FloatMatrix:
    """The weight of each sketch's values up to each limit (sketches x limits); hashes must ascend."""
    result = np.zeros((len(hashes), len(limits)), dtype=np.float32)
    start = 0
    for row, each in enumerate(hashes):
        running = np.concatenate(([0.0], np.cumsum(weights[positions[start : start + len(each)]])))
        result[row] = running[np.searchsorted(each, limits, side="right")]
        start += len(each)
    return result
