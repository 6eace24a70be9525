"""The answers of a suite to findings: what holds, what is doubtful, what fails."""

from __future__ import annotations

from schema_matching_pipeline.model.policy import ValidationPolicy
from schema_matching_pipeline.model.trust import Thresholds
from schema_matching_pipeline.model.validation import (
    Expectation,
    ExpectationKind,
    ExpectationResult,
    ExpectationSuite,
    Finding,
    FindingStatus,
    Severity,
    SuiteResult,
    ValidationReport,
)
from schema_matching_pipeline.validation.validator import VALIDATORS

PASSED = "PASSED"
NOT_ASKED = "NOT_ASKED"
_HELD = {
    ExpectationKind.CONVERTIBLE: "the rule gives a value for all {} values",
    ExpectationKind.CASTABLE: "all {} values read as the type of the field",
    ExpectationKind.NOT_NULL: "all {} rows are filled",
    ExpectationKind.UNIQUE: "none of {} values repeats",
    ExpectationKind.FOREIGN_KEY: "all {} values exist where they refer to",
    ExpectationKind.DATE_RANGE: "all {} days are plausible",
    ExpectationKind.DATE_ORDER: "all {} days are in order",
    ExpectationKind.VALUE_SET: "all {} values are among those known of the field",
    ExpectationKind.MATCHES: "all {} values have the form that the field asks for",
    ExpectationKind.NUMBER_RANGE: "all {} figures are plausible",
}
_WORST_FIRST = (FindingStatus.FAILED, FindingStatus.WARNING, FindingStatus.PASSED)


def validate_mapping(
    suite: ExpectationSuite, results: SuiteResult, thresholds: Thresholds, policy: ValidationPolicy
) -> ValidationReport:
    """One finding for every expectation of the suite, worst first, what is demanded before what is not.

    A question that could not be asked, or has no answer, counts as failed where the risk class demands
    validation, and as a warning elsewhere: silence proves nothing.
    """
    answers = {result.expectation_id: result for result in results.results}
    findings = [_finding(asked, answers.get(asked.id), thresholds, policy) for asked in suite.expectations]
    return ValidationReport(findings=tuple(sorted(findings, key=_rank)))


def _finding(
    asked: Expectation, answer: ExpectationResult | None, thresholds: Thresholds, policy: ValidationPolicy
) -> Finding:
    demanded = thresholds.of(asked.target.entity).validation_required
    if answer is None or answer.fault is not None:
        return _unanswered(asked, answer, demanded=demanded)
    status = _status(asked, answer, policy)
    validator = VALIDATORS[asked.validator]
    held = status is FindingStatus.PASSED
    return Finding(
        code=PASSED if held else validator.code,
        status=status,
        ref=asked.ref,
        target=asked.target,
        expectation_id=asked.id,
        message=_held(asked, answer) if held else validator.message(asked, answer),
        tested=answer.tested,
        failed=answer.failed,
        samples=answer.samples[: policy.samples_kept],
        sampled=answer.sampled,
        demanded=demanded,
    )


def _unanswered(asked: Expectation, answer: ExpectationResult | None, *, demanded: bool) -> Finding:
    why = answer.fault if answer and answer.fault else "no answer came back"
    return Finding(
        code=NOT_ASKED,
        status=FindingStatus.FAILED if demanded else FindingStatus.WARNING,
        ref=asked.ref,
        target=asked.target,
        expectation_id=asked.id,
        message=f"{asked.kind.replace('_', ' ')} could not be checked: {why}",
        demanded=demanded,
    )


def _status(asked: Expectation, answer: ExpectationResult, policy: ValidationPolicy) -> FindingStatus:
    """Any failure is worth a warning; more than the tolerance is a failure of the mapping."""
    if answer.failed == 0:
        return FindingStatus.PASSED
    tolerance = round(max(policy.failed_share, 1.0 - asked.mostly), 9)  # 1 - 0.8 is a little less than 0.2
    too_many = answer.failed > tolerance * answer.tested
    if asked.severity is Severity.ERROR and too_many:
        return FindingStatus.FAILED
    return FindingStatus.WARNING


def _held(asked: Expectation, answer: ExpectationResult) -> str:
    return _HELD[asked.kind].format(f"{answer.tested:,}")


def _rank(finding: Finding) -> tuple[int, bool, str, str, str]:
    worst = _WORST_FIRST.index(finding.status)
    return (worst, not finding.demanded, finding.ref.table, finding.ref.column, finding.expectation_id)
