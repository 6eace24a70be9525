"""Amounts of money and shares."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schema_matching_pipeline.profiling.pattern import PATTERNS, following

_AMOUNT = r"\d{1,3}(?:[,.' ]\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_SIGN = r"(?:[$€£¥₹]|USD|EUR|GBP|CHF|Fr\.|kr)"
_money = following(rf"[-(]?{_SIGN} ?-?(?:{_AMOUNT})\)?|-?(?:{_AMOUNT}) ?{_SIGN}")
_percent = following(r"[-+]?\d+(?:[.,]\d+)? ?%")
_two_decimals = following(r"-?\d{1,3}(?:,\d{3})*\.\d{2}|-?\d{1,3}(?:\.\d{3})*,\d{2}|-?\d+[.,]\d{2}")
_measured = following(
    r"[-+<>]?\d+(?:[.,]\d+)? ?(?:mg|g|kg|mcg|\u00b5g|ml|l|dl|mmol|cm|mm|m|km|lbs?\.?|oz\.?|ounces?|in|ft|kcal|°?[CF]|bpm|mmHg|iu|units?|tablets?|%)(?:/\w+)?",
    flags=re.IGNORECASE,
)


@PATTERNS.register("money")
def money(values: Sequence[str]) -> list[bool]:
    """Amounts with the sign or code of a currency."""
    return list(_money(values))


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
    """Numbers with a unit."""
    return list(_measured(values))


_UNITS = frozenset(
    (
        "mg", "g", "kg", "mcg", "ug", "\u00b5g", "ng", "ml", "l", "dl", "cl", "ul", "mmol", "mmol/l", "umol/l", "nmol/l", "mol", "mg/dl", "g/dl", "ng/ml",
        "pg/ml", "ug/dl", "meq/l", "u/l", "iu/l", "miu/l", "iu", "units", "unit", "cm", "mm", "m", "km", "in", "inch", "inches", "ft", "mi", "lb", "lbs",
        "oz", "%", "kcal", "cal", "kj", "bpm", "/min", "mmhg", "mm[hg]", "{score}", "kg/m2", "c", "f", "cel", "[degf]", "10*3/ul", "10*6/ul", "fl", "pg",
        "ms", "s", "sec", "min", "h", "hr", "hours", "d", "days", "weeks", "months", "years", "pcs", "pieces", "tablet", "tablets", "tab", "capsule",
        "capsules", "puff", "puffs", "drops", "stk", "pkg", "mg/kg", "ml/min", "cm2", "m2",
    )
)  # fmt: skip


@PATTERNS.register("unit")
def unit(values: Sequence[str]) -> list[bool]:
    """Units of measure alone, as laboratories and shops write them."""
    return [len(value) <= 10 and value.casefold() in _UNITS for value in values]
