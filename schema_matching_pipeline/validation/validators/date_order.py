"""What begins earlier does not end sooner."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from schema_matching_pipeline.model.validation import Expectation, ExpectationKind, ExpectationResult
from schema_matching_pipeline.validation.validator import (
    DATE_TYPES,
    VALIDATORS,
    Case,
    Pair,
    expect,
    of_tested,
)

# Word of the earlier day, words of the later one. The other words of both names have to agree.
_ORDER: dict[str, frozenset[str]] = {
    "birth": frozenset({"death"}),
    "born": frozenset({"died"}),
    "start": frozenset({"end", "stop"}),
    "begin": frozenset({"end"}),
    "from": frozenset({"to", "until", "through", "thru"}),
    "admission": frozenset({"discharge"}),
    "effective": frozenset({"expiration", "expiry", "termination", "end"}),
    "onset": frozenset({"resolution", "resolved", "abatement", "end"}),
    "hire": frozenset({"termination", "leave"}),
    "issue": frozenset({"expiration", "expiry"}),
    "opened": frozenset({"closed"}),
    "created": frozenset({"updated", "modified", "changed"}),
    "order": frozenset({"shipped", "ship", "delivery"}),
    "ordered": frozenset({"shipped", "delivered"}),
    "checkin": frozenset({"checkout"}),
    "prescribed": frozenset({"discontinued"}),
}


class DateOrder:
    """Asks whether the later one of two days is not before the earlier one, row by row.

    Two fields of one entity belong together when their names differ in one word that says which comes first,
    as in ``start_date`` and ``end_date``, and one source table fills both.
    """

    code = "DATES_OUT_OF_ORDER"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every pair of days that one table fills."""
        for pairs in case.by_entity.values():
            days = [pair for pair in pairs if pair.field.type in DATE_TYPES]
            for earlier, later in product(days, days):
                if comes_before(earlier.words, later.words):
                    yield _in_order(earlier, later)

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """How many rows end before they begin."""
        before = expectation.parameter("before_column")[0]
        return f"{of_tested(result)} lie before the day in {before}"


def _in_order(earlier: Pair, later: Pair) -> Expectation:
    return expect(
        ExpectationKind.DATE_ORDER,
        later,
        before_column=earlier.ref.column,
        date_format=later.date_format,
        other_format=earlier.date_format,
    )


def comes_before(earlier: tuple[str, ...], later: tuple[str, ...]) -> bool:
    """Whether two names differ in just one word, and that word says which day is the earlier one.

    >>> comes_before(("start", "date"), ("end", "date")), comes_before(("end", "date"), ("start", "date"))
    (True, False)
    >>> comes_before(("coverage", "start"), ("visit", "end"))
    False
    """
    if len(earlier) != len(later):
        return False
    different = [(first, second) for first, second in zip(earlier, later, strict=True) if first != second]
    return len(different) == 1 and different[0][1] in _ORDER.get(different[0][0], frozenset())


VALIDATORS.register("date_order")(DateOrder())
