"""Few values far from all others."""

from __future__ import annotations

from itertools import pairwise
from math import log1p

from schema_matching_pipeline.canon.name_kinds import NameKind
from schema_matching_pipeline.model.profile import NumberSummary, ValueType
from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact, percent, rounded

_CODES = ("snomed", "loinc", "npi")
_CODED_SHARE = 0.5
_LOWER, _UPPER = 1, 3  # of the quantiles at 5, 25, 50, 75 and 95 per cent


@LABELS.register("outliers")
def outliers(case: Case) -> Verdict | None:
    """A few values of another type than nearly all others, or numbers very far outside the middle half; a note only."""
    return _of_another_type(case) or _far_out(case) or _far_away(case)


def _of_another_type(case: Case) -> Verdict | None:
    column = case.column
    strange = 1.0 - column.type_share
    if (
        column.value_type is ValueType.TEXT
        or not case.policy.outlier_share <= strange < case.policy.mixed_share
    ):
        return None
    return Verdict(
        None,
        "outliers",
        f"{percent(strange)} of the values are no {column.value_type}.",
        facts=(fact("of another type", percent(strange)),),
    )


def _far_out(case: Case) -> Verdict | None:
    column, numbers = case.column, case.column.numbers
    if numbers is None or len(numbers.quantiles) <= _UPPER or column.personal or _identifies(case):
        return None
    if column.filled_count < case.policy.outlier_rows:
        return None
    lower, upper = numbers.quantiles[_LOWER], numbers.quantiles[_UPPER]
    room = case.policy.outlier_ranges * (upper - lower)
    if room == 0 or (numbers.minimum >= lower - room and numbers.maximum <= upper + room):
        return None
    if _is_only_skewed(numbers, case.policy.outlier_orders):
        return None
    return Verdict(
        None,
        "outliers",
        f"Half of the values lie between {rounded(lower)} and {rounded(upper)}, some as far out as"
        f" {rounded(numbers.minimum if numbers.minimum < lower - room else numbers.maximum)}.",
        facts=(fact("lowest", rounded(numbers.minimum)), fact("highest", rounded(numbers.maximum))),
    )


def _far_away(case: Case) -> Verdict | None:
    """Few days that lie further from all others than those from each other: years of two digits in the wrong century."""
    dates = case.column.dates
    if dates is None:
        return None
    total = sum(rows for _, rows in dates.by_year)
    for years in (dates.by_year, dates.by_year[::-1]):
        rows_beyond = 0
        for (year, rows), (following, _) in pairwise(years):
            rows_beyond += rows
            if rows_beyond > case.policy.outlier_days * total:
                break
            span = abs(years[-1][0] - following)
            if abs(following - year) >= max(case.policy.outlier_years, span):
                return Verdict(
                    None,
                    "outliers",
                    f"{percent(rows_beyond / total)} of the days lie"
                    f" {abs(following - year)} years away from all others.",
                    facts=(fact("years apart", abs(following - year)),),
                )
    return None


def _is_only_skewed(numbers: NumberSummary, orders: float) -> bool:
    """Whether the highest is not far out by orders of magnitude: amounts of money are many small and few large."""
    if numbers.minimum < 0:
        return False
    lower, upper = log1p(numbers.quantiles[_LOWER]), log1p(numbers.quantiles[_UPPER])
    return log1p(numbers.maximum) <= upper + orders * (upper - lower)


def _identifies(case: Case) -> bool:
    """Whether the numbers only tell things apart: a key, a code or a reference has no far and near."""
    column = case.column
    named = case.announced in {NameKind.KEY, NameKind.CODE, NameKind.NUMBER}
    coded = any(column.pattern_share(name) >= _CODED_SHARE for name in _CODES)
    return named or coded or column.in_primary_key or column.is_unique or case.reference is not None
