"""The distinct values a column is judged by, each weighing as many rows as it stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.model.measurement import ColumnMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.profiling.fillers import is_placeholder, may_be_placeholder
from schema_matching_pipeline.profiling.shapes import Shapes, shapes_of

_DEFAULT = ProfilePolicy()
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class WeighedValues:
    """Distinct filled values, stripped, and how many rows each stands for; ``complete`` when none is missing."""

    texts: tuple[str, ...]
    weights: Weights
    complete: bool
    shape_length: int = _DEFAULT.shape_length

    @property
    def total(self) -> float:
        """The rows that all values together stand for."""
        return float(self.weights.sum())

    @cached_property
    def spoken(self) -> WeighedValues:
        """The values that say something: all but placeholders such as N/A."""
        absent = set(self.where(is_placeholder, may_be_placeholder))
        if not absent:
            return self
        kept = [place for place in range(len(self.texts)) if place not in absent]
        texts = tuple(self.texts[place] for place in kept)
        return replace(self, texts=texts, weights=self.weights[kept])

    @cached_property
    def shapes(self) -> Shapes:
        """The shapes of the values."""
        return shapes_of(self.texts, limit=self.shape_length)

    def where(self, condition: Callable[[str], object], may_hold: Callable[[str], bool]) -> list[int]:
        """Where the values stand that satisfy a condition; only those are looked at whose shape may."""
        return [place for place in self.shapes.where(may_hold) if condition(self.texts[place])]

    def share_at(self, places: Sequence[int]) -> float:
        """The share of rows whose values stand there."""
        return float(self.weights[places].sum()) / self.total if places else 0.0

    def share(self, holds: Sequence[bool]) -> float:
        """The share of rows whose value satisfies a condition, given one truth for every value."""
        return float(self.weights @ np.asarray(holds, dtype=np.float64)) / self.total if self.texts else 0.0


def weigh(measurement: ColumnMeasurement, policy: ProfilePolicy) -> WeighedValues:
    """The measured values, or as many of them as are inspected.

    The more frequent half keep their own counts; of the others, evenly spaced ones stand for the rest of the
    filled rows, so that neither the few frequent nor the many rare values are overheard.
    """
    texts = [text.strip() for text, _ in measurement.values]
    filled = [(text, count) for text, (_, count) in zip(texts, measurement.values, strict=True) if text]
    rows = measurement.row_count - measurement.null_count - measurement.blank_count
    limit = policy.inspected_values
    if len(filled) <= limit and measurement.values_complete:
        return _pair(filled, policy, complete=True)
    head = filled[: limit // 2]
    return _pair(
        head + _stretch(filled[limit // 2 :], limit - len(head), rows - _rows(head)), policy, complete=False
    )


def _stretch(values: Sequence[tuple[str, int]], limit: int, rows: float) -> list[tuple[str, float]]:
    """Evenly spaced values whose counts are stretched to stand for so many rows."""
    step = max(1, -(-len(values) // limit)) if limit else 1
    picked = values[::step]
    factor = max(1.0, rows / _rows(picked)) if picked else 1.0
    return [(text, count * factor) for text, count in picked]


def _rows(values: Sequence[tuple[str, float]]) -> float:
    return sum(count for _, count in values)


def _pair(values: Sequence[tuple[str, float]], policy: ProfilePolicy, *, complete: bool) -> WeighedValues:
    weights = np.fromiter((count for _, count in values), dtype=np.float64, count=len(values))
    return WeighedValues(tuple(text for text, _ in values), weights, complete, policy.shape_length)
