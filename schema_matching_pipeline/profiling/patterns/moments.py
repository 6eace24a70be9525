"""Dates by form, times, years and durations."""

from __future__ import annotations

from collections.abc import Sequence

from schema_matching_pipeline.profiling.dates import DateForm, compact_form, date_form
from schema_matching_pipeline.profiling.pattern import PATTERNS, following

_time = following(
    r"T?(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?(?: [Uu]hr)?"
    r"|(?:[01]?\d|2[0-3]) ?h(?:[0-5]\d)?(?: ?min)?|(?:[01]?\d|2[0-3])\.[0-5]\d Uhr|(?:[01]?\d|2[0-3]) Uhr|1?\d ?[AaPp][Mm]"
)
_year = following(r"(?:18|19|20)\d{2}")
_duration = following(r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:[\d.]+S)?)?")


def _forms(values: Sequence[str]) -> list[DateForm | None]:
    return [date_form(value) for value in values]


@PATTERNS.register("date_iso")
def date_iso(values: Sequence[str]) -> list[bool]:
    """Year, month, day; with or without a time."""
    return [form is not None and form.by_day.startswith("%Y") for form in _forms(values)]


@PATTERNS.register("date_numeric")
def date_numeric(values: Sequence[str]) -> list[bool]:
    """Day and month in either order, then the year; the column decides the order."""
    return [form is not None and form.by_day != form.by_month for form in _forms(values)]


@PATTERNS.register("date_worded")
def date_worded(values: Sequence[str]) -> list[bool]:
    """Dates with the month in words."""
    return [form is not None and "%b" in form.by_day for form in _forms(values)]


@PATTERNS.register("date_compact")
def date_compact(values: Sequence[str]) -> list[bool]:
    """Eight digits that are a day of the nineteenth to twenty-second century, or fourteen that are a moment."""
    return [compact_form(value) is not None for value in values]


@PATTERNS.register("timestamp")
def timestamp(values: Sequence[str]) -> list[bool]:
    """A date and a time of day."""
    return [form is not None and form.timed for form in _forms(values)]


@PATTERNS.register("time")
def time(values: Sequence[str]) -> list[bool]:
    """Times of day."""
    return list(_time(values))


@PATTERNS.register("year")
def year(values: Sequence[str]) -> list[bool]:
    """Years of the nineteenth to twenty-first century."""
    return list(_year(values))


@PATTERNS.register("duration")
def duration(values: Sequence[str]) -> list[bool]:
    """Durations as ISO 8601 writes them."""
    return list(_duration(values))
