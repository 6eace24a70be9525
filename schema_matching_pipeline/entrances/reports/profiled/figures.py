"""The figures of a column as people read them: rounded, and none of a personal column but counts and lengths."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from schema_matching_pipeline.model.profile import ColumnProfile, DateSummary, NumberSummary

_SHOWN_DIGITS = 4  # significant digits of a figure; no single number is told by them
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"))


@dataclass(frozen=True)
class Figure:
    """One figure by name."""

    name: str
    value: str


def figures_of(column: ColumnProfile) -> tuple[Figure, ...]:
    """Counts and lengths of every column, and the figures of numbers and days that are no persons'."""
    return tuple(Figure(name, value) for name, value in _told(column))


def short_count(rows: int) -> str:
    """A count as it is below a million, else of four digits with a unit.

    >>> short_count(67027), short_count(1234567)
    ('67,027', '1.235 M')
    """
    return f"{rows:,}" if rows < 1_000_000 else compact(rows)


def compact(number: float) -> str:
    """A number of four digits at most, with a unit where it is large.

    >>> compact(1234567), compact(0.0001234567), compact(1987), compact(-2.5), compact(0), compact(1e30)
    ('1.235 M', '0.0001235', '1,987', '-2.5', '0', '1e+30')
    """
    size = abs(number)
    if size and not 1e-6 <= size < 1e15:
        return f"{number:.{_SHOWN_DIGITS}g}"
    unit, sign = next(((unit, f" {sign}") for unit, sign in _UNITS if size >= unit), (1.0, ""))
    scaled = number / unit
    places = _SHOWN_DIGITS - 1 - math.floor(math.log10(abs(scaled))) if scaled else 0
    rounded = round(scaled, places)
    text = f"{rounded:,.{max(places, 0)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + sign


def per_cent(share: float) -> str:
    """A share in whole per cent; neither all nor none unless it is.

    >>> per_cent(1.0), per_cent(0.9999), per_cent(0.001), per_cent(0.0), per_cent(0.256)
    ('100 %', '>99 %', '<1 %', '0 %', '26 %')
    """
    if 0.995 <= share < 1:
        return ">99 %"
    if 0 < share < 0.005:
        return "<1 %"
    return f"{100 * share:.0f} %"


def day_span(dates: DateSummary, *, personal: bool) -> str:
    """The months of the first and last day; of a personal column the years."""
    form = "%Y" if personal else "%Y-%m"
    first, last = dates.first.strftime(form), dates.last.strftime(form)
    return first if first == last else f"{first} to {last}"


def _told(column: ColumnProfile) -> Iterator[tuple[str, str]]:
    yield "filled", f"{column.filled_count:,} of {column.row_count:,}"
    if column.null_count:
        yield "null", f"{column.null_count:,}"
    if column.blank_count:
        yield "blank", f"{column.blank_count:,}"
    yield "distinct", f"{'about ' if column.estimated else ''}{column.distinct_count:,}"
    if len(column.type_shares) > 1:
        yield "values are", ", ".join(f"{one.name} {per_cent(one.share)}" for one in column.type_shares)
    if column.lengths and column.filled_count:
        lengths = column.lengths
        span = (
            f"{lengths.minimum:,}"
            if lengths.minimum == lengths.maximum
            else f"{lengths.minimum:,} to {lengths.maximum:,}, mean {compact(lengths.mean)}"
        )
        yield "characters", span
    if column.numbers and not column.personal:
        yield from _numbers(column.numbers, exposing=column.personal_data is not None)
    if column.dates:
        yield "days", day_span(column.dates, personal=column.personal)
        if column.dates.format:
            yield "written as", column.dates.format
    if column.activity:
        yield "in use", f"{column.activity.first:%Y-%m} to {column.activity.last:%Y-%m}"
    if column.notes:
        yield "way of writing", ", ".join(note.replace("_", " ") for note in column.notes)


def _numbers(numbers: NumberSummary, *, exposing: bool) -> Iterator[tuple[str, str]]:
    """The ends are a single row's; where they would narrow down a person, the middle alone is told."""
    if not exposing:
        yield "smallest", compact(numbers.minimum)
        yield "largest", compact(numbers.maximum)
    yield "mean", compact(numbers.mean)
    yield "deviation", compact(numbers.stddev)
    if len(numbers.quantiles) == 5:
        yield "median", compact(numbers.quantiles[2])
        yield "middle half", f"{compact(numbers.quantiles[1])} to {compact(numbers.quantiles[3])}"
