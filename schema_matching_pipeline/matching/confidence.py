"""Calibrated confidence: a second small logistic on how a pair stands among its rivals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from schema_matching_pipeline.matching.features import above_rivals
from schema_matching_pipeline.matching.words import DoubleMatrix, FloatMatrix

FARTHEST = 12.0  # log-odds and margins beyond this say no more
VOTE_FLOOR = 0.3  # a score below this is no vote, even where it is the best of its row


def confidence_features(odds: FloatMatrix, scores: Mapping[str, FloatMatrix]) -> dict[str, FloatMatrix]:
    """What the confidence of a pair depends on, for every pair."""
    in_row = above_rivals(odds)
    in_column = above_rivals(np.ascontiguousarray(odds.T)).T
    typical = float(np.mean(np.clip(odds.max(axis=1), -FARTHEST, FARTHEST)))
    return {
        "odds": np.clip(odds, -FARTHEST, FARTHEST),
        "above_row": np.clip(in_row, -FARTHEST, FARTHEST),
        "above_column": np.clip(in_column, -FARTHEST, FARTHEST),
        "mutual": ((in_row > 0) & (in_column > 0)).astype(np.float32),
        "votes": _votes(scores),
        "typical": np.full(odds.shape, typical, dtype=np.float32),
    }


def weigh_confidence(features: Mapping[str, FloatMatrix], weights: Mapping[str, float]) -> FloatMatrix:
    """The logit of the confidence of every pair."""
    total = np.full(features["odds"].shape, weights.get("base", 0.0), dtype=np.float32)
    for name, matrix in features.items():
        total += matrix * np.float32(weights.get(name, 0.0))
    return total


def sigmoid(logit: FloatMatrix | DoubleMatrix) -> DoubleMatrix:
    """Log-odds as a probability."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(logit, dtype=np.float64))))


def _votes(scores: Mapping[str, FloatMatrix]) -> FloatMatrix:
    """How many signals put the pair first in its row, alone and with a score worth the name."""
    votes = [
        (above_rivals(known) > 0) & (known >= VOTE_FLOOR)
        for known in (np.nan_to_num(matrix) for matrix in scores.values())
    ]
    return np.asarray(np.sum(votes, axis=0), dtype=np.float32)
