from schema_matching_pipeline.model.check import CheckSeverity, CheckVerdict
from schema_matching_pipeline.model.classification import Classification, Verdict, VerdictSource
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.profile import MaskedValue
from schema_matching_pipeline.model.quality import EvidenceFact, LabelName, QualityLabel, QualityReport
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind
from schema_matching_pipeline.model.summary import SummaryTable
from schema_matching_pipeline.model.validation import Finding, FindingStatus, ValidationReport
from schema_matching_pipeline_tests.registry.office import (
    SECOND_STEWARD,
    STEWARD,
    field,
    ref,
    routed,
    thresholds,
)

REPORT = QualityReport(
    labels=(
        QualityLabel(
            ref=ref("zz"),
            label=LabelName.EMPTY,
            confidence=1.0,
            reason="no row has a value",
            facts=(EvidenceFact(name="filled", value="0 of 100"),),
        ),
        QualityLabel(ref=ref("aa"), label=LabelName.GOOD, confidence=0.5, reason="", notes=("constant",)),
    )
)
CLASSIFICATION = Classification(
    verdicts=(
        Verdict(ref=ref("zz"), semantic_type=None, confidence=0.0, source=VerdictSource.RULES),
        Verdict(
            ref=ref("aa"),
            semantic_type="birth_date",
            entity="patient",
            confidence=0.93,
            source=VerdictSource.LANGUAGE_MODEL,
            reasons=("its name", "its values"),
        ),
    )
)


def a_verdict(**stated):
    return CheckVerdict.model_validate(
        {
            "name": "profile_is_fresh",
            "asset": Phase.COLUMN_PROFILES,
            "passed": False,
            "severity": CheckSeverity.WARN,
            "actual": 3.0,
            "threshold": 2.0,
            "message": "the profile is 3 days old",
            **stated,
        }
    )


def a_finding(**stated):
    return Finding.model_validate(
        {
            "code": "castable",
            "status": FindingStatus.FAILED,
            "ref": ref("born"),
            "target": field("patient.birth_date"),
            "expectation_id": "e1",
            "message": "3 of 100 are no days",
            "tested": 100,
            "failed": 3,
            "samples": (MaskedValue(text="99-99-9999"),),
            **stated,
        }
    )


def test_labels_are_read_as_they_were_stored_and_replaced_by_the_next(office):
    run = office.start_run()
    with office.open() as unit:
        assert unit.quality.current("acme") is None
        unit.quality.store("acme", run, REPORT)
        assert unit.quality.current("acme") == REPORT
        fewer = QualityReport(labels=REPORT.labels[1:])
        unit.quality.store("acme", run, fewer)
        assert unit.quality.current("acme") == fewer


def test_verdicts_are_read_as_they_were_stored_and_replaced_by_the_next(office):
    run = office.start_run()
    with office.open() as unit:
        assert unit.classifications.current("acme") is None
        unit.classifications.store("acme", run, CLASSIFICATION)
        assert unit.classifications.current("acme") == CLASSIFICATION
        fewer = Classification(verdicts=CLASSIFICATION.verdicts[:1])
        unit.classifications.store("acme", run, fewer)
        assert unit.classifications.current("acme") == fewer


def test_that_nothing_was_left_to_classify_differs_from_not_yet(office):
    run = office.start_run()
    with office.open() as unit:
        unit.classifications.store("acme", run, Classification(verdicts=()))
        assert unit.classifications.current("acme") == Classification(verdicts=())


def test_the_newest_verdict_of_each_check_is_current(office):
    worst = SummaryTable(title="Worst", header=("column",), rows=(("a.b",),))
    passed = a_verdict(passed=True, actual=1.0, worst=worst)
    other = a_verdict(name="another", severity=CheckSeverity.ERROR, what_to_do="look")
    with office.open() as unit:
        unit.checks.store("acme", (a_verdict(), other))
        unit.checks.store("acme", (passed,))
        assert unit.checks.current("acme") == (other, passed)


def test_findings_belong_to_the_digest_they_are_about(office):
    office.propose(routed("born", "patient.birth_date"))
    with office.open() as unit:
        assert unit.validations.current("acme") is None
    first = ValidationReport(
        findings=(a_finding(), a_finding(expectation_id="e0", status=FindingStatus.PASSED))
    )
    office.validate(report=first)
    with office.open() as unit:
        assert unit.validations.current("acme") == first
        (mapped,) = unit.mappings.current("acme")
        assert mapped.validation_status == "failed"

    office.propose(routed("born", "patient.birth_date"), routed("sex", "patient.sex"))
    office.validate(report=ValidationReport(findings=()))
    with office.open() as unit:
        assert unit.validations.current("acme") == ValidationReport(findings=())


def test_what_was_found_about_a_refused_suggestion_is_over(office):
    office.propose(routed("born", "patient.birth_date", Disposition.PENDING_REVIEW, confidence=0.7))
    office.validate(report=ValidationReport(findings=(a_finding(),)))
    (item,) = (item for item in office.waiting() if item.kind is ItemKind.MAPPING)
    with office.open(STEWARD) as unit:
        assert unit.validations.current("acme") == ValidationReport(findings=(a_finding(),))
        unit.reviews.decide(Decision(item_id=item.id, kind=DecisionKind.UNMAP, reason="a rumour"))
        assert unit.validations.current("acme") == ValidationReport(findings=())


def test_a_waiver_ends_where_the_failure_grew(office):
    office.propose(routed("born", "patient.birth_date"))
    office.validate(report=ValidationReport(findings=(a_finding(),)))
    (item,) = (item for item in office.waiting() if item.expectation_id == "e1")
    for person in (STEWARD, SECOND_STEWARD):
        with office.open(person) as unit:
            unit.reviews.decide(Decision(item_id=item.id, kind=DecisionKind.APPROVE, reason="typing errors"))
    with office.open() as unit:
        assert unit.reviews.waived("acme") == {"e1"}
    office.validate(report=ValidationReport(findings=(a_finding(failed=60),)))
    with office.open() as unit:
        assert unit.reviews.waived("acme") == frozenset()


def test_policies_are_read_as_they_were_stored_and_forgotten_entities_go(office):
    wanted = thresholds()
    with office.open() as unit:
        assert unit.trust.policies("acme") == ()
        unit.trust.store_policies("acme", wanted)
        assert unit.trust.policies("acme") == wanted.entities
        unit.trust.store_policies("acme", wanted.but(entities=wanted.entities[:1]))
        assert unit.trust.policies("acme") == wanted.entities[:1]


def test_the_same_policies_again_leave_no_trace(office):
    with office.open() as unit:
        unit.trust.store_policies("acme", thresholds())
    with office.open() as unit:
        before = unit.audit.verify().rows
        unit.trust.store_policies("acme", thresholds())
        assert unit.audit.verify().rows == before


def test_a_cached_document_is_kept_until_its_time_is_over_or_it_is_dropped(office):
    with office.open() as unit:
        unit.cache.put("questions", "k", '{"a": [1, 2]}')
        unit.cache.put("questions", "gone", "1", seconds=-1)
        assert unit.cache.get("questions", "k") == '{"a": [1, 2]}'
        assert unit.cache.get("questions", "gone") is None
        unit.cache.put("questions", "k", '"newer"', seconds=60)
        assert unit.cache.get("questions", "k") == '"newer"'
        assert unit.cache.drop("questions") == 2
        assert unit.cache.get("questions", "k") is None
