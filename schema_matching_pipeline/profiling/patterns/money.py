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
    r"[-+<>]?\d+(?:[.,]\d+)? ?(?:mg|g|kg|mcg|\u00b5g|ml|l|dl|mmol|cm|mm|m|km|lb|lbs|oz|in|ft|kcal|°?[CF]|bpm|mmHg|iu|units?|tablets?|%)(?:/\w+)?",
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
