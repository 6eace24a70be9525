"""Values read as the type of the field they fill."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.model.canonical import FieldType
from schema_matching_pipeline.model.validation import Expectation, ExpectationKind, ExpectationResult
from schema_matching_pipeline.validation.validator import (
    DATE_TYPES,
    VALIDATORS,
    Case,
    Pair,
    expect,
    of_tested,
)

_TYPED = frozenset({FieldType.NUMBER, FieldType.INTEGER, FieldType.BOOLEAN, FieldType.TIME}) | DATE_TYPES


class Castable:
    """Asks of every field with a type of its own whether the column's values can be read as that type.

    Dates stored as text are read by the format that the profile found. Text, codes and identifiers take any
    value, so nothing is asked of them.
    """

    code = "NOT_CASTABLE"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every field with a type of its own."""
        for pair in case.pairs:
            if pair.field.type in _TYPED:
                yield expect(
                    ExpectationKind.CASTABLE,
                    pair,
                    mostly=case.policy.mostly,
                    type=pair.field.type,
                    date_format=_format(pair),
                )

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """How many values are not of the type."""
        shown = expectation.parameter("date_format")
        written = f" written as {shown[0]}" if shown else ""
        return f"{of_tested(result)} cannot be read as {expectation.parameter('type')[0]}{written}"


def _format(pair: Pair) -> str | None:
    return pair.date_format if pair.field.type in DATE_TYPES else None


VALIDATORS.register("castable")(Castable())
