"""The distinct values a column is judged by, each weighing as many rows as it stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.model.measurement import ColumnMeasurement
from schema_matching_pipeline.profiling.fillers import is_placeholder

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class WeighedValues:
    """Distinct filled values, stripped, and how many rows each stands for; ``complete`` when none is missing."""

    texts: tuple[str, ...]
    weights: Weights
    complete: bool

    @property
    def total(self) -> float:
        """The rows that all values together stand for."""
        return float(self.weights.sum())

    @cached_property
    def spoken(self) -> WeighedValues:
        """The values that say something: all but placeholders such as N/A."""
        return self.without(is_placeholder)

    def share(self, holds: Sequence[bool]) -> float:
        """The share of rows whose value satisfies a condition, given one truth for every value."""
        return float(self.weights @ np.asarray(holds, dtype=np.float64)) / self.total if self.texts else 0.0

    def share_where(self, condition: Callable[[str], object]) -> float:
        """The share of rows whose value satisfies a condition."""
        return self.share([bool(condition(text)) for text in self.texts])

    def without(self, condition: Callable[[str], object]) -> WeighedValues:
        """The values that do not satisfy a condition."""
        kept = [index for index, text in enumerate(self.texts) if not condition(text)]
        if len(kept) == len(self.texts):
            return self
        return WeighedValues(tuple(self.texts[i] for i in kept), self.weights[kept], self.complete)


def weigh(measurement: ColumnMeasurement, limit: int) -> WeighedValues:
    """At most ``limit`` of the measured values.

    The more frequent half keep their own counts; of the others, evenly spaced ones stand for the rest of the
    filled rows, so that neither the few frequent nor the many rare values are overheard.
    """
    measured = [(text.strip(), count) for text, count in measurement.values]
    filled = [(text, count) for text, count in measured if text]
    rows = measurement.row_count - measurement.null_count - measurement.blank_count
    if len(filled) <= limit and measurement.values_complete:
        return _pair(filled, complete=True)
    head = filled[: limit // 2]
    return _pair(head + _stretch(filled[limit // 2 :], limit - len(head), rows - _rows(head)), complete=False)


def _stretch(values: Sequence[tuple[str, int]], limit: int, rows: float) -> list[tuple[str, float]]:
    """Evenly spaced values whose counts are stretched to stand for so many rows."""
    step = max(1, -(-len(values) // limit)) if limit else 1
    picked = values[::step]
    factor = max(1.0, rows / _rows(picked)) if picked else 1.0
    return [(text, count * factor) for text, count in picked]


def _rows(values: Sequence[tuple[str, float]]) -> float:
    return sum(count for _, count in values)


def _pair(values: Sequence[tuple[str, float]], *, complete: bool) -> WeighedValues:
    weights = np.fromiter((count for _, count in values), dtype=np.float64, count=len(values))
    return WeighedValues(tuple(text for text, _ in values), weights, complete)
