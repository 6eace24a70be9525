from __future__ import annotations

from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.review import ItemKind, ReviewItem
from schema_matching_pipeline.review import asked_columns, shown_disposition
from schema_matching_pipeline_tests.rooms.review.builders import column


def an_item(name, kind=ItemKind.VALIDATION):
    return ReviewItem(
        id="i",
        kind=kind,
        ref=column(name),
        risk_class=RiskClass.CRITICAL,
        reason="12 of 100 values are missing",
        needed=1.0,
        had=0.88,
    )


def test_a_column_stands_as_waiting_while_anybody_is_asked_about_it():
    asked = asked_columns([an_item("c"), an_item("d", ItemKind.CLASSIFICATION), an_item("")])
    assert asked == {column("c"), column("d")}
    assert [shown_disposition(Disposition.APPROVED, column(name), asked) for name in ("c", "other")] == [
        Disposition.PENDING_REVIEW,
        Disposition.APPROVED,
    ]
    assert shown_disposition(Disposition.UNMAPPED, column("d"), asked) is Disposition.PENDING_REVIEW
