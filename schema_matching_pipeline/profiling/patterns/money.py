"""Amounts of money and shares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from schema_matching_pipeline.profiling.pattern import PATTERNS, following
from schema_matching_pipeline.profiling.patterns.codes import CURRENCIES

_AMOUNT = r"\d{1,3}(?:[,.' ]\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_SIGN = r"(?:(?:US|CA?|AU?|NZ|HK|S|R|MX)?\$|[€£¥₹₽₺₪₩฿₴₦₱]|Fr\.?|SFr\.?|kr\.?|zł|Kč|Ft|lei|Rs\.?|R|(?P<code>[A-Z]{3}))"
_money = re.compile(
    rf"[-(]?{_SIGN} ?-?(?:{_AMOUNT})\)?|[-(]?(?:{_AMOUNT}) ?{_SIGN.replace('<code>', '<last>')}\)?"
)
_percent = following(r"[-+]?\d+(?:[.,]\d+)? ?%")
_two_decimals = following(r"-?\d{1,3}(?:,\d{3})*\.\d{2}|-?\d{1,3}(?:\.\d{3})*,\d{2}|-?\d+[.,]\d{2}")
_measured = re.compile(r"[-+<>~\u2264\u2265]{0,2} ?\d+(?:[.,]\d+)*(?:/\d+(?:[.,]\d+)?)? ?(?P<unit>[^\d\s].*)")
_PREFIXES = ("", "k", "h", "d", "c", "m", "\u00b5", "\u03bc", "mc", "u", "n", "p", "f")
# Units that take a metric prefix, written in any way, and those that are told from other letters by their capitals alone.
_METRIC = frozenset(
    prefix + unit
    for unit in ("g", "l", "m", "mol", "eq", "osm", "bar", "kat", "iu", "u", "cal", "s")
    for prefix in _PREFIXES
)
_METRIC_CASED = frozenset(
    prefix + unit for unit in ("V", "W", "A", "J", "Pa", "Hz", "Gy", "Sv", "Bq", "B") for prefix in _PREFIXES
)
_PLAIN_UNITS = frozenset(
    (
        "%", "\u2030", "in", "inch", "inches", "ft", "mi", "yd", "lb", "lbs", "lb.", "lbs.", "oz", "oz.", "ounce", "ounces", "fl oz", "gal", "unit", "units", "ui", "ie",
        "bpm", "mmhg", "cmh2o", "kg/m2", "kg/m\u00b2", "c", "f", "\u00b0c", "\u00b0f", "\u00b0", "cel", "deg", "degf", "degc", "celsius", "fahrenheit", "ph", "sec", "secs", "min", "mins", "minute",
        "minutes", "h", "hr", "hrs", "hour", "hours", "d", "day", "days", "wk", "week", "weeks", "mo", "month", "months", "yr", "yrs", "year", "years", "pcs", "pc", "piece",
        "pieces", "tablet", "tablets", "tab", "tabs", "tbl", "tabl", "capsule", "capsules", "cap", "caps", "kps", "puff", "puffs", "spray", "sprays", "drop", "drops", "gtt", "gtts",
        "tropfen", "stk", "st\u00fcck", "pkg", "pack", "packs", "ampule", "ampoule", "ampoules", "vial", "vials", "patch", "patches", "sachet", "sachets", "dose", "doses", "tsp", "tbsp",
        "teaspoon", "tablespoon", "m2", "m\u00b2", "m3", "m\u00b3", "cm2", "cm\u00b2", "cm3", "mm2", "mm3", "ml/min/1.73", "hpf", "lpf", "field", "cell", "cells", "copies", "cfu", "titer", "ratio", "score", "s/co", "index",
        "log", "log10", "x10", "m", "10*3", "10*6", "10*9", "10*12", "10^3", "10^6", "10^9", "10^12", "x10e3", "x10e6", "x10e9", "x10e12", "e9", "e12", "dpt", "rpm",
        "ppm", "ppb", "mph", "km/h", "kwh", "ah", "k/ul", "m/ul", "gb", "tb", "1.73", "100", "24h", "metabolic", "1", "db", "kcal",
    )
)  # fmt: skip
_LONGEST_UNIT = 16  # characters
_POWERS = ("10*", "10^")
_IN_CAPITALS = frozenset(
    [
        "mg",
        "kg",
        "g",
        "ml",
        "l",
        "mcg",
        "ug",
        "iu",
        "miu",
        "u",
        "meq",
        "cm",
        "mm",
        "km",
        "mmol",
        "mol",
        "ng",
        "ul",
    ]
)
_UNIT_MARK = re.compile(r"[\[\]{}()]")


@lru_cache(maxsize=20_000)
def _is_unit(text: str) -> bool:
    """Whether a text is a unit, a quotient of units, or one as laboratories code it: mm[Hg], {score}, 10*3/uL."""
    bare = _UNIT_MARK.sub("", text.strip())
    if bare.casefold() in _PLAIN_UNITS:
        return True
    parts = bare.split("/")
    return len(parts) <= 4 and any(parts) and all(map(_is_simple_unit, parts[not parts[0] :]))


def _is_simple_unit(text: str) -> bool:
    """A unit with or without a prefix; in capitals alone only one that is known in them: MA is no milliampere."""
    bare, lowered = text.strip(), text.strip().casefold()
    if lowered in _PLAIN_UNITS or bare in _METRIC_CASED:
        return True
    return lowered in (_IN_CAPITALS if bare.isupper() else _METRIC)


@PATTERNS.register("money")
def money(values: Sequence[str]) -> list[bool]:
    """Amounts with the sign or code of a currency."""
    return [_is_money(value) for value in values]


def _is_money(text: str) -> bool:
    found = _money.fullmatch(text)
    code = found and (found["code"] or found["last"])
    return found is not None and (not code or code in CURRENCIES)


@PATTERNS.register("percent")
def percent(values: Sequence[str]) -> list[bool]:
    """Numbers with a percent sign."""
    return list(_percent(values))


@PATTERNS.register("two_decimals")
def two_decimals(values: Sequence[str]) -> list[bool]:
    """Numbers with exactly two decimals, as prices are written."""
    return list(_two_decimals(values))


@PATTERNS.register("measured_quantity")
def measured_quantity(values: Sequence[str]) -> list[bool]:
    """Numbers with a unit; two with a slash between them, as blood pressure is written."""
    found = (_measured.fullmatch(value) for value in values)
    return [one is not None and len(one["unit"]) <= _LONGEST_UNIT and _is_unit(one["unit"]) for one in found]


@PATTERNS.register("unit")
def unit(values: Sequence[str]) -> list[bool]:
    """Units of measure alone, as laboratories and shops write them."""
    return [
        len(value) <= _LONGEST_UNIT
        and (not value[0].isdecimal() or value.startswith(_POWERS))
        and _is_unit(value)
        for value in values
    ]
