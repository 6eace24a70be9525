"""Figures are plausible."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.model.canonical import FieldType
from schema_matching_pipeline.model.validation import (
    Expectation,
    ExpectationKind,
    ExpectationResult,
    Severity,
)
from schema_matching_pipeline.validation.validator import VALIDATORS, Case, Pair, expect, of_tested

_NUMBERS = frozenset({FieldType.NUMBER, FieldType.INTEGER})
_COUNTED_TYPES = frozenset({"quantity", "age", "weight", "height", "duration"})
_COUNTED_WORDS = frozenset(
    {"quantity", "count", "units", "age", "weight", "height", "duration", "stock", "minutes", "hours", "days"}
)
_PRICED_WORDS = frozenset(
    {"price", "cost", "charge", "charges", "fee", "premium", "salary", "copay", "deductible"}
)
# Such amounts may well be below zero.
_SIGNED_WORDS = frozenset(
    {"adjustment", "balance", "difference", "change", "delta", "refund", "credit", "discount"}
)
_AGE = "age"


class NumberRange:
    """Asks whether figures that cannot be below zero are not: quantities, ages, durations, prices and charges.

    A quantity below zero is an error. A charge below zero may be a reversal: a warning. Ages also have an end.
    """

    code = "NUMBER_IMPLAUSIBLE"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every figure with a sign or a limit."""
        for pair in case.pairs:
            severity = _severity(pair)
            if severity is not None:
                yield expect(
                    ExpectationKind.NUMBER_RANGE,
                    pair,
                    severity=severity,
                    minimum="0",
                    maximum=str(case.policy.greatest_age) if _AGE in pair.words else None,
                )

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """How many figures are out of range."""
        maximum = expectation.parameter("maximum")
        limits = f"between 0 and {maximum[0]}" if maximum else "at or above 0"
        return f"{of_tested(result)} are not {limits}"


def _severity(pair: Pair) -> Severity | None:
    words = frozenset(pair.words)
    if pair.field.type not in _NUMBERS or words & _SIGNED_WORDS:
        return None
    if words & _COUNTED_WORDS or pair.field.semantic_type in _COUNTED_TYPES:
        return Severity.ERROR
    return Severity.WARNING if words & _PRICED_WORDS else None


VALIDATORS.register("number_range")(NumberRange())
