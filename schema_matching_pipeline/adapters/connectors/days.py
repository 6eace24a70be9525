"""Days out of texts: one format is chosen for a whole column, never one per row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_GLANCE = 100
_SHORTEST = len("1.1.70")
_TIME = r"[ T]\d{1,2}:\d{2}.*"
_TIME_PART = rf"(?:{_TIME})?$"
TIME_TAIL = _TIME + "$"  # what stands behind the day of a moment


@dataclass(frozen=True, slots=True)
class DayFormat:
    """How a column spells its days: the strptime format and the shape of the part that holds the day."""

    strptime: str
    shape: str


_SHAPES = {"%Y": r"\d{4}", "%y": r"\d{2}", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%b": r"[A-Za-zÀ-ÿ]{3,9}\.?"}

# English, German, Spanish, French and Italian months by their first letters.
_MONTHS = {
    "Jan": "jan|jän|ene|gen", "Feb": "feb|fév|fev", "Mar": "mar|mär|mrz", "Apr": "apr|abr|avr",
    "May": "may|mai|mag", "Jun": "jun|juin|giu", "Jul": "jul|juil|lug", "Aug": "aug|ago|aoû|aou",
    "Sep": "sep|set", "Oct": "oct|okt|ott", "Nov": "nov", "Dec": "dec|dez|dic|déc",
}  # fmt: skip

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
    DayFormat("%d-%b-%Y", r"^(?P<day>\d{1,2}-[A-Za-zÀ-ÿ]{3,9}\.?-\d{4})" + _TIME_PART),
    DayFormat("%d %b %Y", r"^(?P<day>\d{1,2} [A-Za-zÀ-ÿ]{3,9}\.? \d{4})" + _TIME_PART),
    DayFormat("%b %d, %Y", r"^(?P<day>[A-Za-zÀ-ÿ]{3,9}\.? \d{1,2}, \d{4})" + _TIME_PART),
    DayFormat("%d.%m.%y", r"^(?P<day>\d{1,2}\.\d{1,2}\.\d{2})" + _TIME_PART),
    DayFormat("%m/%d/%y", r"^(?P<day>\d{1,2}/\d{1,2}/\d{2})" + _TIME_PART),
    DayFormat("%d/%m/%y", r"^(?P<day>\d{1,2}/\d{1,2}/\d{2})" + _TIME_PART),
)


def read_days(
    texts: pa.StringArray,
    *,
    least_share: float,
    weights: npt.NDArray[np.int64] | None = None,
    formats: tuple[DayFormat, ...] = DAY_FORMATS,
) -> pa.Array | None:
    """The day of each text, null where it has none; None when no format fits ``least_share`` of them.

    A text may weigh as much as several: parts of texts stand for all that share them.
    """
    if len(texts) == 0:
        return None
    head = [text for text in texts.slice(0, _GLANCE).to_pylist() if text]
    if all(len(text) < _SHORTEST for text in head):
        return None
    fitting = [day_format for day_format in formats if _may_fit(head, day_format, least_share)]
    weighing = np.ones(len(texts), dtype=np.int64) if weights is None else weights
    parsed = [days_in(texts, day_format) for day_format in fitting]
    read = [int(weighing[np.asarray(days.is_valid())].sum()) for days in parsed]
    best = max(read, default=-1)
    return parsed[read.index(best)] if best >= least_share * weighing.sum() else None


def day_format_of(strptime: str) -> DayFormat:
    """The format of the day alone, out of a strptime format that may go on with a time."""
    day_part = "%Y%m%d" if strptime.startswith("%Y%m%d") else re.split(r"[T ]+%[HIMSp]", strptime)[0]
    shape = re.sub(r"%[A-Za-z]", lambda found: _SHAPES.get(found[0], ".+"), re.escape(day_part))
    tail = r"(?:\d{4,6})?$" if day_part == "%Y%m%d" else _TIME_PART
    return DayFormat(day_part, f"^(?P<day>{shape}){tail}")


def days_in(texts: pa.StringArray, day_format: DayFormat) -> pa.Array:
    """The days of texts spelled in one format, null for every other text."""
    day_part = pc.struct_field(pc.extract_regex(texts, day_format.shape), "day")
    if "%b" in day_format.strptime:
        day_part = _with_english_months(day_part)
    padded = pc.replace_substring_regex(day_part, r"\b(\d)\b", r"0\1")
    moments = pc.strptime(padded, format=day_format.strptime, unit="s", error_is_null=True)
    # Arrow rolls 31 February over into March; only a day that reads back the same is one.
    same = pc.equal(pc.utf8_lower(pc.strftime(moments, day_format.strptime)), pc.utf8_lower(padded))
    return pc.if_else(same, moments, None).cast(pa.date32())


def _with_english_months(texts: pa.StringArray) -> pa.StringArray:
    """Month names of several languages as the three English letters that strptime knows."""
    for english, spellings in _MONTHS.items():
        texts = pc.replace_substring_regex(texts, rf"(?i)\b(?:{spellings})[A-Za-zÀ-ÿ]*\.?", english)
    return texts


def _may_fit(head: Sequence[str], day_format: DayFormat, least_share: float) -> bool:
    """A glance at the first few texts, so that names are not parsed as dates a million times."""
    shape = re.compile(day_format.shape)
    matching = sum(shape.match(text) is not None for text in head)
    return matching >= 0.5 * least_share * len(head)
