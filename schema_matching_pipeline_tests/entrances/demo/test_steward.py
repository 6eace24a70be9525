from __future__ import annotations

import pytest

from schema_matching_pipeline.entrances.cli.demo import Grade, QualityTruthRow, Steward, TruthRow
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.model.review import DecisionKind, ItemKind


def means(column: str, field: str, grade: Grade = Grade.EXACT) -> TruthRow:
    return TruthRow(
        source_table="person",
        source_column=column,
        canonical_entity="patient",
        canonical_field=field,
        grade=grade,
    )


def worth(column: str, label: LabelName) -> QualityTruthRow:
    return QualityTruthRow(source_table="person", source_column=column, label=label)


@pytest.fixture
def steward() -> Steward:
    return Steward(
        [
            means("dob", "birth_date"),
            means("phone", "home_phone"),
            means("phone", "mobile_phone", Grade.ALTERNATIVE),
            means("title", "name_prefix", Grade.ALTERNATIVE),
        ],
        [worth("dob", LabelName.GOOD), worth("pager", LabelName.ABANDONED)],
    )


@pytest.mark.parametrize(
    ("column", "field"), [("dob", "birth_date"), ("phone", "home_phone"), ("phone", "mobile_phone")]
)
def test_a_right_suggestion_is_approved(steward: Steward, column: str, field: str) -> None:
    decision = steward.decide(ItemKind.MAPPING, "person", column, "patient", field)

    assert decision.kind is DecisionKind.APPROVE
    assert (decision.entity, decision.field) == (None, None)


@pytest.mark.parametrize("suggested", [("patient", "death_date"), ("coverage", "birth_date"), (None, None)])
def test_a_wrong_or_missing_suggestion_is_overridden_with_the_right_field(
    steward: Steward, suggested: tuple[str | None, str | None]
) -> None:
    decision = steward.decide(ItemKind.CLASSIFICATION, "person", "dob", *suggested)

    assert decision.kind is DecisionKind.OVERRIDE
    assert (decision.entity, decision.field) == ("patient", "birth_date")
    assert decision.reason == "Another field means the same."


@pytest.mark.parametrize("column", ["batch_no", "title"])
def test_a_column_that_no_field_must_have_is_unmapped_with_a_reason(steward: Steward, column: str) -> None:
    decision = steward.decide(ItemKind.MAPPING, "person", column, "patient", "patient_id")

    assert decision.kind is DecisionKind.UNMAP
    assert decision.reason == "This column serves the source system only; no field means the same."


@pytest.mark.parametrize(
    ("column", "kind"),
    [("pager", DecisionKind.EXCLUDE), ("dob", DecisionKind.INCLUDE), ("phone", DecisionKind.INCLUDE)],
)
def test_a_flag_is_followed_only_where_it_is_right(steward: Steward, column: str, kind: DecisionKind) -> None:
    assert steward.decide(ItemKind.QUALITY, "person", column).kind is kind


def test_a_failed_validation_is_waived_with_a_reason(steward: Steward) -> None:
    decision = steward.decide(ItemKind.VALIDATION, "person", "dob", "patient", "birth_date")

    assert decision.kind is DecisionKind.APPROVE
    assert decision.reason == "Known dirt of this source; the mapping itself is right."
