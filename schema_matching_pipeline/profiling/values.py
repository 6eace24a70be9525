"""The distinct values a column is judged by, each weighing as many rows as it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.model.measurement import ColumnMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.profiling.known_texts import KnownTexts, Places

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class WeighedValues:
    """Distinct filled values, stripped, and how many rows each stands for; ``complete`` when none is missing.

    ``places`` is where they stand among the ``known`` texts.
    """

    texts: tuple[str, ...]
    weights: Weights
    complete: bool
    known: KnownTexts
    places: Places

    @cached_property
    def total(self) -> float:
        """The rows that all values together stand for."""
        return float(self.weights.sum())

    @cached_property
    def spoken(self) -> WeighedValues:
        """The values that say something: all but placeholders such as N/A."""
        absent = self.known.is_placeholder[self.places]
        if not absent.any():
            return self
        kept = np.flatnonzero(~absent)
        texts = tuple(self.texts[place] for place in kept)
        return replace(self, texts=texts, weights=self.weights[kept], places=self.places[kept])

    def share_at(self, places: Sequence[int]) -> float:
        """The share of rows whose values stand there."""
        return float(self.weights[places].sum()) / self.total if places else 0.0

    def share(self, holds: npt.NDArray[np.bool_]) -> float:
        """The share of rows whose value satisfies a condition, given one truth for every value."""
        return float(self.weights @ holds.astype(np.float64)) / self.total if self.texts else 0.0

    def shapes(self) -> list[tuple[str, float]]:
        """The shapes of the values, and how much the values of each weigh together."""
        numbers, which = np.unique(self.known.shape[self.places], return_inverse=True)
        weights = np.bincount(which, self.weights, len(numbers)).tolist()
        return [
            (self.known.shapes[number], weight)
            for number, weight in zip(numbers.tolist(), weights, strict=True)
        ]


def weigh(measurement: ColumnMeasurement, policy: ProfilePolicy, known: KnownTexts) -> WeighedValues:
    """The measured values, or as many of them as are inspected.

    The more frequent half keep their own counts; of the others, evenly spaced ones stand for the rest of the
    filled rows, so that neither the few frequent nor the many rare values are overheard.
    """
    filled = measurement.values
    if not all(text.strip() for text, _ in filled):
        filled = tuple((text, count) for text, count in filled if text.strip())
    rows = measurement.row_count - measurement.null_count - measurement.blank_count
    limit = policy.inspected_values
    if len(filled) <= limit and measurement.values_complete:
        return _pair(filled, known, complete=True)
    head = filled[: limit // 2]
    rest = _stretch(filled[limit // 2 :], limit - len(head), rows - _rows(head))
    return _pair((*head, *rest), known, complete=False)


def _stretch(values: Sequence[tuple[str, int]], limit: int, rows: float) -> list[tuple[str, float]]:
    """Evenly spaced values whose counts are stretched to stand for so many rows."""
    step = max(1, -(-len(values) // limit)) if limit else 1
    picked = values[::step]
    factor = max(1.0, rows / _rows(picked)) if picked else 1.0
    return [(text, count * factor) for text, count in picked]


def _rows(values: Sequence[tuple[str, float]]) -> float:
    return sum(count for _, count in values)


def _pair(values: Sequence[tuple[str, float]], known: KnownTexts, *, complete: bool) -> WeighedValues:
    texts, weights = zip(*values, strict=True) if values else ((), ())
    places = known.places(texts)
    stripped = tuple(map(known.texts.__getitem__, places.tolist()))
    return WeighedValues(stripped, np.array(weights, dtype=np.float64), complete, known, places)
