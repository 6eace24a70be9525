"""What a rule takes for a first name is one."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.model.validation import Expectation, ExpectationKind, ExpectationResult
from schema_matching_pipeline.validation.validator import VALIDATORS, Case, expect, of_tested

_FIRST_NAME = "person_first_name"


class GivenNames:
    """Asks of first names that a rule takes out of other columns whether they are given names.

    No list holds them all, so a part may be unknown; where most are, the parts of the name are probably the wrong way
    round.
    """

    code = "NOT_GIVEN_NAMES"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every derived first name."""
        for pair in case.pairs:
            if pair.ref in case.computed and pair.field.semantic_type == _FIRST_NAME:
                yield expect(
                    ExpectationKind.MATCHES, pair, mostly=case.policy.given_names_share, pattern="given_name"
                )

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:  # noqa: ARG002 - it is the same for all
        """How many are no given name that is known."""
        return f"{of_tested(result)} that the rule takes for first names are no common given names"


VALIDATORS.register("given_names")(GivenNames())
