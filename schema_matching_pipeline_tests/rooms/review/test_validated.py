from __future__ import annotations

import pytest

from schema_matching_pipeline.model.matching import Disposition, MappedColumn, MappingSource
from schema_matching_pipeline.review import validation_outcome
from schema_matching_pipeline_tests.rooms.review.builders import column, field


def a_mapped(status="pending", target="reader.surname"):
    return MappedColumn(
        ref=column(),
        target=field(target) if target else None,
        disposition=Disposition.APPROVED if target else Disposition.UNMAPPED,
        confidence=1.0,
        proposed_confidence=1.0,
        required_threshold=0.97,
        source=MappingSource.AUTO_DETECTED,
        validation_status=status,
    )


@pytest.mark.parametrize(
    ("status", "failed", "waived", "complete", "outcome"),
    [
        ("pending", [], [], False, "pending"),
        ("pending", [], [], True, "nothing_to_check"),
        ("validated", [], [], True, "validated"),
        ("failed", ["a"], [], True, "failed"),
        ("failed", ["a", "b"], ["a"], True, "failed"),
        ("failed", ["a", "b"], ["a", "b", "c"], True, "waived"),
        ("failed", [], ["a"], False, "failed"),
    ],
)
def test_a_mapped_column_stands_where_its_answers_and_waivers_put_it(
    status, failed, waived, complete, outcome
):
    assert validation_outcome(a_mapped(status), failed, waived, complete=complete) == outcome


def test_nothing_is_said_of_a_column_that_fills_no_field():
    assert validation_outcome(a_mapped(target=None), [], [], complete=True) is None
