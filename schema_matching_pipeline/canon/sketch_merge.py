"""What a field's values look like over several clients: sketches merged without a value in sight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from schema_matching_pipeline.model.profile import ValueSketch

_HASHES = 2**64  # how many hashes there can be


def merge_sketches(
    sketches: Sequence[ValueSketch], size: int, *, without: frozenset[int] = frozenset()
) -> ValueSketch | None:
    """The sketch of all values together but for some, or None where nothing is left.

    An incomplete sketch knows nothing above its largest hash, so the whole knows nothing above the lowest of
    these horizons.

    >>> few = ValueSketch(size=8, hashes=(1, 5, 9), distinct=3, complete=True)
    >>> many = ValueSketch(size=2, hashes=(2, 6), distinct=900, complete=False)
    >>> merge_sketches([few, many], 8).hashes
    (1, 2, 5, 6)
    """
    horizon = min((sketch.hashes[-1] for sketch in sketches if _is_cut(sketch)), default=_HASHES)
    known = sorted({value for sketch in sketches for value in sketch.hashes if value <= horizon} - without)
    if not known:
        return None
    kept = tuple(known[:size])
    is_complete = horizon == _HASHES and len(known) <= size
    return ValueSketch(
        size=size, hashes=kept, distinct=len(known) if is_complete else _estimate(kept), complete=is_complete
    )


def frequent_values(sketches: Iterable[tuple[str, ValueSketch]], clients: int) -> frozenset[int]:
    """Hashes of values that so many clients or more have, from pairs of a client and a sketch.

    >>> one = ValueSketch(size=8, hashes=(1, 2), distinct=2, complete=True)
    >>> frequent_values([("a", one), ("a", one), ("b", one.model_copy(update={"hashes": (2, 3)}))], 2)
    frozenset({2})
    """
    seen = Counter(
        value for _, value in {(client, value) for client, sketch in sketches for value in sketch.hashes}
    )
    return frozenset(value for value, count in seen.items() if count >= clients)


def _is_cut(sketch: ValueSketch) -> bool:
    return not sketch.complete and bool(sketch.hashes)


def _estimate(hashes: Sequence[int]) -> int:
    """How many distinct values there are, from how close the smallest hashes lie."""
    return max(len(hashes), round((len(hashes) - 1) * _HASHES / max(hashes[-1], 1)))
