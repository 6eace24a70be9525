"""A rule leaves a value where there was one."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.model.rule import Lookup
from schema_matching_pipeline.model.validation import Expectation, ExpectationKind, ExpectationResult
from schema_matching_pipeline.validation.validator import VALIDATORS, Case, expect, of_tested


class Convertible:
    """Asks of every column whose mapping has steps, or looks its codes up, whether a value is left wherever there was one.

    A value that becomes null or blank is lost, whichever step lost it; one that a step replaces by a default is not.
    """

    code = "LOST_BY_RULE"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every column with steps or a lookup."""
        for pair in case.pairs:
            if pair.ref in case.rules or isinstance(case.computed.get(pair.ref), Lookup):
                yield expect(ExpectationKind.CONVERTIBLE, pair, mostly=case.policy.mostly)

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """How many values the rule loses."""
        rule, computed = expectation.rule_of(expectation.ref), expectation.computed_of(expectation.ref)
        if isinstance(computed, Lookup):
            return f"{of_tested(result)} are lost: {computed.table}.{computed.key} does not list them"
        steps = ", ".join(each.step for each in rule.steps) if rule else ""
        return f"{of_tested(result)} are lost: the rule ({steps}) makes nothing of them"


VALIDATORS.register("convertible")(Convertible())
