"""Does a mapping hold on the client's real data: questions as values, answers read back, findings."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.profile import MaskedValue
from schema_matching_pipeline.model.rule import Computed, Transformed, sources_of
from schema_matching_pipeline.model.source import ColumnRef


class ExpectationKind(StrEnum):
    """What is asked of the data; the words in brackets name the parameters."""

    CONVERTIBLE = "convertible"  # the column's rule leaves a value where there was one
    CASTABLE = "castable"  # values read as the target's type [type, date_format]
    NOT_NULL = "not_null"  # required fields are filled
    UNIQUE = "unique"  # keys do not repeat [columns]
    FOREIGN_KEY = "foreign_key"  # values exist in the referred column [referred_table, referred_column]
    DATE_RANGE = "date_range"  # plausible days [earliest, latest, date_format]
    DATE_ORDER = "date_order"  # the day is not before that of another column [before_column, date_format, other_format]
    VALUE_SET = "value_set"  # values belong to a known set, whatever their case [values]
    MATCHES = "matches"  # values are identifiers of a kind that ``canon.identifiers`` knows by name [pattern]
    NUMBER_RANGE = "number_range"  # plausible figures [minimum, maximum]


class Severity(StrEnum):
    """How much a failed expectation weighs."""

    ERROR = "error"
    WARNING = "warning"


class Parameter(Frozen):
    """One named parameter of an expectation."""

    name: str
    values: tuple[str, ...]


class ColumnRule(Frozen):
    """What a column's values go through before they are judged: they are computed, or go through steps, or both."""

    ref: ColumnRef
    rule: Transformed | None = None
    computed: Computed | None = Field(default=None, exclude_if=lambda computed: computed is None)


class Expectation(Frozen):
    """One question to the data. ``mostly`` is the share of filled rows that must hold.

    ``validator`` names the plug-in that asked and that reads the answer; ``rules`` are those of the columns asked about.
    """

    id: str
    validator: str = ""
    kind: ExpectationKind
    ref: ColumnRef
    target: FieldRef
    severity: Severity
    mostly: float = 1.0
    parameters: tuple[Parameter, ...] = ()
    rules: tuple[ColumnRule, ...] = ()

    @property
    def refs(self) -> tuple[ColumnRef, ...]:
        """Every column that is asked about, the one it is about first; one that a rule computes is among them."""
        beside = (*self.parameter("before_column"), *self.parameter("columns"))
        referred = zip(self.parameter("referred_table"), self.parameter("referred_column"), strict=True)
        refs = (
            self.ref,
            *(self.ref.but(column=name) for name in beside),
            *(ColumnRef(table=table, column=column) for table, column in referred),
        )
        return tuple(dict.fromkeys(refs))

    @property
    def source_refs(self) -> tuple[ColumnRef, ...]:
        """Every column of the source that is read for it."""
        computed = {each.ref: each.computed for each in self.rules if each.computed}
        read = (sources_of(ref.table, computed[ref]) if ref in computed else (ref,) for ref in self.refs)
        return tuple(dict.fromkeys(ref for refs in read for ref in refs))

    def computed_of(self, ref: ColumnRef) -> Computed | None:
        """What one of its columns is computed from; None where it is one of the source's own."""
        return next((each.computed for each in self.rules if each.ref == ref), None)

    def rule_of(self, ref: ColumnRef) -> Transformed | None:
        """The steps of one of its columns; None where its values are judged as they are."""
        return next((each.rule for each in self.rules if each.ref == ref), None)

    def parameter(self, name: str) -> tuple[str, ...]:
        """The values of one parameter; none where it is not set."""
        return next((parameter.values for parameter in self.parameters if parameter.name == name), ())


class ExpectationSuite(Frozen):
    """All questions about one client's mapping."""

    expectations: tuple[Expectation, ...]


class ExpectationResult(Frozen):
    """One answer: counts over the rows that were looked at, and a few masked samples of failures.

    ``fault`` says why the question could not be asked (a table that vanished); the counts are then 0.
    """

    expectation_id: str
    tested: int
    failed: int
    samples: tuple[MaskedValue, ...] = ()
    sampled: bool = False
    fault: str | None = None
    seconds: float = 0.0


class SuiteResult(Frozen):
    """All answers of one run of a suite."""

    results: tuple[ExpectationResult, ...]


class FindingStatus(StrEnum):
    """The verdict over one expectation."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"


class Finding(Frozen):
    """What one validator says about one mapping. ``code`` is stable; ``message`` is for the steward."""

    code: str
    status: FindingStatus
    ref: ColumnRef
    target: FieldRef
    expectation_id: str
    message: str
    tested: int = 0
    failed: int = 0
    samples: tuple[MaskedValue, ...] = ()
    sampled: bool = False
    demanded: bool = False


class ValidationOutcome(StrEnum):
    """Where one mapped column stands with validation."""

    PENDING = "pending"  # not asked yet, or its field changed since
    VALIDATED = "validated"
    FAILED = "failed"
    WAIVED = "waived"  # something failed, and people approved living with all of it
    NOTHING_TO_CHECK = "nothing_to_check"  # everything was asked, and its field asks nothing


class ValidationReport(Frozen):
    """Every finding of every validator, worst first; never dropped."""

    findings: tuple[Finding, ...]

    def status_of(self, ref: ColumnRef) -> FindingStatus | None:
        """The worst status among a column's findings, or None where nothing was asked of it."""
        order = (FindingStatus.FAILED, FindingStatus.WARNING, FindingStatus.PASSED)
        seen = {finding.status for finding in self.findings if finding.ref == ref}
        return next((status for status in order if status in seen), None)
