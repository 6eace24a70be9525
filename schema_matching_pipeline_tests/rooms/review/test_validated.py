from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schema_matching_pipeline.model.matching import Disposition, MappedColumn, MappingSource
from schema_matching_pipeline.review import validation_outcome
from schema_matching_pipeline_tests.rooms.review.builders import column, field

NOON = datetime(2024, 5, 31, 12, tzinfo=UTC)


def a_mapped(status="pending", target="reader.surname", decided_at=None):
    return MappedColumn(
        ref=column(),
        target=field(target) if target else None,
        disposition=Disposition.APPROVED if target else Disposition.UNMAPPED,
        confidence=1.0,
        proposed_confidence=1.0,
        required_threshold=0.97,
        source=MappingSource.AUTO_DETECTED,
        validation_status=status,
        decided_at=decided_at,
    )


@pytest.mark.parametrize(
    ("status", "failed", "waived", "validated_at", "outcome"),
    [
        ("pending", [], [], None, "pending"),
        ("pending", [], [], NOON, "nothing_to_check"),
        ("validated", [], [], NOON, "validated"),
        ("failed", ["a"], [], NOON, "failed"),
        ("failed", ["a", "b"], ["a"], NOON, "failed"),
        ("failed", ["a", "b"], ["a", "b", "c"], NOON, "waived"),
        ("failed", [], ["a"], None, "failed"),
    ],
)
def test_a_mapped_column_stands_where_its_answers_and_waivers_put_it(
    status, failed, waived, validated_at, outcome
):
    assert validation_outcome(a_mapped(status), failed, waived, validated_at) == outcome


def test_nothing_is_said_of_a_column_that_fills_no_field():
    assert validation_outcome(a_mapped(target=None), [], [], NOON) is None


@pytest.mark.parametrize(("decided", "outcome"), [(-1, "nothing_to_check"), (1, "pending")])
def test_what_was_decided_after_everything_was_asked_is_still_to_be_asked_about(decided, outcome):
    mapped = a_mapped(decided_at=NOON + timedelta(minutes=decided))
    assert validation_outcome(mapped, [], [], NOON) == outcome
