"""A made-up client and everything that is known about it: where it is, what its columns mean, what is wrong."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import SecretStr

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.model.validation import ExpectationKind


class Grade(StrEnum):
    """How firmly a column belongs to a field: it must be found, or it may be accepted."""

    EXACT = "exact"
    ALTERNATIVE = "alternative"


class FaultName(StrEnum):
    """What was spoiled; the comment says what the planted count counts."""

    REPEATED_KEY = "repeated_key"  # rows beyond the first with the same key
    ORPHAN = "orphan"  # rows whose reference names no existing row
    MISSING = "missing"  # rows without a value that every row needs
    NOT_CASTABLE = "not_castable"  # rows whose value cannot be read as the field's type
    FUTURE_DATE = "future_date"  # birth dates after the last day of the practice
    SENTINEL_DATE = "sentinel_date"  # rows with 1900-01-01 in place of a date
    WRONG_ORDER = "wrong_order"  # rows whose end lies before their beginning
    WRONG_CHECK_DIGIT = "wrong_check_digit"  # identifiers whose check digit does not fit
    NEGATIVE_AMOUNT = "negative_amount"  # charges below zero


CAUGHT_BY = {
    FaultName.REPEATED_KEY: ExpectationKind.UNIQUE,
    FaultName.ORPHAN: ExpectationKind.FOREIGN_KEY,
    FaultName.MISSING: ExpectationKind.NOT_NULL,
    FaultName.NOT_CASTABLE: ExpectationKind.CASTABLE,
    FaultName.FUTURE_DATE: ExpectationKind.DATE_RANGE,
    FaultName.SENTINEL_DATE: ExpectationKind.DATE_RANGE,
    FaultName.WRONG_ORDER: ExpectationKind.DATE_ORDER,
    FaultName.WRONG_CHECK_DIGIT: ExpectationKind.MATCHES,
    FaultName.NEGATIVE_AMOUNT: ExpectationKind.NUMBER_RANGE,
}


class TruthRow(Frozen):
    """The field that one column means; a column without such a row has no target on purpose."""

    source_table: str
    source_column: str
    canonical_entity: str
    canonical_field: str
    grade: Grade


class QualityTruthRow(Frozen):
    """What one column is worth; ``until`` is the last day on which an abandoned column was filled."""

    source_table: str
    source_column: str
    label: LabelName
    until: date | None = None


class PlantedFault(Frozen):
    """Rows that were spoiled on purpose, and the kind of expectation that has to notice them."""

    source_table: str
    source_column: str
    fault: FaultName
    count: int

    @property
    def caught_by(self) -> ExpectationKind:
        """The kind of expectation that fails on these rows."""
        return CAUGHT_BY[self.fault]


class DemoAnswers(Frozen):
    """What only the maker of a client knows about it."""

    truth: tuple[TruthRow, ...]
    quality_truth: tuple[QualityTruthRow, ...]
    planted: tuple[PlantedFault, ...]


class DemoClient(Frozen):
    """A made-up client, ready to be onboarded: ``source`` is a database URL or a path."""

    slug: str
    description: str
    source: SecretStr
    schema_name: str | None
    truth: tuple[TruthRow, ...]
    quality_truth: tuple[QualityTruthRow, ...]
    planted: tuple[PlantedFault, ...]
