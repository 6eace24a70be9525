"""Days out of texts: one format is chosen for a whole column, never one per row."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

_TIME_PART = r"(?:[ T]\d{1,2}:\d{2}.*)?$"


@dataclass(frozen=True, slots=True)
class DayFormat:
    """How a column spells its days: the strptime format and the shape of the part that holds the day."""

    strptime: str
    shape: str


# Where two formats fit a column equally well the earlier one is taken: American order only after slashes.
DAY_FORMATS = (
    DayFormat("%Y-%m-%d", r"^(?P<day>\d{4}-\d{1,2}-\d{1,2})" + _TIME_PART),
    DayFormat("%Y/%m/%d", r"^(?P<day>\d{4}/\d{1,2}/\d{1,2})" + _TIME_PART),
    DayFormat("%d.%m.%Y", r"^(?P<day>\d{1,2}\.\d{1,2}\.\d{4})" + _TIME_PART),
    DayFormat("%m/%d/%Y", r"^(?P<day>\d{1,2}/\d{1,2}/\d{4})" + _TIME_PART),
    DayFormat("%d/%m/%Y", r"^(?P<day>\d{1,2}/\d{1,2}/\d{4})" + _TIME_PART),
    DayFormat("%d-%m-%Y", r"^(?P<day>\d{1,2}-\d{1,2}-\d{4})" + _TIME_PART),
    DayFormat("%m-%d-%Y", r"^(?P<day>\d{1,2}-\d{1,2}-\d{4})" + _TIME_PART),
    DayFormat("%Y%m%d", r"^(?P<day>(?:19|20)\d{6})(?:\d{4,6})?$"),
    DayFormat("%d-%b-%Y", r"^(?P<day>\d{1,2}-[A-Za-z]{3}-\d{4})" + _TIME_PART),
    DayFormat("%d %b %Y", r"^(?P<day>\d{1,2} [A-Za-z]{3} \d{4})" + _TIME_PART),
    DayFormat("%b %d, %Y", r"^(?P<day>[A-Za-z]{3} \d{1,2}, \d{4})" + _TIME_PART),
    DayFormat("%d.%m.%y", r"^(?P<day>\d{1,2}\.\d{1,2}\.\d{2})" + _TIME_PART),
    DayFormat("%m/%d/%y", r"^(?P<day>\d{1,2}/\d{1,2}/\d{2})" + _TIME_PART),
    DayFormat("%d/%m/%y", r"^(?P<day>\d{1,2}/\d{1,2}/\d{2})" + _TIME_PART),
)


def read_days(
    texts: pa.StringArray, *, least_share: float, formats: tuple[DayFormat, ...] = DAY_FORMATS
) -> pa.Array | None:
    """The day of each text, null where it has none; None when no format fits ``least_share`` of them."""
    if len(texts) == 0:
        return None
    fitting = [day_format for day_format in formats if _may_fit(texts, day_format, least_share)]
    parsed = [days_in(texts, day_format) for day_format in fitting]
    best = min(parsed, key=lambda days: days.null_count, default=None)
    enough = best is not None and len(texts) - best.null_count >= least_share * len(texts)
    return best if enough else None


def days_in(texts: pa.StringArray, day_format: DayFormat) -> pa.Array:
    """The days of texts spelled in one format, null for every other text."""
    day_part = pc.struct_field(pc.extract_regex(texts, day_format.shape), "day")
    padded = pc.replace_substring_regex(day_part, r"\b(\d)\b", r"0\1")
    moments = pc.strptime(padded, format=day_format.strptime, unit="s", error_is_null=True)
    # Arrow rolls 31 February over into March; only a day that reads back the same is one.
    same = pc.equal(pc.utf8_lower(pc.strftime(moments, day_format.strptime)), pc.utf8_lower(padded))
    return pc.if_else(same, moments, None).cast(pa.date32())


def _may_fit(texts: pa.StringArray, day_format: DayFormat, least_share: float) -> bool:
    """A glance at the first few texts, so that names are not parsed as dates a million times."""
    head = texts.slice(0, 200)
    matching = pc.sum(pc.match_substring_regex(head, day_format.shape)).as_py() or 0
    return bool(matching >= 0.5 * least_share * len(head))
