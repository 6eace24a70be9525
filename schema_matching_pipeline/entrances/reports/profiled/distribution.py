"""How the values of a column are spread, as bars: by year, over the middle of its numbers, by value or by shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from schema_matching_pipeline.entrances.reports.profiled.figures import compact
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, NumberSummary, ValueType

_BINS = 16
_MOST_YEARS = 48
_MASSES = (0.20, 0.25, 0.25, 0.20)  # of the values, between the quantiles at 5, 25, 50, 75 and 95 per cent
_SHOWN_VALUES = 8
_RARE = ProfilePolicy().rare_count
_TELLING_SHAPE = 0.1  # where no shape holds for more of the values, shapes say nothing
_NOTHING = 0.0005  # a smaller rest is rounding


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for and its share of the filled rows; the rest is all that no bar stands for."""

    name: str
    share: float
    is_rest: bool = False


@dataclass(frozen=True)
class Distribution:
    """Bars; ``in_order`` when they lie on a scale from the first name to the last."""

    what: str
    bars: tuple[Bar, ...]
    in_order: bool

    @property
    def heights(self) -> tuple[float, ...]:
        """The bars as shares of the highest."""
        highest = max((bar.share for bar in self.bars), default=0.0) or 1.0
        return tuple(bar.share / highest for bar in self.bars)


def distribution_of(column: ColumnProfile, *, names_things: bool = False) -> Distribution | None:
    """The plot that says most of a column, or None where none says anything.

    Of a personal column, and of one whose values name things or persons, shapes alone are told.
    """
    if column.filled_count == 0 or column.value_type in {ValueType.BINARY, ValueType.UUID}:
        return None
    if column.dates and len(column.dates.by_year) > 1:
        return _by_year(column.dates.by_year)
    if column.personal or names_things:
        return _shapes(column)
    if _repeats(column) and (_is_closed(column) or column.numbers is None):
        return _values(column)
    if column.numbers and len(column.numbers.quantiles) == 5:
        return _spread(column.numbers)
    return _shapes(column)


def _by_year(counted: Sequence[tuple[int, int]]) -> Distribution:
    """Years without a row are bars of their own; of very long spans several years share a bar."""
    first, last = counted[0][0], counted[-1][0]
    width = max(1, -(-(last - first + 1) // _MOST_YEARS))
    total = sum(count for _, count in counted)
    sums = [0] * ((last - first) // width + 1)
    for year, count in counted:
        sums[(year - first) // width] += count
    bars = (
        Bar(_years(first + place * width, width, last), count / total) for place, count in enumerate(sums)
    )
    return Distribution("rows by year", tuple(bars), in_order=True)


def _years(first: int, width: int, last: int) -> str:
    end = min(first + width - 1, last)
    return str(first) if first == end else f"{first} to {end}"


def _repeats(column: ColumnProfile) -> bool:
    return bool(column.top_values) and column.top_values[0].count >= _RARE and not column.is_unique


def _is_closed(column: ColumnProfile) -> bool:
    """Whether the values listed are all there are."""
    return len(column.top_values) == column.distinct_count


def _values(column: ColumnProfile) -> Distribution:
    shown = column.top_values[:_SHOWN_VALUES]
    bars = tuple(Bar(top.value.text, top.count / column.filled_count) for top in shown)
    return Distribution("most frequent values", (*bars, *_rest(bars)), in_order=False)


def _shapes(column: ColumnProfile) -> Distribution | None:
    if not column.shapes or column.shapes[0].share < _TELLING_SHAPE:
        return None
    bars = tuple(Bar(shape.name, shape.share) for shape in column.shapes)
    return Distribution("shapes of the values", (*bars, *_rest(bars)), in_order=False)


def _rest(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    share = 1 - sum(bar.share for bar in bars)
    return (Bar("all others", share, is_rest=True),) if share > _NOTHING else ()


def _spread(numbers: NumberSummary) -> Distribution | None:
    """The middle 90 per cent in bins of one width, even between quantiles: as much as five quantiles tell."""
    low, high = numbers.quantiles[0], numbers.quantiles[-1]
    if not low < high:
        return None
    width = (high - low) / _BINS
    masses = [0.0] * _BINS
    for (start, end), mass in zip(pairwise(numbers.quantiles), _MASSES, strict=True):
        for place, share in _spans(start - low, end - low, width):
            masses[place] += mass * share
    bars = tuple(
        Bar(f"{compact(low + place * width)} to {compact(low + (place + 1) * width)}", mass)
        for place, mass in enumerate(masses)
    )
    return Distribution("spread of the middle 90 per cent", bars, in_order=True)


def _spans(start: float, end: float, width: float) -> list[tuple[int, float]]:
    """The bins that a stretch touches, each with its share of it."""
    first = min(int(start / width), _BINS - 1)
    if end <= start:
        return [(first, 1.0)]
    last = min(int(end / width), _BINS - 1)
    parts = [
        (place, max(0.0, min(end, (place + 1) * width) - max(start, place * width)))
        for place in range(first, last + 1)
    ]
    whole = sum(part for _, part in parts) or 1.0
    return [(place, part / whole) for place, part in parts]
