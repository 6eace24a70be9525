"""Signals to log-odds: a logistic combiner whose weights depend on what evidence there is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from schema_matching_pipeline.matching.features import Features
from schema_matching_pipeline.matching.weights import CombinerWeights, GatedWeight, SignalWeights
from schema_matching_pipeline.matching.words import FloatMatrix, IntVector

UNTRAINED = SignalWeights(features=(GatedWeight(plain=0.5, gated=()),))  # a new signal counts a little

Pairs = tuple[IntVector, IntVector]
"""Row and column positions of some pairs."""


def log_odds(features: Features, weights: CombinerWeights) -> FloatMatrix:
    """The log-odds that a column fills a field, for every pair."""
    total = _gated(weights.intercept, features.gates)
    for name, matrices in features.signals.items():
        for matrix, weight in zip(matrices, _weights_of(name, weights), strict=False):
            total = total + matrix * _gated(weight, features.gates)
    return np.asarray(total, dtype=np.float32)


def contributions(features: Features, weights: CombinerWeights, pairs: Pairs) -> dict[str, FloatMatrix]:
    """What each signal adds to the log-odds of some pairs; with ``base``, they sum to them."""
    gates = tuple(gate[pairs] for gate in features.gates)
    shares = {"base": _gated(weights.intercept, gates)}
    for name, matrices in features.signals.items():
        parts = zip(matrices, _weights_of(name, weights), strict=False)
        shares[name] = sum(
            (matrix[pairs] * _gated(weight, gates) for matrix, weight in parts),
            start=np.zeros(len(pairs[0]), dtype=np.float32),
        )
    return shares


def _weights_of(name: str, weights: CombinerWeights) -> Iterator[GatedWeight]:
    return iter(weights.signals.get(name, UNTRAINED).features)


def _gated(weight: GatedWeight, gates: tuple[FloatMatrix, ...]) -> FloatMatrix:
    """The plain weight and those of the gates, as open as each pair finds them."""
    total = np.full(gates[0].shape, weight.plain, dtype=np.float32)
    for gate, extra in zip(gates, weight.gated, strict=False):
        total += gate * np.float32(extra)
    return total
