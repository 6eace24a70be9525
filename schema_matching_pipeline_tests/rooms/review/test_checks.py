from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schema_matching_pipeline.model.check import CheckSeverity
from schema_matching_pipeline.model.matching import Disposition, MappedColumn, MappingSource
from schema_matching_pipeline.model.policy import ProfilePolicy, ReviewPolicy
from schema_matching_pipeline.model.quality import LabelName, QualityReport
from schema_matching_pipeline.model.review import GateState, HoldingItem, ItemKind
from schema_matching_pipeline.model.source import SourceChange
from schema_matching_pipeline.model.tally import (
    Backlog,
    ColumnGroup,
    ColumnTally,
    DemandTally,
    MeaningGroup,
)
from schema_matching_pipeline.quality import group_of
from schema_matching_pipeline.review import checks, uncovered_required
from schema_matching_pipeline_tests.rooms.review.builders import (
    LIBRARY,
    a_finding,
    a_label,
    a_verdict,
    column,
    field,
    routed,
    suggests,
    thresholds,
)

POLICY = ReviewPolicy()
NOW = datetime(2030, 5, 10, tzinfo=UTC)


def mapped(target, disposition=Disposition.APPROVED, confidence=1.0, ref=None):
    return MappedColumn(
        ref=ref or column(),
        target=field(target) if target else None,
        disposition=disposition,
        confidence=confidence,
        proposed_confidence=confidence,
        required_threshold=0.97,
        source=MappingSource.AUTO_DETECTED,
    )


def tally(*columns):
    return ColumnTally(
        groups=tuple(
            ColumnGroup(disposition=one.disposition, target=one.target, asked=False, sure=True, columns=1)
            for one in columns
        ),
        below=tuple(one for one in columns if one.confidence < one.required_threshold),
    )


def backlog(items, kind):
    found = sorted((item for item in items if item.kind is kind), key=lambda item: item.had - item.needed)
    return Backlog(count=len(found), furthest=tuple(found[: POLICY.rows_shown]))


def waiting_mappings(queue):
    return backlog(queue.items, ItemKind.MAPPING)


def a_state(**more):
    return GateState(
        **{
            "client": "acme",
            "version": 3,
            "digest": "d",
            "validated": True,
            "approved": False,
            "published_version": None,
            **more,
        }
    )


def test_a_source_that_stayed_as_it_was_passes():
    verdict = checks.source_unchanged((), POLICY)
    assert (verdict.passed, verdict.actual, verdict.worst, verdict.what_to_do) == (True, 0.0, None, "")


def test_what_changed_in_a_source_is_listed_and_only_warns():
    changes = (
        SourceChange(table="people", column="born", what="the column is gone", breaking=True),
        SourceChange(table="visits", what="a new table"),
    )
    verdict = checks.source_unchanged(changes, POLICY)
    assert (verdict.passed, verdict.severity, verdict.actual) == (False, CheckSeverity.WARN, 2.0)
    assert verdict.worst
    assert verdict.worst.rows == (
        ("people", "born", "the column is gone", "yes"),
        ("visits", "", "a new table", ""),
    )


HOLDING = HoldingItem(kind="mapping", what="people.c", needed="a decision", who="steward or admin")


def test_a_profile_of_every_table_is_complete():
    verdict = checks.profile_complete(2, {}, (), POLICY)
    assert (verdict.passed, verdict.actual, verdict.worst) == (True, 1.0, None)


def test_a_table_that_could_not_be_read_is_shown_with_its_reason():
    verdict = checks.profile_complete(1, {"b": "its quoting is broken"}, (), POLICY)
    assert (verdict.passed, verdict.severity, verdict.actual) == (False, CheckSeverity.WARN, 0.5)
    assert verdict.message == "1 of 2 tables were read."
    assert verdict.worst is not None
    assert verdict.worst.rows == (("b", "its quoting is broken", ""),)


def test_a_table_that_people_live_without_is_shown_and_no_warning():
    verdict = checks.profile_complete(1, {"b": "its quoting is broken"}, {"unread_table:b"}, POLICY)
    assert (verdict.passed, verdict.actual, verdict.what_to_do) == (True, 0.5, "")
    assert verdict.message == "1 of 2 tables were read. People live without 1 of the others."
    assert verdict.worst is not None
    assert verdict.worst.rows == (("b", "its quoting is broken", "yes"),)


def test_a_source_without_tables_is_not_complete():
    assert not checks.profile_complete(0, {}, (), POLICY).passed


