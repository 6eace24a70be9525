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
    texts, counts = measurement.texts, measurement.counts
    limit = policy.inspected_values
    if len(texts) <= limit and measurement.values_complete:
        return _weighed(texts, np.array(counts, dtype=np.float64), known, complete=True)
    filled = measurement.row_count - measurement.null_count - measurement.blank_count
    half = limit // 2
    rest, own = _stretched(counts[half:], limit - len(texts[:half]), filled - sum(counts[:half]))
    weights = np.concatenate([np.array(counts[:half], dtype=np.float64), own])
    return _weighed((*texts[:half], *texts[half::rest]), weights, known, complete=False)


def _stretched(counts: Sequence[int], limit: int, rows: float) -> tuple[int, Weights]:
    """Every how many-th of values to take, and what those weigh that stand for so many rows."""
    step = max(1, -(-len(counts) // limit)) if limit else 1
    picked = np.array(counts[::step], dtype=np.float64)
    return step, picked * max(1.0, rows / picked.sum()) if len(picked) else picked


def _weighed(texts: Sequence[str], weights: Weights, known: KnownTexts, *, complete: bool) -> WeighedValues:
    places = known.places(texts)
    stripped = tuple(map(known.texts.__getitem__, places.tolist()))
    return WeighedValues(stripped, weights, complete, known, places)
