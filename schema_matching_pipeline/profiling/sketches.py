"""Bottom-k sketches of hashed values, and how much of one column lies in another."""

from __future__ import annotations

from collections.abc import Sequence

from schema_matching_pipeline.model.measurement import ColumnMeasurement
from schema_matching_pipeline.model.profile import ValueSketch


def value_sketch(measurement: ColumnMeasurement, size: int) -> ValueSketch | None:
    """The sketch of a column's distinct values, or None where it has none."""
    return _sketch(measurement.sketch_hashes, measurement.distinct_count, size)


def word_sketch(measurement: ColumnMeasurement, size: int) -> ValueSketch | None:
    """The sketch of the distinct words of a column's values, or None where none were measured."""
    return _sketch(measurement.word_hashes, measurement.word_count, size)


def contained_share(part: ValueSketch, whole: ValueSketch) -> float:
    """The share of the first column's distinct values found in the second, as far as the sketches tell.

    Hashes above the largest one kept of an incomplete sketch are unknown and count for neither side.

    >>> three = ValueSketch(size=8, hashes=(1, 2, 3), distinct=3, complete=True)
    >>> two = ValueSketch(size=8, hashes=(2, 3), distinct=2, complete=True)
    >>> contained_share(two, three), round(contained_share(three, two), 2)
    (1.0, 0.67)
    """
    known = comparable(part, whole)
    return len(known & frozenset(whole.hashes)) / len(known) if known else 0.0


def comparable(part: ValueSketch, whole: ValueSketch) -> frozenset[int]:
    """The first sketch's hashes of which the second one can tell whether it holds them."""
    if whole.complete:
        return frozenset(part.hashes)
    horizon = whole.hashes[-1] if whole.hashes else -1
    return frozenset(value for value in part.hashes if value <= horizon)


def _sketch(hashes: Sequence[int], distinct: int, size: int) -> ValueSketch | None:
    if not hashes:
        return None
    kept = hashes[:size]
    return ValueSketch(
        size=size, hashes=kept, distinct=max(distinct, len(kept)), complete=len(kept) >= distinct
    )