@pytest.mark.parametrize(("days", "passed"), [(0, True), (2, True), (2.1, False)])
def test_a_profile_is_fresh_for_some_days(days, passed):
    verdict = checks.profile_fresh(NOW - timedelta(days=days), NOW, ProfilePolicy(fresh_days=2))
    assert (verdict.passed, verdict.actual, verdict.threshold) == (passed, days, 2.0)


def test_a_source_never_profiled_is_not_fresh():
    verdict = checks.profile_fresh(None, NOW, ProfilePolicy())
    assert (verdict.passed, verdict.message) == (False, "The source was never profiled.")


def quality_items():
    labels = (a_label(LabelName.MISUSED), a_label(ref=column("d")))
    queue = routed(
        suggests("reader.surname", 0.99),
        labels=labels,
        thresholds=thresholds(exclude=False),
    )
    return QualityReport(labels=labels), [item for item in queue.items if item.ref == column()]


def test_flagged_columns_wait_until_each_is_decided():
    report, items = quality_items()
    labels = [group_of(label) for label in report.labels]
    verdict = checks.flagged_columns_reviewed(labels, backlog(items, ItemKind.QUALITY), POLICY)
    assert (verdict.passed, verdict.actual, verdict.severity) == (False, 1.0, CheckSeverity.WARN)
    assert verdict.message == "1 of 2 columns are flagged; 1 of them wait for a person."
    assert checks.flagged_columns_reviewed(labels, Backlog(), POLICY).passed
    overruled = [group.but(overruled=group.flagged) for group in labels]
    decided = checks.flagged_columns_reviewed(overruled, Backlog(), POLICY)
    assert decided.message.startswith("0 of 2 columns are flagged; 0 of them wait")


def test_unsure_meanings_are_counted_and_the_waiting_ones_shown():
    verdicts = (a_verdict("birth_date", 0.8), a_verdict("color", 0.7, ref=column("d")))
    queue = routed(suggests(None, 0.2), suggests(None, 0.2, ref=column("d")), verdicts=verdicts)
    meanings = [MeaningGroup(entity=one.entity, confidence=one.confidence, columns=1) for one in verdicts]
    waiting = backlog(queue.items, ItemKind.CLASSIFICATION)
    verdict = checks.classification_threshold(meanings, thresholds(), waiting, POLICY)
    assert (verdict.passed, verdict.actual) == (False, 1.0)
    assert verdict.message.startswith(
        "2 of 2 classifications are below their entity's threshold; 1 of them wait"
    )


def test_waiting_mappings_are_shown_the_furthest_below_first():
    queue = routed(
        suggests("reader.surname", 0.9, ref=column("near")), suggests("reader.born", 0.6, ref=column("far"))
    )
    verdict = checks.mapping_threshold(tally(), waiting_mappings(queue), POLICY)
    assert (verdict.passed, verdict.severity, verdict.actual) == (False, CheckSeverity.WARN, 2.0)
    assert verdict.worst is not None
    assert [row[:4] for row in verdict.worst.rows] == [
        ("people.far", "reader.born", "0.60", "0.97"),
        ("people.near", "reader.surname", "0.90", "0.97"),
    ]


def test_a_mapping_accepted_below_its_threshold_is_an_error():
    below = mapped("reader.born", Disposition.AUTO_ACCEPTED, 0.9)
    verdict = checks.mapping_threshold(tally(below), Backlog(), POLICY)
    assert (verdict.passed, verdict.severity, verdict.actual) == (False, CheckSeverity.ERROR, 1.0)
    assert verdict.worst is not None
    assert verdict.worst.rows == (("people.c", "reader.born", "0.90", "0.97"),)


def test_a_table_of_the_worst_says_how_many_it_leaves_out():
    names = [f"t{number:02}" for number in range(POLICY.rows_shown + 3)]
    verdict = checks.profile_complete(1, dict.fromkeys(names, "no right"), (), POLICY)
    assert verdict.worst is not None
    assert (len(verdict.worst.rows), verdict.worst.left_out) == (POLICY.rows_shown, 3)
    assert verdict.worst.title == "Tables that were not read"
    assert verdict.worst.heading == f"Tables that were not read ({POLICY.rows_shown} of {len(names)})"


