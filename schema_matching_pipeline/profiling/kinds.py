"""The kind of a value by itself: a whole number, a day, a time, text; the column decides what follows of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schema_matching_pipeline.profiling.dates import DateForm, date_form, iso_form
from schema_matching_pipeline.profiling.shape_kinds import DIGITS, ISO_DAY, kind_of_shape
from schema_matching_pipeline.profiling.shapes import Shapes

KINDS = (
    "integer", "leading_zero", "decimal", "decimal_comma", "thousands_point", "thousands_comma",
    "date", "datetime", "time", "uuid", "json", "text",
)  # fmt: skip
_PLACE = {kind: place for place, kind in enumerate(KINDS)}
_DIGITS = re.compile(r"[-+]?\d+")
_LEADING_ZERO = re.compile(r"[-+]?0\d+")
_POINT = re.compile(
    r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?:\.\d*)?[eE][-+]?\d+)|[-+]?\d{1,3}(?:[ '\u2019]\d{3})+(?:\.\d+)?"
)
_COMMA = re.compile(r"[-+]?\d+,\d+")
_THOUSANDS_COMMA = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+")
_THOUSANDS_POINT = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+")
_BOTH_POINT = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+\.\d+")
_BOTH_COMMA = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+")
_CLOCK = re.compile(r"(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?")
_UUID = re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?")
_JSON = re.compile(r'\{\s*(?:"[^"]*"\s*:.*)?\}|\[\s*(?:[\{\["].*|-?\d.*|(?:true|false|null).*)?\]', re.DOTALL)
_NUMBER_FORMS = (
    ("leading_zero", _LEADING_ZERO),
    ("integer", _DIGITS),
    ("thousands_point", _THOUSANDS_POINT),
    ("decimal", _POINT),
    ("decimal", _BOTH_POINT),
    ("thousands_comma", _THOUSANDS_COMMA),
    ("decimal_comma", _COMMA),
    ("decimal_comma", _BOTH_COMMA),
    ("time", _CLOCK),
)
_NUMERIC = re.compile(r"[-+0-9.,:eE' \u2019AaPpMm]{1,60}")  # what a number or a time may be written with


def read_kinds(texts: Sequence[str], shapes: Shapes) -> tuple[list[int], list[DateForm | None]]:
    """The kind of every text by its place in ``KINDS``, and the forms of the dates.

    Most texts need no look, for their shape tells it. Eight figures are a number, though they may be a date.
    """
    kinds, forms = list[int](), list[DateForm | None]()
    for text, told in zip(texts, shapes.told(kind_of_shape), strict=True):
        kind, form = told, None
        if told == DIGITS:
            kind = "leading_zero" if text.lstrip("+-")[0] == "0" else "integer"
        elif told == ISO_DAY:
            form = iso_form(text)
            kind = None if form is None else "datetime" if form.timed else "date"
        if kind is None:
            form = date_form(text)
            kind = _kind(text, form)
        kinds.append(_PLACE[kind])
        forms.append(form)
    return kinds, forms


def _kind(text: str, form: DateForm | None) -> str:
    if form is not None:
        return "datetime" if form.timed else "date"
    first = text[0]
    if len(text) in {36, 38} and _UUID.fullmatch(text):  # some have no letter that numbers have not
        return "uuid"
    if first in "0123456789+-." and _NUMERIC.fullmatch(text):
        return _number_kind(text)
    return "json" if first in "{[" and _JSON.fullmatch(text) else "text"


def _number_kind(text: str) -> str:
    return next((kind for kind, form in _NUMBER_FORMS if form.fullmatch(text)), "text")
