"""What is known of a field's values, as sketches, and how much of a column they cover."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldRef
from schema_matching_pipeline.model.knowledge import FieldValues, Knowledge
from schema_matching_pipeline.model.profile import ValueSketch

PACKAGED = 0  # clients that showed a value which the canonical model itself lists


def packaged_values(schema: CanonicalSchema, hash_value: Callable[[str], int]) -> tuple[FieldValues, ...]:
    """A complete sketch for every field whose admissible values the model lists, in all usual spellings.

    ``hash_value`` is the installation's keyed hash, the one that profiles are made with.
    """
    return tuple(
        FieldValues(target=ref, sketch=sketch_of(_spellings(field.values), hash_value), clients=PACKAGED)
        for ref in schema.refs()
        if (field := schema.field(ref)) and field.values
    )


def listed_spellings(
    schema: CanonicalSchema, hash_value: Callable[[str], int]
) -> dict[tuple[FieldRef, int], str]:
    """The admissible values that the model lists for its fields, by field and hash."""
    return {
        (ref, hash_value(spelled)): spelled
        for ref in schema.refs()
        if (field := schema.field(ref)) and field.values
        for spelled in reversed(_spellings(field.values))
    }


def sketch_of(values: Iterable[str], hash_value: Callable[[str], int]) -> ValueSketch:
    """A complete sketch of a short list of values.

    >>> sketch_of(["b", "a", "b"], ord).hashes
    (97, 98)
    """
    hashes = tuple(sorted({hash_value(value) for value in values}))
    return ValueSketch(size=max(len(hashes), 1), hashes=hashes, distinct=len(hashes), complete=True)


def merge(first: ValueSketch, second: ValueSketch) -> ValueSketch:
    """The sketch of both value sets together, as far up as both tell everything; the order does not matter."""
    horizon = _horizon(first, second)
    hashes = tuple(
        sorted(value for value in {*first.hashes, *second.hashes} if horizon is None or value <= horizon)
    )
    complete = horizon is None
    return ValueSketch(
        size=max(first.size, second.size, len(hashes)),
        hashes=hashes,
        distinct=len(hashes) if complete else max(first.distinct, second.distinct, len(hashes)),
        complete=complete,
    )


def covered_share(part: ValueSketch, known: ValueSketch) -> float:
    """The share of a column's distinct values that are among the known ones, as far as the sketches tell.

    Hashes above the largest one kept of an incomplete sketch are unknown and count for neither side.

    >>> known = ValueSketch(size=8, hashes=(1, 2, 3), distinct=3, complete=True)
    >>> covered_share(ValueSketch(size=8, hashes=(2, 9), distinct=2, complete=True), known)
    0.5
    """
    horizon = _horizon(known)
    asked = [value for value in part.hashes if horizon is None or value <= horizon]
    held = frozenset(known.hashes)
    return sum(value in held for value in asked) / len(asked) if asked else 0.0


def values_by_field(knowledge: Knowledge) -> dict[FieldRef, ValueSketch]:
    """One sketch for every field the bank knows anything of."""
    sketches: dict[FieldRef, ValueSketch] = {}
    for known in sorted(
        knowledge.field_values, key=lambda each: (str(each.target), tuple(each.sketch.hashes))
    ):
        before = sketches.get(known.target)
        sketches[known.target] = merge(before, known.sketch) if before else known.sketch
    return sketches


def _horizon(*sketches: ValueSketch) -> int | None:
    """The largest hash up to which all of these tell everything; None where they are complete."""
    ends = [sketch.hashes[-1] if sketch.hashes else -1 for sketch in sketches if not sketch.complete]
    return min(ends, default=None)


def _spellings(values: Iterable[str]) -> list[str]:
    return [spelled for value in values for spelled in (value, value.lower(), value.upper(), value.title())]
