"""What the value bank knows of each field, and how much of a column it covers."""

from __future__ import annotations

from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.profile import ValueSketch


def values_by_field(knowledge: Knowledge) -> dict[FieldRef, ValueSketch]:
    """The sketch of verified values of every field the bank knows."""
    return {known.target: known.sketch for known in knowledge.field_values}


def covered_share(part: ValueSketch, known: ValueSketch) -> float:
    """The share of a column's distinct values that are among the known ones, as far as the sketches tell.

    Hashes above the largest one kept of an incomplete sketch are unknown and count for neither side.

    >>> known = ValueSketch(size=8, hashes=(1, 2, 3), distinct=3, complete=True)
    >>> covered_share(ValueSketch(size=8, hashes=(2, 9), distinct=2, complete=True), known)
    0.5
    """
    horizon = None if known.complete else known.hashes[-1] if known.hashes else -1
    asked = [value for value in part.hashes if horizon is None or value <= horizon]
    held = frozenset(known.hashes)
    return sum(value in held for value in asked) / len(asked) if asked else 0.0
