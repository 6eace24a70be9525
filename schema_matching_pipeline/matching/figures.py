"""How alike the figures of profiled columns are, for all pairs at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from schema_matching_pipeline.matching.words import FloatMatrix
from schema_matching_pipeline.model.profile import ColumnProfile, PatternShare

Profiles = Sequence[ColumnProfile | None]
Shares = Sequence[tuple[PatternShare, ...]]
LENGTH_SPREAD = 0.5  # in logarithms: lengths that differ by this factor are e times less alike
NUMBER_SPREAD = 0.25
YEAR_SPREAD = 8.0
SHARE_SPREAD = 0.3


def cosine_of_shares(left: Shares, right: Shares) -> FloatMatrix:
    """Cosine of share vectors by name; NaN where a side has none."""
    names = sorted({share.name for shares in (*left, *right) for share in shares})
    position = {name: index for index, name in enumerate(names)}
    first, second = _share_matrix(left, position), _share_matrix(right, position)
    scores = np.asarray(_unit(first) @ _unit(second).T, dtype=np.float32)
    scores[[not shares for shares in left], :] = np.nan
    scores[:, [not shares for shares in right]] = np.nan
    return np.clip(scores, 0.0, 1.0)


def figure_fit(left: Profiles, right: Profiles) -> FloatMatrix:
    """Mean likeness of those figures that both columns have; NaN where there is none."""
    parts = [
        _likeness(_figures(left, get), _figures(right, get), spread)
        for get, spread in (
            (_mean_length, LENGTH_SPREAD),
            (_number_quantiles, NUMBER_SPREAD),
            (_years, YEAR_SPREAD),
            (_filling, SHARE_SPREAD),
        )
    ]
    known = np.stack(parts)
    counted = (~np.isnan(known)).sum(axis=0)
    mean = np.nansum(known, axis=0) / np.maximum(counted, 1)
    return np.asarray(np.where(counted > 1, mean, np.nan), dtype=np.float32)


def _share_matrix(shares: Shares, position: dict[str, int]) -> FloatMatrix:
    matrix = np.zeros((len(shares), max(len(position), 1)), dtype=np.float32)
    for row, each in enumerate(shares):
        for share in each:
            matrix[row, position[share.name]] = share.share
    return matrix


def _unit(matrix: FloatMatrix) -> FloatMatrix:
    return np.asarray(matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9))


def _likeness(left: FloatMatrix, right: FloatMatrix, spread: float) -> FloatMatrix:
    """Falls with e to the mean distance in spreads, between rows of figures; NaN where a side has none at all."""
    if left.shape[1] != right.shape[1]:
        return np.full((left.shape[0], right.shape[0]), np.nan, dtype=np.float32)
    distance = np.zeros((left.shape[0], right.shape[0]), dtype=np.float32)
    for figure in range(left.shape[1]):
        distance += np.abs(left[:, figure][:, None] - right[:, figure][None, :])
    return np.asarray(np.exp(-distance / (left.shape[1] * spread)), dtype=np.float32)


def _figures(profiles: Profiles, get: _Getter) -> FloatMatrix:
    rows = [get(profile) if profile and profile.filled_count else () for profile in profiles]
    width = max((len(row) for row in rows), default=1) or 1
    return np.array([row or (np.nan,) * width for row in rows], dtype=np.float32).reshape(-1, width)


def _mean_length(profile: ColumnProfile) -> tuple[float, ...]:
    lengths = profile.lengths
    return (float(np.log1p(lengths.mean)), float(np.log1p(lengths.maximum))) if lengths else ()


def _number_quantiles(profile: ColumnProfile) -> tuple[float, ...]:
    if profile.numbers is None:
        return ()
    figures = profile.numbers
    marks = figures.quantiles if len(figures.quantiles) == _QUANTILES else (figures.mean,) * _QUANTILES
    return tuple(float(np.arcsinh(mark)) / 2 for mark in marks)


def _years(profile: ColumnProfile) -> tuple[float, ...]:
    return (float(profile.dates.first.year), float(profile.dates.last.year)) if profile.dates else ()


def _filling(profile: ColumnProfile) -> tuple[float, ...]:
    return (profile.filled_share, profile.distinct_count / profile.filled_count)


_QUANTILES = 5
_Getter = Callable[[ColumnProfile], tuple[float, ...]]
