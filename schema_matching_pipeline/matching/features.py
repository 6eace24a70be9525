"""From signal matrices to features: each score, and how far it stands above its rivals in row and column.

Gates say what there is to go by: where both sides have values, descriptions, names of plain words. Every
feature also appears multiplied with every gate, so that its weight can depend on what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.canon.names import is_word, name_tokens
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.words import FloatMatrix

GATES = ("values", "descriptions", "words")


@dataclass(frozen=True)
class Features:
    """For each signal its features (columns x fields), and the gates that pairs stand behind."""

    signals: Mapping[str, tuple[FloatMatrix, ...]]
    gates: tuple[FloatMatrix, ...]


FEATURES_PER_SIGNAL = 4  # score, above rivals in row, above rivals in column, known at all


def features_of(columns: Side, fields: Side, scores: Mapping[str, FloatMatrix]) -> Features:
    """The features of every pair."""
    return Features(
        signals={name: _of_signal(matrix) for name, matrix in scores.items()},
        gates=(
            _outer([c.sketch is not None for c in columns.columns], [f.sketch is not None for f in fields.columns]),
            _outer([bool(c.description) for c in columns.columns], [bool(f.description) for f in fields.columns]),
            _outer([_word_share(c.name) for c in columns.columns], [_word_share(f.name) for f in fields.columns]),
        ),
    )  # fmt: skip


def above_rivals(scores: FloatMatrix) -> FloatMatrix:
    """How far each score stands above the best other one in its row (below: negative)."""
    if scores.shape[1] < 2:
        return np.zeros_like(scores)
    best = scores.argmax(axis=1)
    rows = np.arange(scores.shape[0])
    highest = scores[rows, best]
    others = scores.copy()
    others[rows, best] = -np.inf
    second = others.max(axis=1)
    rival = np.repeat(highest[:, None], scores.shape[1], axis=1)
    rival[rows, best] = second
    return np.asarray(scores - rival, dtype=np.float32)


def _of_signal(matrix: FloatMatrix) -> tuple[FloatMatrix, ...]:
    known = ~np.isnan(matrix)
    score = _with_typical(matrix, known)
    in_row = above_rivals(score)
    in_column = above_rivals(np.ascontiguousarray(score.T)).T
    return score, in_row, in_column, known.astype(np.float32)


def _with_typical(matrix: FloatMatrix, known: npt.NDArray[np.bool_]) -> FloatMatrix:
    """Unknown scores stand at the mean of what is known in their row: neither among the best nor the worst.

    A row where nothing is known stands at 0 throughout, so that it says nothing.
    """
    score = np.where(known, matrix, 0.0)
    mean = score.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.asarray(np.where(known, score, mean), dtype=np.float32)


def _outer(left: list[bool] | list[float], right: list[bool] | list[float]) -> FloatMatrix:
    return np.minimum.outer(np.array(left, dtype=np.float32), np.array(right, dtype=np.float32))


def _word_share(name: str) -> float:
    tokens = [token for token in name_tokens(name) if not token.isdigit()]
    return sum(is_word(token) for token in tokens) / len(tokens) if tokens else 0.0
