"""Whether a column is still the one that was approved: coarse features, and reasons in words."""

from __future__ import annotations

import math
from collections.abc import Iterator

from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, PatternShare, ValueType
from schema_matching_pipeline.profiling.sketches import comparable, contained_share

_FEW_VALUES = 20  # fewer filled rows say nothing about shares
_CLOSED_SET = 50  # up to so many distinct values are a set of codes whose members matter
_REPEATED = 0.5  # of the filled rows, distinct values; with more of them they are no codes


def content_fingerprint(profile: ColumnProfile) -> str:
    """The identity of a column's type and content, in coarse features that small changes leave alone.

    It is taken anew only of what drifted, so that an approval ends with the content it was given for, and stands
    again once a bad load is mended. Whether shares moved too far is asked of ``drift`` against the profile the
    fingerprint was first taken of.
    """
    leading = sorted(pattern.name for pattern in profile.patterns if pattern.share >= 0.5)
    return content_id(
        profile.data_type.casefold(),
        profile.value_type,
        profile.is_unique,
        profile.personal,
        profile.row_count == 0,
        profile.dates.format if profile.dates else "",
        *leading,
        _fill_level(profile.filled_share),
        *_codes(profile),
    )


def _fill_level(share: float) -> int:
    """Fifths of the rows; none and all are levels of their own."""
    return round(5 * share) + (share > 0)


def _codes(profile: ColumnProfile) -> tuple[int, ...]:
    """The members of a closed set of codes, hashed."""
    sketch = profile.sketch
    is_set = sketch is not None and sketch.complete and 0 < profile.distinct_count <= _CLOSED_SET
    return tuple(sketch.hashes) if sketch and is_set and _distinct_share(profile) <= _REPEATED else ()


def drift(old: ColumnProfile, new: ColumnProfile, policy: ProfilePolicy) -> tuple[str, ...]:
    """Why a column changed beyond tolerance, one reason in words each; empty while it did not.

    The old profile is the one the approvals stand on, so that slow change adds up and is seen.
    """
    return tuple(_reasons(old, new, policy.drift_share))


def _reasons(old: ColumnProfile, new: ColumnProfile, tolerance: float) -> Iterator[str]:
    if old.data_type.casefold() != new.data_type.casefold():
        yield f"declared type {old.data_type} became {new.data_type}"
    if old.row_count == 0 and new.row_count == 0:
        return
    if old.row_count == 0 or new.row_count == 0:
        yield "the table had no rows" if old.row_count == 0 else "the table has no rows any more"
        return
    yield from _filling(old, new, tolerance)
    if old.filled_count == 0 or new.filled_count == 0:
        return
    yield from _content(old, new, tolerance)


def _filling(old: ColumnProfile, new: ColumnProfile, tolerance: float) -> Iterator[str]:
    before, after = old.filled_share, new.filled_share
    if (before == 0) != (after == 0) or abs(before - after) > tolerance + _noise(old, new):
        yield f"filled share {before:.0%} became {after:.0%}"


def _content(old: ColumnProfile, new: ColumnProfile, tolerance: float) -> Iterator[str]:
    rewritten = _rewritten(old, new)
    if rewritten:
        yield rewritten
    if min(old.filled_count, new.filled_count) < _FEW_VALUES:
        return
    room = tolerance + _noise(old, new)
    if old.is_unique and not new.is_unique:
        yield "values were unique and are not any more"
    elif _distinct_moved(old, new, room):
        yield f"distinct values {_distinct_share(old):.0%} of the filled rows became {_distinct_share(new):.0%}"
    if rewritten:  # and all that follows from it
        return
    yield from _moved("pattern", old.patterns, new.patterns, room)
    if old.value_type is ValueType.TEXT and not old.personal:
        yield from _moved("shape", old.shapes[:1], new.shapes, 2 * room)
    yield from _strangers(old, new, room)


def _rewritten(old: ColumnProfile, new: ColumnProfile) -> str:
    if old.value_type != new.value_type:
        return f"values were {old.value_type} and are {new.value_type}"
    if old.dates and new.dates and old.dates.format != new.dates.format:
        return f"dates were written as {old.dates.format} and are written as {new.dates.format}"
    return ""


def _noise(old: ColumnProfile, new: ColumnProfile) -> float:
    """What a share may move by chance alone in samples of this size: three standard errors at one half."""
    rows = min(old.row_count, new.row_count)
    return min(0.3, 1.5 / math.sqrt(rows))


def _distinct_share(profile: ColumnProfile) -> float:
    return profile.distinct_count / profile.filled_count


def _distinct_moved(old: ColumnProfile, new: ColumnProfile, room: float) -> bool:
    """Whether variety changed: by more values, or fewer, than the rows that came or went may have brought or taken.

    Of a set of codes a few more or fewer count, while the table is of about the same size.
    """
    grown = new.filled_count - old.filled_count
    fewest, most = sorted((old.distinct_count, old.distinct_count + grown))
    unexplained = max(fewest - new.distinct_count, new.distinct_count - most, 0)
    if unexplained > room * min(old.filled_count, new.filled_count):
        return True
    fewer, more = sorted((old.distinct_count, new.distinct_count))
    same_size = 0.5 <= old.filled_count / new.filled_count <= 2.0
    return same_size and more <= _CLOSED_SET and more > 2 * fewer + 2


def _moved(
    kind: str, old: tuple[PatternShare, ...], new: tuple[PatternShare, ...], room: float
) -> Iterator[str]:
    before = {pattern.name: pattern.share for pattern in old}
    after = {pattern.name: pattern.share for pattern in new}
    names = sorted(set(before) | set(after)) if kind == "pattern" else sorted(before)
    told = [
        f"{name} {before.get(name, 0.0):.0%} to {after.get(name, 0.0):.0%}"
        for name in names
        if abs(before.get(name, 0.0) - after.get(name, 0.0)) > room
    ]
    if told:
        yield f"{kind} {', '.join(told)} of the values"


def _strangers(old: ColumnProfile, new: ColumnProfile, room: float) -> Iterator[str]:
    """New members of a closed set of codes: values nobody looked at when the mapping was approved."""
    if old.sketch is None or new.sketch is None or old.distinct_count > _CLOSED_SET:
        return
    if not comparable(new.sketch, old.sketch) or _distinct_share(old) > _REPEATED:
        return
    known = contained_share(new.sketch, old.sketch)
    if 1 - known > max(room, 1.5 / new.sketch.distinct):
        yield f"{1 - known:.0%} of the distinct values were not there before"
