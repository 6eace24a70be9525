"""What people who follow profiles and labels over time are shown."""

from __future__ import annotations

from datetime import UTC, datetime

from schema_matching_pipeline.model.profile import PastProfile
from schema_matching_pipeline.model.summary import PhaseSummary
from schema_matching_pipeline.quality import assess_quality
from schema_matching_pipeline.workflows.label_summary import summarize_labels
from schema_matching_pipeline.workflows.profile_summary import summarize_profile
from schema_matching_pipeline_tests.builders import Values, a_measured_source

NUMBERS = tuple(map(str, range(20)))
ROWS: dict[str, dict[str, Values]] = {
    "patients": {
        "id": NUMBERS,
        "email": [f"ann{number}@clinic.org" for number in range(20)],
        "fax": [None] * 20,
    },
    "rooms": {"id": NUMBERS[:9], "floor": ["1", "2", "3"] * 3},
}


def rows_of(summary: PhaseSummary, title: str) -> list[tuple[str, ...]]:
    return next([*table.rows] for table in summary.tables if table.title == title)


def test_labels_tell_scores_now_and_before_and_the_worst_columns_with_their_reason() -> None:
    before = assess_quality(a_measured_source({"patients": {**ROWS["patients"], "fax": NUMBERS}}))
    summary = summarize_labels("acme", assess_quality(a_measured_source(ROWS)), before, 0.5)
    assert rows_of(summary, "Score by table") == [
        ("patients", "66.7", "100", "1", "3"),
        ("rooms", "100", "", "0", "2"),
    ]
    assert rows_of(summary, "Worst columns") == [
        ("patients.fax", "empty", "", "1.00", "None of 20 rows has a value.")
    ]
    assert rows_of(summary, "Labels and notes") == [
        ("good", "4", "patients.id"),
        ("personal_data", "1", "patients.email"),
        ("empty", "1", "patients.fax"),
    ]
    counted = dict(summary.counts)
    assert (counted["score"], counted["lowest_table_score"], counted["columns_flagged"]) == (80.0, 66.7, 1)


def test_a_label_that_a_person_overruled_counts_as_good_and_is_counted_apart() -> None:
    report = assess_quality(a_measured_source(ROWS))
    decided = report.but(labels=tuple(label.but(overruled=label.flagged) for label in report.labels))
    summary = summarize_labels("acme", decided, None, 0.5)
    counted = dict(summary.counts)
    assert (counted["score"], counted["columns_flagged"], counted["columns_overruled"]) == (100.0, 0, 1)
    assert rows_of(summary, "Worst columns") == []


def test_a_profile_tells_rows_now_and_before_and_how_they_went_over_time() -> None:
    past = tuple(
        PastProfile(profiled_at=datetime(2030, 1, day, tzinfo=UTC), tables=2, rows=rows)
        for day, rows in ((3, 29), (2, 40), (1, 40))
    )
    summary = summarize_profile("acme", a_measured_source(ROWS), (), ({"patients": 31}, past), 0, 0.5)
    assert rows_of(summary, "Largest tables") == [
        ("patients", "20", "31", "3", "", "0", "small"),
        ("rooms", "9", "", "2", "", "0", "small"),
    ]
    assert rows_of(summary, "Rows over time") == [
        ("2030-01-03 00:00", "2", "29", "-11"),
        ("2030-01-02 00:00", "2", "40", "+0"),
        ("2030-01-01 00:00", "2", "40", ""),
    ]
    assert rows_of(summary, "Personal data") == [("identifying", "email", "1", "patients.email")]
