from __future__ import annotations

import pytest

from schema_matching_pipeline.catalog import check, diff, in_words, schema_fingerprint, unchanged_tables
from schema_matching_pipeline.errors import SourceDriftedError
from schema_matching_pipeline.model.source import ChangeKind, SourceSnapshot, TableTrouble
from schema_matching_pipeline_tests.builders import a_snapshot, a_source_column, a_source_table


def only_change(before, after):
    changes = diff(
        a_snapshot(a_source_table("t", [before])), a_snapshot(a_source_table("t", [after]))
    ).changes
    assert len(changes) == 1
    return changes[0]


def test_equal_snapshots_differ_in_nothing():
    snapshot = a_snapshot(a_source_table("a"), a_source_table("b", ["x", "y"]))
    assert diff(snapshot, snapshot).changes == ()


def test_added_tables_and_columns_break_nothing_and_removed_ones_do():
    old = a_snapshot(a_source_table("gone"), a_source_table("kept", ["a", "b"]))
    new = a_snapshot(a_source_table("kept", ["a", "c"]), a_source_table("late"))
    told = [(change.kind, change.table, change.column, change.breaking) for change in diff(old, new).changes]
    assert told == [
        (ChangeKind.TABLE_REMOVED, "gone", None, True),
        (ChangeKind.COLUMN_REMOVED, "kept", "b", True),
        (ChangeKind.COLUMN_ADDED, "kept", "c", False),
        (ChangeKind.TABLE_ADDED, "late", None, False),
    ]
    assert [in_words(change) for change in diff(old, new).changes] == [
        "the table is gone",
        "the column is gone",
        "a new column",
        "a new table",
    ]


def test_a_change_of_keys_or_of_nullability_is_said_as_before_and_after():
    change = only_change(a_source_column(nullable=False), a_source_column(nullable=True))
    assert in_words(change) == "not null became nullable"


@pytest.mark.parametrize(
    ("before", "after", "breaking"),
    [
        ("varchar(20)", "varchar(40)", False),
        ("varchar(40)", "varchar(20)", True),
        ("int", "text", True),
    ],
)
def test_a_new_type_breaks_unless_it_only_has_more_room(before, after, breaking):
    change = only_change(a_source_column(data_type=before), a_source_column(data_type=after))
    assert (change.kind, change.before, change.after, change.breaking) == (
        ChangeKind.COLUMN_RETYPED,
        before,
        after,
        breaking,
    )


def test_the_case_of_a_type_is_no_change():
    old, new = a_source_column(data_type="INTEGER"), a_source_column(data_type="integer")
    assert diff(a_snapshot(a_source_table("t", [old])), a_snapshot(a_source_table("t", [new]))).changes == ()


@pytest.mark.parametrize(("before", "after", "breaking"), [(False, True, True), (True, False, False)])
def test_values_that_may_now_be_missing_break(before, after, breaking):
    change = only_change(a_source_column(nullable=before), a_source_column(nullable=after))
    assert (change.kind, change.breaking) == (ChangeKind.NULLABILITY_CHANGED, breaking)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, "born on", "the column was given a comment"),
        ("born on", "day of birth, as 1980-02-03", "the comment of the column was changed"),
        ("born on", "", "the comment of the column was taken away"),
    ],
)
def test_another_comment_of_a_column_is_told_without_its_words_and_breaks_nothing(before, after, said):
    change = only_change(a_source_column(comment=before), a_source_column(comment=after))
    assert (change.kind, change.column is None, change.breaking) == (ChangeKind.COMMENT_CHANGED, False, False)
    assert in_words(change) == said


def test_another_comment_of_a_table_is_told():
    old, new = (a_snapshot(a_source_table("t", comment=comment)) for comment in ("people", "patients"))
    assert [in_words(change) for change in diff(old, new).changes] == ["the comment of the table was changed"]


def test_no_comment_and_an_empty_one_are_the_same():
    old, new = (a_snapshot(a_source_table("t", comment=comment)) for comment in (None, ""))
    assert diff(old, new).changes == ()


def test_a_table_that_could_not_be_read_is_not_called_removed():
    trouble = TableTrouble(table="t", code="SOURCE_UNREADABLE", message="locked")
    assert diff(a_snapshot(a_source_table("t")), SourceSnapshot(troubles=(trouble,))).changes == ()


def test_a_table_of_which_some_columns_could_not_be_read_is_called_removed_when_it_goes():
    trouble = TableTrouble(table="t", code="SOURCE_REFUSED", message="some columns")
    before = a_snapshot(a_source_table("t")).but(troubles=(trouble,))
    assert [change.kind for change in diff(before, SourceSnapshot()).changes] == [ChangeKind.TABLE_REMOVED]


def test_another_primary_key_breaks():
    old = a_snapshot(a_source_table("t", ["a", "b"], primary_key=("a",)))
    new = a_snapshot(a_source_table("t", ["a", "b"], primary_key=("a", "b")))
    change = diff(old, new).changes[0]
    assert (change.kind, change.before, change.after, change.breaking) == (
        ChangeKind.KEY_CHANGED,
        "primary key (a)",
        "primary key (a, b)",
        True,
    )


def test_the_fingerprint_of_a_schema_stands_while_only_rows_change():
    few, many = a_source_table("t", row_estimate=3), a_source_table("t", row_estimate=900)
    assert schema_fingerprint(a_snapshot(few)) == schema_fingerprint(a_snapshot(many))


def test_the_order_of_the_tables_is_not_part_of_the_fingerprint():
    one, two = a_source_table("one"), a_source_table("two")
    assert schema_fingerprint(a_snapshot(one, two)) == schema_fingerprint(a_snapshot(two, one))


def test_a_changed_schema_is_refused_with_both_fingerprints_and_the_way_out():
    old, new = a_snapshot(a_source_table("t")), a_snapshot(a_source_table("t", ["id", "more"]))
    with pytest.raises(SourceDriftedError) as caught:
        check(new, schema_fingerprint(old), source="acme")
    assert str(caught.value) == (
        f"The schema of source acme changed since it was profiled (fingerprint {schema_fingerprint(old)[:8]} became"
        f" {schema_fingerprint(new)[:8]}). Profile it again before going on."
    )
    check(new, schema_fingerprint(new), source="acme")


def test_a_table_is_unchanged_only_where_the_source_knows_it():
    marked = a_source_table("marked").but(content_mark="1", row_estimate=5)
    touched, unmarked = a_source_table("touched").but(content_mark="1"), a_source_table("unmarked")
    old = a_snapshot(marked, touched, unmarked)
    new = a_snapshot(marked.but(row_estimate=6), touched.but(content_mark="2"), unmarked)
    assert unchanged_tables(old, new) == {"marked"}


def test_a_table_whose_schema_changed_is_changed_whatever_its_mark():
    old = a_snapshot(a_source_table("t", ["a"]).but(content_mark="1"))
    new = a_snapshot(a_source_table("t", ["a", "b"]).but(content_mark="1"))
    assert unchanged_tables(old, new) == frozenset()


def test_the_mark_of_the_content_is_no_part_of_the_schema():
    table = a_source_table("t")
    assert schema_fingerprint(a_snapshot(table)) == schema_fingerprint(
        a_snapshot(table.but(content_mark="1"))
    )
