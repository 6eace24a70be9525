from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.model.measurement import ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PlanKind, ValueType
from schema_matching_pipeline.model.source import TableTrouble
from schema_matching_pipeline.profiling import profile_source, read_profile
from schema_matching_pipeline.profiling.known_texts import TextMemory
from schema_matching_pipeline.profiling.read import read_column
from schema_matching_pipeline_tests.builders import (
    a_column,
    a_measured_source,
    a_measurement,
    a_snapshot,
    a_source_table,
)

POLICY = ProfilePolicy()


def test_figures_are_counted_exactly():
    column = a_column(values=["a", "a", "b", None, "", "  "], nullable=True, comment="letters")
    assert (column.row_count, column.null_count, column.blank_count, column.filled_count) == (6, 1, 2, 3)
    assert (column.distinct_count, column.top_share, column.filled_share) == (2, 0.6667, 0.5)
    assert (column.comment, column.nullable, column.is_unique) == ("letters", True, False)


def test_frequent_values_are_shown_and_rare_ones_only_as_shapes():
    column = a_column("status", ["open"] * 5 + ["shut"] * 4 + ["gone"] * 2)
    assert [(top.value.text, top.count) for top in column.top_values] == [("xxxx", 6), ("open", 5)]


def test_a_personal_column_shows_shapes_only():
    column = a_column("last_name", ["Keller"] * 50 + ["Brandt"] * 30 + ["Noe"] * 20)
    assert column.personal
    assert [(top.value.text, top.count) for top in column.top_values] == [("Xxxxxx", 80), ("Xxx", 20)]


@given(
    st.lists(
        st.text(alphabet=string.ascii_letters + string.digits, min_size=4, max_size=12),
        min_size=1,
        max_size=30,
    )
)
def test_no_personal_value_leaves_the_room(values):
    told = a_column("patient_name", [value + "Q7" for value in values]).canonical_json()
    assert not [value for value in values if value + "Q7" in told]


def test_a_birth_date_is_told_by_year_only_and_lonely_years_not_at_all():
    column = a_column("date_of_birth", ["1962-03-14"] * 6 + ["1970-05-05"])
    dates = column.dates
    assert dates is not None
    assert (dates.first, dates.last, dates.by_year) == (date(1962, 1, 1), date(1970, 12, 31), ((1962, 6),))
    assert column.numbers is None


def test_the_figures_of_a_personal_number_are_rounded_until_they_are_nobodys():
    numbers = a_column("ssn", ["212456789", "512456789"]).numbers
    assert numbers is not None
    assert (numbers.minimum, numbers.maximum) == (210_000_000, 510_000_000)


def test_a_column_is_unique_only_when_every_row_has_its_own_value():
    assert a_column(values=["1", "2", "3"]).is_unique
    assert not a_column(values=["1", "2", None]).is_unique
    assert not a_column(values=["1"]).is_unique


def test_an_estimate_never_calls_a_column_unique():
    table = a_source_table("t", ["id"])
    measured = a_measurement("id", ["1", "2"], estimated=True)
    column = read_column(table, table.columns[0], measured)
    assert (column.is_unique, column.estimated) == (False, True)


def test_shares_hold_where_only_some_of_the_distinct_values_are_known():
    values = ["x"] * 500 + [str(number) for number in range(1_500)]
    table = a_source_table("t", ["code"])
    column = read_column(
        table, table.columns[0], a_measurement("code", values, kept=400), POLICY.but(inspected_values=200)
    )
    assert {share.name: share.share for share in column.type_shares} == {"integer": 0.75, "text": 0.25}


def test_years_are_counted_for_all_rows_of_a_date_column():
    dates = a_column("seen", ["2019-01-05", "2019-07-01", "2020-02-02"]).dates
    assert dates is not None
    assert (dates.first, dates.last, dates.by_year) == (
        date(2019, 1, 5),
        date(2020, 2, 2),
        ((2019, 2), (2020, 1)),
    )


def test_a_table_keeps_the_source_order_and_its_last_activity():
    table = a_source_table("visits", ["b", "a", "unmeasured"])
    measured = TableMeasurement(
        "visits", 1, (a_measurement("a", ["1"]), a_measurement("b", ["2"])), date(2020, 1, 1)
    )
    profile = read_profile(ProfilePlan(table="visits", kind=PlanKind.SMALL, slices=()), table, measured)
    assert [column.column for column in profile.columns] == ["b", "a"]
    assert profile.last_activity == date(2020, 1, 1)


def test_the_executors_choice_of_activity_column_stands():
    table = a_source_table("visits", ["regdate", "date"])
    plan = ProfilePlan(table="visits", kind=PlanKind.SMALL, slices=(), activity_column="regdate")
    measured = TableMeasurement("visits", 1, (a_measurement("date", ["2020-01-01"]),), activity_column="date")
    profile = read_profile(plan, table, measured)
    assert (profile.activity_column, profile.last_activity) == ("date", date(2020, 1, 1))


def test_troubles_of_single_tables_travel_with_the_others_profiles():
    trouble = TableTrouble(table="locked", code="SOURCE_UNREADABLE", message="It is locked.")
    table = a_source_table("open", ["id"])
    plan = ProfilePlan(table="open", kind=PlanKind.SMALL, slices=(("id",),))
    profile = profile_source(
        a_snapshot(table),
        [(plan, TableMeasurement("open", 2, (a_measurement("id", ["1", "2"]),)))],
        [trouble],
        POLICY,
    )
    assert ([table.name for table in profile.tables], profile.troubles) == (["open"], (trouble,))


def test_test_values_and_sentinels_are_weighed_by_rows():
    column = a_column("note", ["test"] * 3 + ["N/A"] * 2 + ["fine words here"] * 5)
    assert (column.test_share, column.sentinel_share) == (0.3, 0.2)


def test_numbers_never_issued_count_as_made_up_where_the_name_says_what_they_are():
    values = ["999-12-3456", "999-45-6789"]
    assert a_column("ssn", values).test_share == 1.0
    assert a_column("part_number", values).test_share == 0.0
    assert a_column("drivers_license", ["S99912345"]).test_share == 0.0


@pytest.mark.parametrize("name", ['"; DROP TABLE x; --', "", " ", "ÄÖÜ ß", "a" * 500, "\x00"])
def test_a_hostile_name_is_read_like_any_other(name):
    assert a_column(name, ["1", "2"]).column == name


def test_a_source_of_empty_tables_is_profiled():
    profile = a_measured_source({"a": {"id": []}, "b": {"id": [], "x": []}})
    assert [column.value_type for column in profile.columns] == [ValueType.EMPTY] * 3


def test_a_column_is_read_alike_whatever_was_read_before():
    columns = {
        "seen": ["2021-03-04", "20210304", "04/03/2021", " padded ", "padded", "N/A", "-1"],
        "code": ["20210304", "0123", "1,5", "test", "123", "asd", "9999-12-31"],
        "note": ["Müller", "{}", "xxx", "a@a.a", "value 1"],
    }
    table = a_source_table("t", list(columns))
    measured = {name: a_measurement(name, values * 2) for name, values in columns.items()}
    memory = TextMemory(POLICY.shape_length)
    for column in (*table.columns, *reversed(table.columns)):
        alone = read_column(table, column, measured[column.name])
        assert read_column(table, column, measured[column.name], known=memory.known()) == alone


def test_of_too_many_texts_a_new_collection_begins():
    memory = TextMemory(POLICY.shape_length)
    first = memory.known()
    first.places([str(number) for number in range(99_999)])
    assert memory.known() is first
    first.places(["one more"])
    assert memory.known() is not first
