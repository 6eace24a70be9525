"""Rows of one table made ready to be judged: texts, the days and numbers they mean, verdicts of identifiers.

Every column is worked out on its distinct values and spread over the rows afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.days import day_format_of, days_in, read_days
from schema_matching_pipeline.adapters.connectors.figures import WITH_POINT, number_form, read_numbers
from schema_matching_pipeline.canon.identifiers import IDENTIFIERS
from schema_matching_pipeline.model.canonical import FieldType

_TIME = r"^(?:\d{4}-\d\d-\d\d[ T])?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?:Z|[+-]\d\d:?\d\d)?$"
_CLOCK = (
    r"\d[ T](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r" ?(?P<half>[AaPp]?)\.?(?:[Mm]\.?)?(?P<sign>[+-]?)(?P<ahead>\d{0,2}):?(?P<ahead_minutes>\d{0,2})(?P<utc>Z?)$"
)
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_HALF_DAY = 12 * 3600
# fmt: off
_TRUTH_WORDS = frozenset((
    "true", "false", "t", "f", "yes", "no", "y", "n", "0", "1", "on", "off", "x", "ja", "nein", "j", "wahr", "falsch",
    "oui", "non", "o", "vrai", "faux", "si", "sí", "s", "vero", "falso",
))
# fmt: on


@dataclass(frozen=True, slots=True, repr=False)
class DistinctTexts:
    """The distinct filled values of one column, how often each occurs, and which of them each row has (-1: none).

    ``form`` says how its numbers are written, where that is known before one looks.
    """

    values: pa.StringArray
    counts: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    form: str | None = None

    @classmethod
    def of(cls, texts: pa.Array | pa.ChunkedArray, form: str | None = None) -> DistinctTexts:
        """The distinct values of a column of canonical text."""
        filled = pc.if_else(pc.equal(texts, ""), None, texts)
        encoded = (
            filled.combine_chunks() if isinstance(filled, pa.ChunkedArray) else filled
        ).dictionary_encode()
        places = np.asarray(pc.fill_null(encoded.indices, -1), dtype=np.int64)
        counts = np.bincount(places[places >= 0], minlength=len(encoded.dictionary)).astype(np.int64)
        return cls(encoded.dictionary, counts, places, form)

    def spread(self, judged: npt.NDArray[np.generic], missing: object) -> npt.NDArray[np.object_]:
        """What was found for each value, for each row; ``missing`` where a row has none."""
        padded = np.append(judged.astype(object), [missing])
        return padded[self.places]


def day_numbers(texts: DistinctTexts, date_format: str | None) -> npt.NDArray[np.datetime64]:
    """The day each row means, NaT where it has none or cannot be read."""
    days = _days(texts.values, date_format)
    numbers = np.asarray(days.cast(pa.int32()).fill_null(0), dtype=np.int64)
    moments = numbers.astype("datetime64[D]").astype("datetime64[us]")
    moments[~np.asarray(days.is_valid())] = np.datetime64("NaT")
    return np.append(moments, np.datetime64("NaT", "us"))[texts.places]


def moments_of_both(
    later: tuple[DistinctTexts, str | None], earlier: tuple[DistinctTexts, str | None]
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
    """The moments of two columns, row by row, each with its format; a row where one tells no time has days alone.

    A column whose every time is midnight holds days. Times are local ones, but in rows where both name their zone.
    """
    days = [day_numbers(texts, date_format) for texts, date_format in (later, earlier)]
    clocks = [_clock(texts) for texts, _ in (later, earlier)]
    told, zoned = (~np.isnat(clocks[0][part]) & ~np.isnat(clocks[1][part]) for part in (0, 1))
    after, before = (
        np.where(told, day + time - np.where(zoned, ahead, np.timedelta64(0)), day)
        for day, (time, ahead) in zip(days, clocks, strict=True)
    )
    return after, before


def _clock(texts: DistinctTexts) -> tuple[npt.NDArray[np.timedelta64], npt.NDArray[np.timedelta64]]:
    """The local time of day each row tells, and how far its zone is ahead of UTC; NaT where it tells none."""
    found = pc.extract_regex(texts.values, _CLOCK)
    known = np.asarray(found.is_valid())
    number = {name: _numbers(found, name) for name in ("hour", "minute", "second", "ahead", "ahead_minutes")}
    seconds = sum((number[name] * factor for name, factor in _SECONDS.items()), start=np.zeros(len(known)))
    half, sign = _part(found, "half"), _part(found, "sign")
    seconds += np.where(np.equal(half, "p") & (number["hour"] < 12), _HALF_DAY, 0)
    seconds -= np.where(np.equal(half, "a") & (number["hour"] == 12), _HALF_DAY, 0)
    ahead = number["ahead"] * 3600 + number["ahead_minutes"] * 60
    zoned = np.not_equal(sign, "") | np.not_equal(_part(found, "utc"), "")
    return (
        _spread_times(texts, seconds, known & (seconds[known] != 0).any()),
        _spread_times(texts, np.where(np.equal(sign, "-"), -ahead, ahead), zoned),
    )


def _spread_times(
    texts: DistinctTexts, seconds: npt.NDArray[np.float64], told: npt.NDArray[np.bool_]
) -> npt.NDArray[np.timedelta64]:
    """A span for each row, NaT where none is told."""
    times = (seconds * 1_000_000).astype("timedelta64[us]")
    times[~told] = np.timedelta64("NaT")
    return np.append(times, np.timedelta64("NaT", "us"))[texts.places]


def _numbers(found: pa.StructArray, name: str) -> npt.NDArray[np.float64]:
    return np.array([float(text or 0) for text in _part(found, name)], dtype=np.float64)


def _part(found: pa.StructArray, name: str) -> npt.NDArray[np.object_]:
    texts = pc.utf8_lower(pc.struct_field(found, name)).fill_null("").to_pylist()
    return np.array(texts, dtype=object)


def numbers_of(texts: DistinctTexts) -> npt.NDArray[np.float64]:
    """The number each row means, NaN where it has none or cannot be read."""
    numbers = read_numbers(texts.values, _form(texts))
    return np.append(numbers, np.nan)[texts.places]


def is_castable(texts: DistinctTexts, field_type: str, date_format: str | None) -> npt.NDArray[np.object_]:
    """Whether each row's value reads as the type; None where it has none."""
    return texts.spread(_readable(texts, field_type, date_format), None)


