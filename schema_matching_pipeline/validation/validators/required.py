"""Required fields are filled."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.model.validation import Expectation, ExpectationKind, ExpectationResult
from schema_matching_pipeline.validation.validator import VALIDATORS, Case, expect, of_tested


class Required:
    """Asks of every required field and every key whether each row has a value; blanks count as none."""

    code = "REQUIRED_MISSING"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every required field and every part of a key."""
        for pair in case.pairs:
            if pair.field.required or pair.field.primary_key:
                yield expect(ExpectationKind.NOT_NULL, pair)

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """How many rows have no value."""
        return f"{of_tested(result)} are missing, but {expectation.target} is required"


VALIDATORS.register("required")(Required())
