from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.model.profile import (
    DateSummary,
    NumberSummary,
    PatternShare,
    SourceProfile,
    TableProfile,
    ValueSketch,
    ValueType,
)
from schema_matching_pipeline.model.source import ForeignKey, SourceChange, TableTrouble
from schema_matching_pipeline.registry.packing import in_a_row, pack, unpack
from schema_matching_pipeline_tests.registry.office import a_column, a_profile, a_sketch, a_snapshot, ref

BIGGEST = 2**64 - 1

RICH = a_profile(
    a_column("id", position=0, sketch=a_sketch(1, 2, BIGGEST), word_sketch=a_sketch(5)),
    a_column("born", position=1, dates=DateSummary(first=date(1950, 1, 1), last=date(2001, 1, 1))),
    a_column("nothing", position=2, value_type=ValueType.EMPTY, sketch=a_sketch(complete=True)),
    a_column(
        "sum",
        table="claims",
        numbers=NumberSummary(minimum=-1.5, maximum=2.25, mean=0.1, stddev=1e-9, quantiles=(0.1, 0.2)),
        patterns=(PatternShare(name="amount", share=1 / 3),),
        word_sketch=a_sketch(7, 8, complete=False),
    ),
)


def store(office, profile, prints=None, snapshot=None):
    run = office.start_run()
    with office.open() as unit:
        unit.profiles.store_snapshot("acme", snapshot or a_snapshot("id"))
        named = {ref(column.column, column.table): "p1" for column in profile.columns}
        unit.profiles.store("acme", run, profile, named | (prints or {}))
    return run


def current(office):
    with office.open() as unit:
        return unit.profiles.current("acme")


def test_before_the_first_look_nothing_is_known(office):
    with office.open() as unit:
        assert unit.profiles.current("acme") is None
        assert unit.profiles.latest_snapshot("acme") is None
        assert unit.profiles.profiled_at("acme") is None
        assert unit.profiles.anchors("acme") == {}


def test_a_profile_is_read_as_it_was_stored(office):
    store(office, RICH)
    assert current(office) == RICH


def test_tables_without_columns_and_troubles_are_kept(office):
    key = ForeignKey(columns=("a",), referred_table="x", referred_columns=("b",), declared=False, score=0.9)
    bare = SourceProfile(
        snapshot_fingerprint="f9",
        tables=(TableProfile(name="bare", row_count=0, columns=(), foreign_keys=(key,)),),
        troubles=(TableTrouble(table="gone", code="SOURCE", message="it vanished"),),
    )
    store(office, bare)
    assert current(office) == bare


def test_the_changes_of_the_newest_profile_are_kept_with_it(office):
    run = store(office, RICH)
    changes = (SourceChange(table="people", column="born", what="the column is gone"),)
    with office.open() as unit:
        assert unit.profiles.changes("acme") == ()
        unit.profiles.store_snapshot("acme", a_snapshot("id"))
        unit.profiles.store("acme", run, RICH, {}, changes)
        assert unit.profiles.changes("acme") == changes


def test_a_snapshot_is_read_as_it_was_stored(office):
    store(office, RICH, snapshot=a_snapshot("id", "born"))
    with office.open() as unit:
        assert unit.profiles.latest_snapshot("acme") == a_snapshot("id", "born")
        assert unit.profiles.profiled_at("acme") is not None


def test_the_newest_profile_is_current_and_the_earlier_one_stays_in_the_history(office):
    store(office, RICH)
    newer = a_profile(a_column("id", row_count=200), fingerprint="f2")
    store(office, newer)
    assert current(office) == newer
    with office.open() as unit:
        kept = unit.quality._transaction.rows("select row_count from smp.column_profiles order by id")
    assert [row["row_count"] for row in kept] == [100, 100, 100, 100, 200]


def test_every_profile_of_the_history_is_found_by_the_time_it_was_taken(office):
    newer = a_profile(a_column("id", position=0), fingerprint="f2")
    store(office, RICH)
    store(office, newer)
    with office.open() as unit:
        newest, first = unit.profiles.history("acme", 9)
        found = [unit.profiles.taken("acme", look.profiled_at) for look in (first, newest)]
    assert found == [RICH, newer]


def test_the_history_tells_rows_and_tables_of_the_last_profiles_the_newest_first(office):
    with office.open() as unit:
        assert (unit.profiles.history("acme", 9), unit.profiles.row_counts("acme")) == ((), {})
    store(office, RICH)
    store(office, a_profile(a_column("id")))
    with office.open() as unit:
        history = unit.profiles.history("acme", 9)
        assert [(past.tables, past.rows) for past in history] == [(1, 100), (2, 200)]
        assert unit.profiles.history("acme", 1) == history[:1]
        assert list(unit.profiles.row_counts("acme").values()) == [100]


def test_an_anchor_stays_while_the_fingerprint_does_and_moves_with_it(office):
    first = a_profile(a_column("id", null_count=1, sketch=a_sketch(1)), a_column("sex", null_count=1))
    second = a_profile(a_column("id", null_count=2, sketch=a_sketch(2)), a_column("sex", null_count=2))
    store(office, first)
    store(office, second, {ref("sex"): "p2"})
    with office.open() as unit:
        anchors = unit.profiles.anchors("acme")
        assert unit.profiles.fingerprints("acme") == {ref("id"): "p1", ref("sex"): "p2"}
    assert anchors == {
        ref("id"): (first.columns[0], "p1"),
        ref("sex"): (second.columns[1], "p2"),
    }


def test_a_column_that_comes_back_finds_its_anchor(office):
    store(office, a_profile(a_column("id"), a_column("sex")))
    store(office, a_profile(a_column("id")))
    with office.open() as unit:
        assert set(unit.profiles.anchors("acme")) == {ref("id"), ref("sex")}


@pytest.mark.parametrize("name", ['"; DROP TABLE x; --', "日付 (neu)", "a.b\\c'd%s:x"])
def test_a_column_may_be_called_anything(office, name):
    odd = a_profile(a_column(name, sketch=a_sketch(3)))
    store(office, odd)
    assert current(office) == odd
    with office.open() as unit:
        assert unit.profiles.fingerprints("acme") == {ref(name): "p1"}


@given(st.lists(st.integers(0, BIGGEST)))
def test_packed_hashes_are_unpacked_as_they_were(hashes):
    assert unpack(pack(hashes)) == tuple(hashes)


@given(st.lists(st.none() | st.lists(st.integers(0, BIGGEST), max_size=5)))
def test_sketches_put_in_a_row_are_found_at_their_places(sketches):
    row = in_a_row(sketches)
    found = [
        None if size is None else list(unpack(row.blob[place - 1 : place - 1 + size]))
        for place, size in zip(row.places, row.sizes, strict=True)
    ]
    assert found == sketches


def test_an_empty_sketch_and_no_sketch_are_told_apart(office):
    profile = a_profile(a_column("a", sketch=None), a_column("b", sketch=a_sketch()))
    store(office, profile)
    kept = current(office)
    assert (kept.columns[0].sketch, kept.columns[1].sketch) == (
        None,
        ValueSketch(size=1024, hashes=(), distinct=0, complete=True),
    )
