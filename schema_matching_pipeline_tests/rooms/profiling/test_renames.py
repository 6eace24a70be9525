from __future__ import annotations

from schema_matching_pipeline.catalog import diff
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.source import ChangeKind
from schema_matching_pipeline.profiling import with_renames
from schema_matching_pipeline_tests.builders import a_measured_source, a_snapshot, a_source_table

NAMES = [f"name {number}" for number in range(60)]
CITIES = [f"city {number % 20}" for number in range(60)]
FLAGS = ["yes", "no", "no"] * 20


def changes(before, after):
    """What is told of two looks at tables given by name and column, in order."""
    old, new = listed(before), listed(after)
    profiles = (a_measured_source(before).by_ref(), a_measured_source(after).by_ref())
    return with_renames(diff(old, new), (old, new), profiles, ProfilePolicy()).changes


def listed(look):
    return a_snapshot(*(a_source_table(name, list(columns)) for name, columns in look.items()))


def told(found):
    return [(change.kind, change.table, change.column, change.before) for change in found]


def test_a_column_with_the_same_values_in_the_same_place_was_renamed():
    found = changes({"t": {"surname": NAMES, "x": FLAGS}}, {"t": {"family": NAMES, "x": FLAGS}})
    assert told(found) == [(ChangeKind.COLUMN_RENAMED, "t", "family", "surname")]
    assert found[0].breaking
    assert (
        found[0].evidence
        == "same type varchar, alike values (60 distinct, now 60), same place, as well filled"
    )


def test_a_column_with_other_values_is_a_new_one():
    found = changes({"t": {"surname": NAMES, "x": FLAGS}}, {"t": {"city": CITIES, "x": FLAGS}})
    assert told(found) == [
        (ChangeKind.COLUMN_REMOVED, "t", "surname", "varchar"),
        (ChangeKind.COLUMN_ADDED, "t", "city", None),
    ]


def test_of_two_columns_that_came_the_one_with_the_values_is_the_renamed_one():
    found = changes({"t": {"surname": NAMES}}, {"t": {"town": CITIES, "family": [*NAMES[:-3], *"abc"]}})
    assert told(found) == [
        (ChangeKind.COLUMN_RENAMED, "t", "family", "surname"),
        (ChangeKind.COLUMN_ADDED, "t", "town", None),
    ]


def test_the_same_few_codes_are_no_renaming_in_another_place():
    found = changes(
        {"t": {"smoker": FLAGS, "a": NAMES, "b": CITIES}}, {"t": {"a": NAMES, "b": CITIES, "insured": FLAGS}}
    )
    assert [change.kind for change in found] == [ChangeKind.COLUMN_REMOVED, ChangeKind.COLUMN_ADDED]


def test_a_table_with_the_same_columns_was_renamed():
    columns = {"id": NAMES, "city": CITIES, "flag": FLAGS}
    found = changes({"patients": columns}, {"members": columns})
    assert told(found) == [(ChangeKind.TABLE_RENAMED, "members", None, "patients")]
    assert found[0].evidence == "3 of 3 columns have the same name and type"
