from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.model.canonical import FieldType
from schema_matching_pipeline.model.profile import MaskedValue
from schema_matching_pipeline.model.source import ForeignKey
from schema_matching_pipeline.model.validation import (
    ExpectationKind,
    ExpectationResult,
    FindingStatus,
    Severity,
    SuiteResult,
)
from schema_matching_pipeline.validation import validate_mapping
from schema_matching_pipeline_tests.rooms.validation.builders import (
    POLICY,
    a_column_profile,
    a_source,
    an_entity,
    field,
    planned,
    steps,
    thresholds,
)

REQUIRED = planned({"t.c": "e.f"}, an_entity("e", f={"required": True}))


def answered(suite, tested=100, failed=0, demanding=True, **more):
    results = tuple(
        ExpectationResult(expectation_id=asked.id, tested=tested, failed=failed, **more)
        for asked in suite.expectations
    )
    return validate_mapping(suite, SuiteResult(results=results), thresholds(("e", demanding)), POLICY)


def only(report):
    assert len(report.findings) == 1
    return report.findings[0]


@pytest.mark.parametrize(
    ("failed", "status"),
    [
        (0, FindingStatus.PASSED),
        (1, FindingStatus.WARNING),
        (5, FindingStatus.WARNING),
        (6, FindingStatus.FAILED),
    ],
)
def test_any_failure_warns_and_more_than_the_tolerance_fails(failed, status):
    assert only(answered(REQUIRED, failed=failed)).status is status


def test_what_can_only_warn_never_fails():
    suite = planned({"t.c": "e.f"}, an_entity("e", f={"values": ("a",)}))
    assert only(answered(suite, failed=100)).status is FindingStatus.WARNING


def test_a_loose_expectation_tolerates_more():
    suite = REQUIRED.but(expectations=(REQUIRED.expectations[0].but(mostly=0.8),))
    assert only(answered(suite, failed=20)).status is FindingStatus.WARNING
    assert only(answered(suite, failed=21)).status is FindingStatus.FAILED


def test_a_finding_says_what_failed_with_counts_and_masked_samples():
    samples = tuple(MaskedValue(text=f"x{place}") for place in range(9))
    finding = only(answered(REQUIRED, tested=3400, failed=200, samples=samples, sampled=True))
    assert finding.code == "REQUIRED_MISSING"
    assert finding.message == "200 of 3,400 values in a sample are missing, but e.f is required"
    assert (finding.tested, finding.failed, finding.sampled, finding.demanded) == (3400, 200, True, True)
    assert finding.samples == samples[:5]


def test_what_holds_says_so():
    finding = only(answered(REQUIRED))
    assert (finding.code, finding.message) == ("PASSED", "all 100 rows are filled")


def test_whether_a_check_is_demanded_follows_from_the_risk_class():
    assert not only(answered(REQUIRED, failed=50, demanding=False)).demanded


@pytest.mark.parametrize(
    ("demanding", "status"), [(True, FindingStatus.FAILED), (False, FindingStatus.WARNING)]
)
def test_a_question_that_could_not_be_asked_is_no_proof(demanding, status):
    finding = only(answered(REQUIRED, demanding=demanding, fault="the table vanished"))
    assert (finding.code, finding.status) == ("NOT_ASKED", status)
    assert finding.message == "not null could not be checked: the table vanished"


def test_an_expectation_without_an_answer_is_not_dropped():
    report = validate_mapping(REQUIRED, SuiteResult(results=()), thresholds(("e", True)), POLICY)
    assert (only(report).code, only(report).message) == (
        "NOT_ASKED",
        "not null could not be checked: no answer came back",
    )


EVERYTHING = planned(
    {
        "t.id": "e.id",
        "t.begin": "e.start_date",
        "t.end": "e.end_date",
        "t.state": "e.state",
        "t.mail": "e.email",
        "t.number": "e.quantity",
        "t.years": "e.age",
        "t.above": "e.parent",
        "t.npi": "e.npi",
    },
    an_entity(
        "e",
        id={"primary_key": True},
        start_date=FieldType.DATE,
        end_date=FieldType.DATE,
        state={"values": ("a", "b")},
        email={},
        quantity=FieldType.INTEGER,
        age=FieldType.INTEGER,
        parent={"references": field("e.id")},
        npi={},
    ),
    source=a_source(
        a_column_profile("t.begin", date_format="%d.%m.%Y"),
        foreign_keys={"t": [ForeignKey(columns=("above",), referred_table="t", referred_columns=("id",))]},
    ),
    rules={"t.mail": steps("trim", "lowercase")},
)


def test_every_kind_of_failure_is_put_into_words():
    assert {asked.kind for asked in EVERYTHING.expectations} == set(ExpectationKind)
    messages = {finding.message for finding in answered(EVERYTHING, failed=50).findings}
    assert messages == {
        "50 of 100 values are missing, but e.id is required",
        "50 of 100 values repeat a key that id should make unique",
        "50 of 100 values cannot be read as date written as %d.%m.%Y",
        "50 of 100 values cannot be read as date",
        "50 of 100 values cannot be read as integer",
        "50 of 100 values are not days between 1900-01-02 and 2040-12-31",
        "50 of 100 values lie before the day in begin",
        "50 of 100 values are not among the 2 values of e.state; they need a translation",
        "50 of 100 values are not an e-mail address",
        "50 of 100 values are not a US provider number (NPI) (form or check digit)",
        "50 of 100 values are not at or above 0",
        "50 of 100 values are not between 0 and 125",
        "50 of 100 values do not exist in t.id",
        "50 of 100 values are lost: the rule (trim, lowercase) makes nothing of them",
    }


@given(st.data())
def test_every_expectation_has_one_finding_worst_first(data):
    counts = [data.draw(st.integers(0, 100)) for _ in EVERYTHING.expectations]
    results = tuple(
        ExpectationResult(expectation_id=asked.id, tested=100, failed=failed)
        for asked, failed in zip(EVERYTHING.expectations, counts, strict=True)
    )
    report = validate_mapping(EVERYTHING, SuiteResult(results=results), thresholds(("e", True)), POLICY)
    assert sorted(finding.expectation_id for finding in report.findings) == sorted(
        asked.id for asked in EVERYTHING.expectations
    )
    order = [FindingStatus.FAILED, FindingStatus.WARNING, FindingStatus.PASSED]
    ranks = [order.index(finding.status) for finding in report.findings]
    assert ranks == sorted(ranks)
    failed = {finding.expectation_id for finding in report.findings if finding.status is FindingStatus.FAILED}
    assert failed == {
        asked.id
        for asked, count in zip(EVERYTHING.expectations, counts, strict=True)
        if asked.severity is Severity.ERROR and count > 5
    }