def folded(texts: DistinctTexts) -> npt.NDArray[np.object_]:
    """Each row's value without regard to case; None where it has none."""
    values = np.array([text.casefold() for text in texts.values.to_pylist()], dtype=object)
    return texts.spread(values, None)


def follows(texts: DistinctTexts, pattern: str) -> npt.NDArray[np.object_]:
    """Whether each row's value is an identifier of that name, or else follows the regular expression."""
    holds = IDENTIFIERS[pattern].holds if pattern in IDENTIFIERS else _fullmatch(pattern)
    verdicts = np.array([holds(text) for text in texts.values.to_pylist()], dtype=bool)
    return texts.spread(verdicts, None)


def _fullmatch(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _readable(texts: DistinctTexts, field_type: str, date_format: str | None) -> npt.NDArray[np.bool_]:
    match field_type:
        case FieldType.NUMBER:
            return ~np.isnan(read_numbers(texts.values, _form(texts)))
        case FieldType.INTEGER:
            numbers = read_numbers(texts.values, _form(texts))
            return np.equal(np.mod(numbers, 1), 0)
        case FieldType.BOOLEAN:
            return np.array(
                [text.casefold() in _TRUTH_WORDS for text in texts.values.to_pylist()], dtype=bool
            )
        case FieldType.DATE | FieldType.DATETIME:
            return np.asarray(_days(texts.values, date_format).is_valid())
        case FieldType.TIME:
            return np.asarray(pc.match_substring_regex(texts.values, _TIME))
        case _:
            return np.ones(len(texts.values), dtype=bool)


def _days(values: pa.StringArray, date_format: str | None) -> pa.Array:
    if date_format:
        return days_in(values, day_format_of(date_format))
    found = read_days(values, least_share=0.0)
    return found if found is not None else pa.nulls(len(values), pa.date32())


def _form(texts: DistinctTexts) -> str:
    return texts.form or number_form(texts.values, texts.counts, 0.0) or WITH_POINT
