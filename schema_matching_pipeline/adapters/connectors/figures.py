"""Numbers out of texts: one way of writing them is chosen for a whole column, with a point or with a comma."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

WITH_POINT = r"^[+-]?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$"
WITH_COMMA = r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?$"

# Beyond this no square fits a float; nobody's figures are that large.
_LARGEST = 1e150


def number_form(values: pa.StringArray, counts: npt.NDArray[np.int64], least_share: float) -> str | None:
    """The way of writing numbers that fits more rows, if it fits enough of them."""
    total = counts.sum()
    if not total:
        return None
    fits = {
        form: int(counts[np.asarray(pc.match_substring_regex(values, form))].sum())
        for form in (WITH_POINT, WITH_COMMA)
    }
    best = WITH_POINT if fits[WITH_POINT] >= fits[WITH_COMMA] else WITH_COMMA
    return best if fits[best] >= least_share * total else None


def read_numbers(texts: pa.StringArray, form: str) -> npt.NDArray[np.float64]:
    """The number each text means, NaN where it means none."""
    numbers = np.full(len(texts), np.nan)
    readable = np.asarray(pc.fill_null(pc.match_substring_regex(texts, form), False))
    found = _as_floats(pc.filter(texts, pa.array(readable)), form)
    numbers[readable] = np.where(np.abs(found) < _LARGEST, found, np.nan)
    return numbers


def _as_floats(texts: pa.StringArray, form: str) -> npt.NDArray[np.float64]:
    thousands, point = (",", ".") if form == WITH_POINT else (".", ",")
    plain = pc.replace_substring(texts, thousands, "")
    plain = pc.replace_substring(plain, point, ".")
    plain = pc.replace_substring_regex(plain, r"^\+|\.$", "")
    return np.asarray(plain.cast(pa.float64()), dtype=np.float64)
