"""Numbers out of texts: one way of writing them is chosen for a whole column, with a point or with a comma."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.arrow_views import at_places, numbers_of, surely, truths
from schema_matching_pipeline.adapters.connectors.text_bytes import bytes_of, first_bytes_of

WITH_POINT = r"^[+-]?(?:(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
WITH_COMMA = r"^[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,[0-9]+)?$"

_BEGINNINGS = "+-.0123456789"
_MAY_BEGIN = np.isin(np.arange(256), np.frombuffer(_BEGINNINGS.encode(), np.uint8))
_IS_PLAIN = np.isin(np.arange(256), np.frombuffer(b"0123456789.-", np.uint8))
_BY_POINT, _BY_COMMA = re.compile(WITH_POINT), re.compile(WITH_COMMA)

_FIGURES = str.maketrans("123456789", "000000000")

# For so few texts Python is done before Arrow has compiled the pattern.
_FEW = 100

# Beyond this no square fits a float; nobody's figures are that large.
_LARGEST = 1e150


def may_be_numbers(head: pa.StringArray) -> bool:
    """Whether some of the first few texts read as numbers; spares columns of words the longer look."""
    likely = at_places(head, np.flatnonzero(_MAY_BEGIN[first_bytes_of(head)])).to_pylist()
    return any(map(_is_number, dict.fromkeys(figures_alike(likely))))


def are_like_numbers(texts: Sequence[str]) -> list[bool]:
    """Whether each text reads as a number in one of the ways to write them.

    >>> are_like_numbers(["1.5", "1,5", "-", "A7"])
    [True, True, False, False]
    """
    return [
        text[:1] in _BEGINNINGS and _is_number(alike)
        for text, alike in zip(texts, figures_alike(texts), strict=True)
    ]


def figures_alike(texts: Sequence[str]) -> list[str]:
    """The texts with a zero for every figure: few differ then, and most patterns tell figures no further apart.

    >>> figures_alike(["2024-05-31", "A7"])
    ['0000-00-00', 'A0']
    """
    alike = "\0".join(texts).translate(_FIGURES).split("\0")
    return alike if len(alike) == len(texts) else [text.translate(_FIGURES) for text in texts]


@lru_cache(maxsize=10_000)
def _is_number(alike: str) -> bool:
    return bool(_BY_POINT.match(alike) or _BY_COMMA.match(alike))


def plain_numbers(texts: pa.StringArray) -> npt.NDArray[np.float64] | None:
    """The numbers of texts that are all written with figures, a minus and a point alone; else None.

    They would fit both ways of writing or that with a point, which comes first.

    >>> plain_numbers(pa.array(["1.5", "-2"])), plain_numbers(pa.array(["1,5", "2"]))
    (array([ 1.5, -2. ]), None)
    """
    if texts.null_count or not _IS_PLAIN[bytes_of(texts)].all():
        return None
    try:
        found = numbers_of(texts.cast(pa.float64()), np.float64)
    except pa.ArrowInvalid:
        return None
    return np.where(np.abs(found) < _LARGEST, found, np.nan)


def number_form(values: pa.StringArray, counts: npt.NDArray[np.int64], least_share: float) -> str | None:
    """The way of writing numbers that fits more rows, if it fits enough of them."""
    total = counts.sum()
    if not total:
        return None
    fits = {form: int(counts[_matching(values, form)].sum()) for form in (WITH_POINT, WITH_COMMA)}
    best = WITH_POINT if fits[WITH_POINT] >= fits[WITH_COMMA] else WITH_COMMA
    return best if fits[best] >= least_share * total else None


def read_numbers(texts: pa.StringArray, form: str) -> npt.NDArray[np.float64]:
    """The number each text means, NaN where it means none."""
    numbers = np.full(len(texts), np.nan)
    readable = _matching(texts, form)
    if readable.any():
        found = _as_floats(texts if readable.all() else at_places(texts, np.flatnonzero(readable)), form)
        numbers[readable] = np.where(np.abs(found) < _LARGEST, found, np.nan)
    return numbers


def number_in_sql(text: str, form: str) -> str:
    """The number a text means to DuckDB, null where it means none."""
    thousands, point = (",", ".") if form == WITH_POINT else (".", ",")
    plain = f"ltrim(replace(replace({text}, '{thousands}', ''), '{point}', '.'), '+')"
    written = f"CASE WHEN regexp_full_match({text}, '{form}') THEN TRY_CAST({plain} AS DOUBLE) END"
    if form == WITH_POINT:  # what DuckDB reads by itself needs no pattern, but for the underscores it allows
        written = (
            f"coalesce(CASE WHEN NOT contains({text}, '_') THEN TRY_CAST({text} AS DOUBLE) END, {written})"
        )
    return f"CASE WHEN abs({written}) < {_LARGEST} THEN {written} END"


def _matching(texts: pa.StringArray, form: str) -> npt.NDArray[np.bool_]:
    if len(texts) > _FEW:
        return truths(surely(pc.match_substring_regex(texts, form)))
    compiled = _BY_POINT if form == WITH_POINT else _BY_COMMA
    return np.array(
        [text is not None and compiled.match(text) is not None for text in texts.to_pylist()], dtype=bool
    )


def _as_floats(texts: pa.StringArray, form: str) -> npt.NDArray[np.float64]:
    thousands, point = (",", ".") if form == WITH_POINT else (".", ",")
    if len(texts) <= _FEW:
        plain = [text.replace(thousands, "").replace(point, ".") for text in texts.to_pylist()]
        return np.array([float(text) for text in plain], dtype=np.float64)
    replaced = pc.replace_substring(pc.replace_substring(texts, thousands, ""), point, ".")
    bare = pc.replace_substring_regex(replaced, r"^\+|\.$", "")
    return numbers_of(bare.cast(pa.float64()), np.float64)
