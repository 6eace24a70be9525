"""Days are plausible."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schema_matching_pipeline.model.validation import (
    Expectation,
    ExpectationKind,
    ExpectationResult,
    Severity,
)
from schema_matching_pipeline.validation.validator import (
    DATE_TYPES,
    VALIDATORS,
    Case,
    Pair,
    expect,
    of_tested,
)

# What has happened to a person or a record cannot lie ahead.
_PAST_TYPES = frozenset({"birth_date", "death_date", "created_at", "updated_at"})
_PAST_WORDS = frozenset({"birth", "born", "dob", "death", "died", "deceased", "dod", "created"})
_BIRTH_WORDS = frozenset({"birth", "born", "dob", "death", "died", "deceased", "dod"})


class DateRange:
    """Asks whether days lie between the earliest plausible year and the latest plausible day.

    Births, deaths and record dates end today; other days may lie ahead by some years. The very first day of
    the earliest year is out, because old systems write it where no day is known. A birth or death out of
    range is an error, anything else a warning.
    """

    code = "DATE_IMPLAUSIBLE"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every field that holds days."""
        for pair in case.pairs:
            if pair.field.type in DATE_TYPES:
                yield expect(
                    ExpectationKind.DATE_RANGE,
                    pair,
                    severity=_severity(pair),
                    earliest=date(case.policy.earliest_year, 1, 2).isoformat(),
                    latest=_latest(case, pair).isoformat(),
                    date_format=pair.date_format,
                )

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """How many days are implausible."""
        earliest, latest = expectation.parameter("earliest")[0], expectation.parameter("latest")[0]
        return f"{of_tested(result)} are not days between {earliest} and {latest}"


def _severity(pair: Pair) -> Severity:
    vital = pair.field.semantic_type in {"birth_date", "death_date"} or not _BIRTH_WORDS.isdisjoint(
        pair.words
    )
    return Severity.ERROR if vital else Severity.WARNING


def _latest(case: Case, pair: Pair) -> date:
    if pair.field.semantic_type in _PAST_TYPES or not _PAST_WORDS.isdisjoint(pair.words):
        return case.today
    return date(case.today.year + case.policy.future_years, 12, 31)


VALIDATORS.register("date_range")(DateRange())
