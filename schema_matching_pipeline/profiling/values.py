"""The distinct values a column is judged by, each weighing as many rows as it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.canon.growing import Places
from schema_matching_pipeline.model.measurement import ColumnMeasurement, NumberedTexts
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.profiling.known_texts import PLACEHOLDER, KnownTexts, Told

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class WeighedValues:
    """Distinct filled values, stripped, and how many rows each stands for; ``complete`` when none is missing.

    ``places`` is where they stand among the ``known`` texts, and ``told`` what each tells by itself.
    """

    weights: Weights
    complete: bool
    known: KnownTexts
    places: Places
    told: Told

    def __len__(self) -> int:
        """How many values there are."""
        return len(self.places)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The values themselves; most questions are answered without them."""
        return self.first(len(self))

    def first(self, count: int) -> tuple[str, ...]:
        """The first of the values."""
        return tuple(map(self.known.texts.__getitem__, self.places[:count].tolist()))

    @cached_property
    def total(self) -> float:
        """The rows that all values together stand for."""
        return float(self.weights.sum())

    @cached_property
    def spoken(self) -> WeighedValues:
        """The values that say something: all but placeholders such as N/A."""
        if not self.holds(PLACEHOLDER):
            return self
        says = ~self.have(PLACEHOLDER)
        return replace(self, weights=self.weights[says], places=self.places[says], told=self.told.where(says))

    def holds(self, mark: int) -> bool:
        """Whether some value has one of these marks."""
        return bool(self._marks & mark)

    def have(self, mark: int) -> npt.NDArray[np.bool_]:
        """Which values have one of these marks."""
        return (self.told.marks & mark).astype(np.bool_)

    @cached_property
    def _marks(self) -> int:
        return int(np.bitwise_or.reduce(self.told.marks))

    def share_at(self, places: Sequence[int]) -> float:
        """The share of rows whose values stand there."""
        return float(self.weights[places].sum()) / self.total if places else 0.0

    def share(self, holds: npt.NDArray[np.bool_]) -> float:
        """The share of rows whose value satisfies a condition, given one truth for every value."""
        return float(self.weights @ holds.astype(np.float64)) / self.total if len(self) else 0.0

    def shapes(self) -> list[tuple[str, float]]:
        """The shapes of the values, and how much the values of each weigh together."""
        weights = np.bincount(self.told.shape, self.weights)
        seen = np.flatnonzero(np.bincount(self.told.shape)).tolist()
        return [(self.known.shapes[number], float(weights[number])) for number in seen]


def weigh(measurement: ColumnMeasurement, policy: ProfilePolicy, known: KnownTexts) -> WeighedValues:
    """The measured values, or as many of them as are inspected."""
    [values] = weigh_all([measurement], policy, known)
    return values


def weigh_all(
    measurements: Sequence[ColumnMeasurement], policy: ProfilePolicy, known: KnownTexts
) -> list[WeighedValues]:
    """The values of several columns, looked up all at once."""
    chosen = [_chosen(measurement, policy) for measurement in measurements]
    places = list(_placed([one.texts for one in chosen], known))
    told = known.told(np.concatenate(places) if places else np.zeros(0, np.intp))
    bounds = pairwise([0, *accumulate(map(len, places))])
    return [
        WeighedValues(one.weights, one.complete, known, own, told.part(start, end))
        for one, own, (start, end) in zip(chosen, places, bounds, strict=True)
    ]


def _placed(columns: Sequence[Sequence[str]], known: KnownTexts) -> Iterator[Places]:
    """Where the texts of each column stand; neighbours of one collection are looked up together."""
    for _, some in groupby(columns, key=_collection):
        texts = list(some)
        numbered = [one for one in texts if isinstance(one, NumberedTexts)]
        if numbered:
            numbers = np.concatenate([one.numbers for one in numbered])
            places = known.places_of(NumberedTexts(numbered[0].collection, numbers))
        else:
            places = known.places([text for one in texts for text in one])
        yield from np.split(places, np.cumsum([len(one) for one in texts])[:-1])


def _collection(texts: Sequence[str]) -> int | None:
    """Which collection texts are of; None where they are of none."""
    return id(texts.collection) if isinstance(texts, NumberedTexts) else None


class _Chosen(NamedTuple):
    """The values of a column that are inspected, and how many rows each stands for."""

    texts: Sequence[str]
    weights: Weights
    complete: bool


def _chosen(measurement: ColumnMeasurement, policy: ProfilePolicy) -> _Chosen:
    """All values where they are few enough.

    Of more, the more frequent half keep their own counts; of the others, evenly spaced ones stand for the rest of the
    filled rows, so that neither the few frequent nor the many rare values are overheard.
    """
    texts, counts = measurement.texts, measurement.counts
    limit = policy.inspected_values
    if len(texts) <= limit and measurement.values_complete:
        return _Chosen(texts, np.array(counts, dtype=np.float64), complete=True)
    filled = measurement.row_count - measurement.null_count - measurement.blank_count
    half = limit // 2
    rest, own = _stretched(counts[half:], limit - len(texts[:half]), filled - sum(counts[:half]))
    weights = np.concatenate([np.array(counts[:half], dtype=np.float64), own])
    return _Chosen((*texts[:half], *texts[half::rest]), weights, complete=False)


def _stretched(counts: Sequence[int], limit: int, rows: float) -> tuple[int, Weights]:
    """Every how many-th of values to take, and what those weigh that stand for so many rows."""
    step = max(1, -(-len(counts) // limit)) if limit else 1
    picked = np.array(counts[::step], dtype=np.float64)
    return step, picked * max(1.0, rows / picked.sum()) if len(picked) else picked
