"""Values belong to the field's known set."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.model.validation import (
    Expectation,
    ExpectationKind,
    ExpectationResult,
    Severity,
)
from schema_matching_pipeline.validation.validator import VALIDATORS, Case, expect, of_tested


class ValueDomain:
    """Asks of fields that list their admissible values whether the column uses those, whatever their case.

    Other spellings of the same things are common and need a translation, not another field: a warning.
    """

    code = "OUTSIDE_DOMAIN"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every field with a list of values."""
        for pair in case.pairs:
            if pair.field.values:
                yield expect(
                    ExpectationKind.VALUE_SET, pair, severity=Severity.WARNING, values=pair.field.values
                )

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """How many values need a translation."""
        known = len(expectation.parameter("values"))
        return f"{of_tested(result)} are not among the {known} values of {expectation.target}; they need a translation"


VALIDATORS.register("value_domain")(ValueDomain())
