"""What the shape of a value alone tells about its type."""

from __future__ import annotations

import re
from functools import lru_cache

from schema_matching_pipeline.canon.masking import CUT

DIGITS, ISO_DAY = "digits", "iso_day"

# Shapes of which some values are dates, with or without a time, and some are not.
_LIKE_DATES = re.compile(
    r"9{4}[-/.]9{1,2}[-/.]9{1,2}.*|9{1,2}[-/.]9{1,2}[-/.]9{2}.*|9{1,2}\.?[ -][xX][xX_]{2,8}\.?,?[ -]9{2}.*"
)
_ISO_DAY = re.compile(r"9{4}-99-99(?: 99:99(?::99(?:\.9{1,9})?)?)?")
_WORDED = re.compile(r"[xX][xX_]{2,8}\.? 9{1,2}(?:[xX]{2})?,? 9{4}.*")
_NUMBERS = (
    ("integer", re.compile(r"[-+]?9")),
    (DIGITS, re.compile(r"[-+]?9{2,}")),
    ("thousands_point", re.compile(r"[-+]?9{1,3}(?:\.9{3})+")),
    ("decimal", re.compile(r"[-+]?(?:9+\.9*|\.9+)")),
)
_NUMBER_STARTS = frozenset("9+-.")
# Only such shapes with a letter are numbers: with an exponent, or a time of day.
_LETTERED = re.compile(r"[-+]?9+(?:\.9*)?[xX][-+]?9+|[-+]?\.9+[xX][-+]?9+|9{1,2}:99.*")
_UUID = re.compile(r"\{?[9xX]{8}-(?:[9xX]{4}-){3}[9xX]{12}\}?")


@lru_cache(maxsize=20_000)
def kind_of_shape(shape: str) -> str | None:
    """The kind of all values of a shape, if they are in plain characters; None where each must be looked at.

    ``digits`` are whole numbers unless a zero leads them, and ``iso_day`` days or moments if there is such a day.

    >>> kind_of_shape("-99.99"), kind_of_shape("Xxxx 99, xxx"), kind_of_shape("99.99.9999")
    ('decimal', 'text', None)
    """
    if shape.endswith(CUT):
        return None
    if _ISO_DAY.fullmatch(shape):
        return ISO_DAY
    if shape[0] == "9" and _LIKE_DATES.fullmatch(shape):
        return None
    if shape[0] not in _NUMBER_STARTS:
        unclear = shape[0] in "{[" or _WORDED.fullmatch(shape) or _UUID.fullmatch(shape)
        return None if unclear else "text"
    return _kind_of_number(shape)


def _kind_of_number(shape: str) -> str | None:
    known = next((kind for kind, form in _NUMBERS if form.fullmatch(shape)), None)
    if known or not any(letter in shape for letter in "xX"):
        return known
    return None if _LETTERED.fullmatch(shape) or _UUID.fullmatch(shape) else "text"
