from __future__ import annotations

from datetime import date

from schema_matching_pipeline.model.profile import DateSummary, NumberSummary
from schema_matching_pipeline.model.source import ForeignKey
from schema_matching_pipeline.review import column_evidence
from schema_matching_pipeline_tests.builders import a_column, a_table

VISITS = a_table(
    "visits",
    [
        a_column("visit_id", [str(number) for number in range(1, 41)], data_type="integer", in_primary_key=True),
        a_column(
            "kind", ["new", "old"] * 20, data_type="varchar(8)", comment="First visit or not.", numbers=None
        ),
        a_column("on_day", dates=DateSummary(first=date(2020, 1, 2), last=date(2024, 3, 4))),
        a_column("patient", ["1", "2"] * 20, numbers=NumberSummary(minimum=1, maximum=2, mean=1.5, stddev=0.5)),
        a_column("remark"),
        a_column("made_by"),
        a_column("phone", ["99-99", "9-999"] * 20, numbers=None),
    ],
    primary_key=("visit_id",),
    foreign_keys=(
        ForeignKey(columns=("patient",), referred_table="patients", referred_columns=("id",), declared=False, score=0.9),
    ),
)  # fmt: skip


def facts(place):
    return {fact.name: fact.value for fact in column_evidence(VISITS, VISITS.columns[place])}


def test_a_column_is_described_by_type_filling_values_and_neighbours():
    kind = facts(1)
    assert kind["type"].startswith("varchar(8); its values are ")
    assert (kind["filled"], kind["distinct"]) == ("100.0% of 40 rows", "2")
    assert kind["most common"] == "new (20), old (20)"
    assert kind["comment"] == "First visit or not."
    assert kind["beside it"] == "visit_id, [kind], on_day, patient, remark"
    assert "key" not in kind


def test_common_values_that_are_masked_to_their_shapes_are_not_told_twice():
    assert ("written like" in facts(6), "most common" in facts(6)) == (True, False)


def test_shapes_are_told_apart_from_what_values_mean_and_their_signs_are_explained():
    assert facts(6)["written like"] == (
        "9-999 (50%), 99-99 (50%); 9 is any digit, X any capital, x any other letter"
    )
    assert facts(1)["looks like"] == "words (100%)"


def test_a_key_and_a_reference_are_named():
    assert (facts(0)["key"], facts(0)["distinct"]) == ("primary key", "40, each once")
    assert facts(3)["refers to"] == "patients (found, 90% sure)"


def test_days_and_figures_have_a_range():
    assert facts(2)["range"] == "2020-01-02 to 2024-03-04"
    assert facts(3)["range"] == "1 to 2"