def test_required_fields_count_only_where_the_entity_is_mapped():
    assert uncovered_required(LIBRARY, [field("reader.born")]) == (
        field("reader.reader_id"),
        field("reader.surname"),
    )
    assert uncovered_required(LIBRARY, []) == ()
    assert uncovered_required(LIBRARY, [field("reader.reader_id"), field("reader.surname")]) == ()


def test_a_required_field_without_any_source_is_an_error():
    columns = (mapped("reader.reader_id"), mapped("reader.surname", Disposition.REJECTED))
    verdict = checks.required_fields_covered(LIBRARY, tally(*columns), (), POLICY)
    assert (verdict.passed, verdict.severity, verdict.actual) == (False, CheckSeverity.ERROR, 1.0)
    assert verdict.worst is not None
    assert verdict.worst.rows == (("reader.surname", "no column fills it"),)


def test_a_required_field_whose_suggestion_waits_is_a_warning():
    columns = (mapped("reader.reader_id"), mapped("reader.surname", Disposition.PENDING_REVIEW))
    verdict = checks.required_fields_covered(LIBRARY, tally(*columns), (), POLICY)
    assert (verdict.passed, verdict.severity) == (False, CheckSeverity.WARN)


def test_a_required_field_of_an_entity_that_is_only_suggested_says_when_it_is_asked_about():
    columns = (mapped("reader.reader_id"), mapped("note.text", Disposition.PENDING_REVIEW))
    verdict = checks.required_fields_covered(LIBRARY, tally(*columns), (), POLICY)
    assert verdict.worst is not None
    assert verdict.worst.rows == (
        ("reader.surname", "no column fills it"),
        ("note.day", "no column fills it; asked about once a suggestion for note is approved"),
    )
    cut = checks.required_fields_covered(LIBRARY, tally(*columns), (), POLICY.but(rows_shown=1)).worst
    assert cut is not None
    assert (cut.left_out, cut.rest) == (1, "asked about once a suggestion for their entity is approved")


def test_covered_required_fields_pass():
    columns = (mapped("reader.reader_id"), mapped("reader.surname"))
    assert checks.required_fields_covered(LIBRARY, tally(*columns), (), POLICY).passed


def test_a_required_field_that_was_waived_is_no_error():
    columns = (mapped("reader.reader_id"), mapped("reader.surname", Disposition.REJECTED))
    verdict = checks.required_fields_covered(
        LIBRARY, tally(*columns), ("required_field:reader.surname",), POLICY
    )
    assert (verdict.passed, verdict.actual, verdict.worst) == (True, 0.0, None)
    assert "1 more were waived" in verdict.message


def test_demanded_checks_that_failed_are_errors_until_waived():
    report = DemandTally(demanded=3, failed=(a_finding(), a_finding(expectation_id="e2", failed=60)))
    verdict = checks.validation_demanded_passed(report, {"e1"}, POLICY)
    assert (verdict.passed, verdict.severity, verdict.actual) == (False, CheckSeverity.ERROR, 1.0)
    assert verdict.message == "1 of 3 demanded checks failed (1 more were waived)."
    assert checks.validation_demanded_passed(report, {"e1", "e2"}, POLICY).passed


def test_what_holds_the_gate_warns_before_and_refuses_at_release():
    verdict = checks.nothing_pending(a_state(holding_final=(HOLDING,)), POLICY)
    assert (verdict.passed, verdict.severity, verdict.actual) == (False, CheckSeverity.WARN, 1.0)
    assert checks.for_release(verdict).severity is CheckSeverity.ERROR
    assert checks.nothing_pending(a_state(), POLICY).passed
    assert not checks.nothing_pending(a_state(version=None), POLICY).passed


def test_an_old_profile_never_blocks_a_release():
    verdict = checks.profile_fresh(None, NOW, ProfilePolicy())
    assert checks.for_release(verdict) == verdict


def test_what_a_check_tells_to_do_names_the_client_once_it_is_told_about_one():
    queue = routed(suggests("reader.phone", 0.6))
    verdict = checks.mapping_threshold(tally(), waiting_mappings(queue), POLICY)
    assert checks.told_about(verdict, "acme").what_to_do == "Decide them: `smp review list acme`."


def test_a_table_of_the_worst_has_an_end():
    queue = routed(*(suggests("reader.phone", 0.6, ref=column(f"c{place}")) for place in range(30)))
    verdict = checks.mapping_threshold(tally(), waiting_mappings(queue), POLICY)
    assert verdict.actual == 30.0
    assert verdict.worst is not None
    assert len(verdict.worst.rows) == POLICY.rows_shown
