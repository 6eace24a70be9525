"""Days out of texts: one format is chosen for a whole column, never one per row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.arrow_views import is_filled, where
from schema_matching_pipeline.adapters.connectors.figures import figures_alike
from schema_matching_pipeline.adapters.connectors.text_bytes import rows_of

GLANCE = 100  # texts that show whether a column may hold days
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
_ISO = DAY_FORMATS[0]
_ISO_DIGITS, _ISO_DASHES = [0, 1, 2, 3, 5, 6, 8, 9], [4, 7]
_FULL_YEAR = 1000  # earlier ones are spelled in several ways
_COMPACT = next(place for place, known in enumerate(DAY_FORMATS) if known.strptime == "%Y%m%d")
_COMPACT_FORM = re.compile(DAY_FORMATS[_COMPACT].shape)
_COMPACT_LENGTHS = frozenset((8, 12, 13, 14))


def read_days(
    texts: pa.StringArray,
    *,
    least_share: float,
    weights: npt.NDArray[np.int64] | None = None,
) -> pa.Array | None:
    """The day of each text, null where it has none; None when no format fits ``least_share`` of them.

    A text may weigh as much as several: parts of texts stand for all that share them.
    """
    if len(texts) == 0:
        return None
    head = [text for text in texts.slice(0, GLANCE).to_pylist() if text]
    if all(len(text) < _SHORTEST for text in head):
        return None
    matching = _matching(head)
    fitting = [
        day_format
        for place, day_format in enumerate(DAY_FORMATS)
        if matching[place] >= 0.5 * least_share * len(head)
    ]
    weighing = np.ones(len(texts), dtype=np.int64) if weights is None else weights
    parsed = [days_in(texts, day_format) for day_format in fitting]
    read = [int(weighing[is_filled(days)].sum()) for days in parsed]
    best = max(read, default=-1)
    return parsed[read.index(best)] if best >= least_share * weighing.sum() else None


def may_be_days(texts: Sequence[str]) -> list[bool]:
    """Whether each text has the form of a day in any format, so that a column of it may hold days.

    >>> may_be_days(["31.5.2024", "2024-02-31", "P. 31"])
    [True, True, False]
    """
    return [
        bool(_formats_of(form)) or (len(text) in _COMPACT_LENGTHS and _COMPACT_FORM.match(text) is not None)
        for text, form in zip(texts, figures_alike(texts), strict=True)
    ]


def day_format_of(strptime: str) -> DayFormat:
    """The format of the day alone, out of a strptime format that may go on with a time."""
    day_part = "%Y%m%d" if strptime.startswith("%Y%m%d") else re.split(r"[T ]+%[HIMSp]", strptime)[0]
    shape = re.sub(r"%[A-Za-z]", lambda found: _SHAPES.get(found[0], ".+"), re.escape(day_part))
    tail = r"(?:\d{4,6})?$" if day_part == "%Y%m%d" else _TIME_PART
    return DayFormat(day_part, f"^(?P<day>{shape}){tail}")


def days_in(texts: pa.StringArray, day_format: DayFormat) -> pa.Array:
    """The days of texts spelled in one format, null for every other text."""
    if day_format is _ISO and (days := _iso_days(texts)) is not None:
        return days
    day_part = pc.struct_field(pc.extract_regex(texts, day_format.shape), "day")
    if "%b" in day_format.strptime:
        day_part = _with_english_months(day_part)
    padded = pc.replace_substring_regex(day_part, r"\b(\d)\b", r"0\1")
    moments = pc.strptime(padded, format=day_format.strptime, unit="s", error_is_null=True)
    # Arrow rolls 31 February over into March; only a day that reads back the same is one.
    same = pc.equal(pc.utf8_lower(pc.strftime(moments, day_format.strptime)), pc.utf8_lower(padded))
    return where(same, moments).cast(pa.date32())


def _with_english_months(texts: pa.StringArray) -> pa.StringArray:
    """Month names of several languages as the three English letters that strptime knows."""
    for english, spellings in _MONTHS.items():
        texts = pc.replace_substring_regex(texts, rf"(?i)\b(?:{spellings})[A-Za-zÀ-ÿ]*\.?", english)
    return texts


def _iso_days(texts: pa.StringArray) -> pa.Array | None:
    """The days of texts that are all like 2024-05-31 or like 2024-05-31 08:15:00, and there; else None."""
    rows = rows_of(texts, len("2024-05-31"))
    if rows is None:
        rows = rows_of(texts, len("2024-05-31 08:15:00"))
        if rows is None or not _ends_in_a_time(rows):
            return None
        texts = pc.utf8_slice_codeunits(texts, 0, len("2024-05-31"))
    if not (_is_digit(rows[:, _ISO_DIGITS]).all() and (rows[:, _ISO_DASHES] == ord("-")).all()):
        return None
    try:
        days = texts.cast(pa.date32())
    except pa.ArrowInvalid:
        return None
    return days if pc.min(days).as_py().year >= _FULL_YEAR else None


def _ends_in_a_time(rows: npt.NDArray[np.uint8]) -> bool:
    parted = np.isin(rows[:, 10], (ord(" "), ord("T"))) & (rows[:, 13] == ord(":"))
    return bool(parted.all() and _is_digit(rows[:, (11, 12, 14, 15)]).all())


def _is_digit(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    return (codes >= ord("0")) & (codes <= ord("9"))


def _matching(head: Sequence[str]) -> list[int]:
    """How many of a few texts have the form of each format, so that names are not parsed as dates a million times."""
    matching = [0] * len(DAY_FORMATS)
    for form, texts in Counter(figures_alike(head)).items():
        for place in _formats_of(form):
            matching[place] += texts
    for text in head:
        if len(text) in _COMPACT_LENGTHS and _COMPACT_FORM.match(text):
            matching[_COMPACT] += 1
    return matching


@lru_cache(maxsize=10_000)
def _formats_of(form: str) -> tuple[int, ...]:
    """Which formats a form fits, that of eight figures aside."""
    if "0" not in form and form.isascii():
        return ()
    return tuple(
        place
        for place, day_format in enumerate(DAY_FORMATS)
        if place != _COMPACT and re.match(day_format.shape, form)
    )
