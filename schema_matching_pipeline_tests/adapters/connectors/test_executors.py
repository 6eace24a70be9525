"""Odd tables, large ones, and what the three executors have in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import process_time

import duckdb
import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.value_hash import hash_text
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PlanKind
from schema_matching_pipeline_tests.adapters.connectors.conftest import SECRET_KEY
from schema_matching_pipeline_tests.adapters.connectors.measuring import (
    a_plan,
    address,
    column,
    measured,
    snapshot_of,
)

WIDE = 300
EVIL = '"; DROP TABLE x; --'
Measure = Callable[[str, PlanKind], object]
every_plan = pytest.mark.parametrize("plan", PlanKind, ids=str)
LOCAL_PLANS = pytest.mark.parametrize("plan", [PlanKind.SMALL, PlanKind.MEDIUM], ids=str)


def _in_database(url: str, *statements: str) -> str:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
    return url


@every_plan
@pytest.mark.parametrize("backend", ["empty_database", "maria_database", "sqlite"])
def test_a_column_named_like_an_attack_is_just_a_column(
    backend: str, plan: PlanKind, sources: Sources, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/t.db" if backend == "sqlite" else str(request.getfixturevalue(backend))
    mark = "`" if "mysql" in url else '"'
    names = [name.replace(mark, mark * 2) for name in (EVIL, "50% off", "a:b", "select")]
    listed = ", ".join(f"{mark}{name}{mark} VARCHAR(20)" for name in names)
    table = f"{mark}{'x; y'}{mark}"
    quoted = f"CREATE TABLE {table} ({listed})".replace("%", "%%" if "sqlite" not in url else "%")
    _in_database(url, quoted, f"INSERT INTO {table} VALUES ('a', 'b', 'c', 'd')")
    found = measured(sources, url, "x; y", plan)
    assert [(c.name, c.values) for c in found.columns] == [
        (EVIL, (("a", 1),)),
        ("50% off", (("b", 1),)),
        ("a:b", (("c", 1),)),
        ("select", (("d", 1),)),
    ]


@LOCAL_PLANS
def test_a_file_with_a_column_named_like_an_attack(plan: PlanKind, sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('id,"""; DROP TABLE x; --"\n1,a\n2,b\n')
    assert column(measured(sources, tmp_path, kind=plan), EVIL).values == (("a", 1), ("b", 1))


@LOCAL_PLANS
def test_a_table_of_more_columns_than_a_slice_gives_a_result(
    plan: PlanKind, sources: Sources, tmp_path: Path
) -> None:
    """How 12,000 columns of one table fare is asked of the command line, which goes through here."""
    header = ",".join(f"column_{place}" for place in range(WIDE))
    rows = [",".join(str(place % (row + 2)) for place in range(WIDE)) for row in range(3)]
    (tmp_path / "wide.csv").write_text("\n".join([header, *rows]))
    found = measured(sources, tmp_path, "wide", plan)
    assert (found.row_count, len(found.columns)) == (3, WIDE)
    assert (found.columns[5].name, found.columns[5].values) == ("column_5", (("1", 2), ("2", 1)))


@every_plan
def test_a_table_without_rows_gives_zeros(plan: PlanKind, sources: Sources, empty_database: str) -> None:
    _in_database(empty_database, "CREATE TABLE t (a INTEGER, b TEXT, c DATE)")
    found = measured(sources, empty_database, "t", plan, activity_candidates=("c",))
    assert (found.row_count, found.last_activity, found.activity_column) == (0, None, None)
    assert [(c.row_count, c.distinct_count, c.values, c.sketch_hashes) for c in found.columns] == [
        (0, 0, (), ())
    ] * 3


@every_plan
def test_a_table_without_columns_still_counts_its_rows(
    plan: PlanKind, sources: Sources, empty_database: str
) -> None:
    _in_database(empty_database, "CREATE TABLE t ()", "INSERT INTO t DEFAULT VALUES")
    found = measured(sources, empty_database, "t", plan)
    assert (found.row_count, found.columns) == (1, ())


def test_a_header_without_rows_is_a_table_without_rows(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name\n")
    found = measured(sources, tmp_path)
    assert (found.row_count, [c.name for c in found.columns]) == (0, ["id", "name"])


@every_plan
def test_every_type_of_postgresql_has_a_text(plan: PlanKind, sources: Sources, empty_database: str) -> None:
    _in_database(
        empty_database,
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        """CREATE TABLE t (
            flag boolean, tiny smallint, big bigint, money numeric(12,2), real_one double precision, day date,
            moment timestamp, zoned timestamptz, clock time, raw bytea, ids int[], doc jsonb, id uuid, feeling mood,
            doubled bigint GENERATED ALWAYS AS (big * 2) STORED, address inet, span interval)""",
        """INSERT INTO t VALUES (true, 1, 9007199254740993, 12.50, 1e20, '2024-05-31', '2024-05-31 08:15:00.5',
            '2024-05-31 10:15:00+02', '08:15', '\\x00ff', '{1,2}', '{"a": 1}', '0b0e3d2e-9a3c-4b6e-8f60-4a5f0d5f0001',
            'good', DEFAULT, '10.0.0.1', '1 day')""",
    )
    found = measured(sources, empty_database, "t", plan)
    assert {c.name: c.values[0][0] for c in found.columns} == {
        "flag": "true",
        "tiny": "1",
        "big": "9007199254740993",
        "money": "12.5",
        "real_one": "100000000000000000000",
        "day": "2024-05-31",
        "moment": "2024-05-31 08:15:00.5",
        "zoned": "2024-05-31 08:15:00Z",
        "clock": "08:15:00",
        "raw": "0x00ff",
        "ids": "{1,2}",
        "doc": '{"a": 1}',
        "id": "0b0e3d2e-9a3c-4b6e-8f60-4a5f0d5f0001",
        "feeling": "good",
        "doubled": "18014398509481986",
        "address": "10.0.0.1",
        "span": "1 day",
    }


@every_plan
def test_every_type_of_mariadb_has_a_text(plan: PlanKind, sources: Sources, maria_database: str) -> None:
    _in_database(
        maria_database,
        "SET SESSION sql_mode = ''",
        """CREATE TABLE t (
            flag tinyint(1), big bigint unsigned, money decimal(12,2), real_one double, day date, moment datetime(3),
            clock time, raw varbinary(8), doc json, feeling enum('good','bad'), born year,
            doubled bigint unsigned AS (big * 2) VIRTUAL)""",
    )
    engine = sa.create_engine(maria_database)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET SESSION sql_mode = ''")
        connection.exec_driver_sql(
            "INSERT INTO t (flag, big, money, real_one, day, moment, clock, raw, doc, feeling, born) VALUES"
            " (1, 18446744073709, 12.50, 3, '0000-00-00', '2024-05-31 08:15:00.5', '08:15', x'00ff', '{\"a\": 1}', 'good', 1999)"
        )
    engine.dispose()
    found = measured(sources, maria_database, "t", plan)
    assert {c.name: c.values[0][0] for c in found.columns} == {
        "flag": "1",
        "big": "18446744073709",
        "money": "12.5",
        "real_one": "3",
        "day": "0000-00-00",
        "moment": "2024-05-31 08:15:00.5",
        "clock": "08:15:00",
        "raw": "0x00ff",
        "doc": '{"a": 1}',
        "feeling": "good",
        "born": "1999",
        "doubled": "36893488147418",
    }


@LOCAL_PLANS
def test_nested_and_odd_types_of_duckdb_have_a_text(plan: PlanKind, sources: Sources, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "t.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT [1, 2] AS list, {'a': 1} AS struct, '\\x00\\xFF'::BLOB AS raw, 170::HUGEINT AS huge,"
            " uuid '0b0e3d2e-9a3c-4b6e-8f60-4a5f0d5f0001' AS id, timestamptz '2024-05-31 10:15:00+02' AS zoned, time '08:15' AS clock,"
            " interval 1 day AS span, true AS flag, 12.50::DECIMAL(9,2) AS money, NULL::INTEGER AS nothing"
        )
    found = measured(sources, tmp_path / "t.duckdb", "t", plan)
    assert {c.name: next((text for text, _ in c.values), None) for c in found.columns} == {
        "list": "[1,2]",
        "struct": '{"a":1}',
        "raw": "0x00ff",
        "huge": "170",
        "id": "0b0e3d2e-9a3c-4b6e-8f60-4a5f0d5f0001",
        "zoned": "2024-05-31 08:15:00Z",
        "clock": "08:15:00",
        "span": "1 day",
        "flag": "true",
        "money": "12.5",
        "nothing": None,
    }


@every_plan
def test_sqlite_may_hold_any_value_in_any_column(plan: PlanKind, sources: Sources, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/t.db"
    _in_database(
        url,
        "CREATE TABLE t (a INTEGER)",
        "INSERT INTO t VALUES (1), ('two'), (3.5), (x'00ff'), (4.0), (NULL)",
    )
    found = column(measured(sources, url, "t", plan), "a")
    assert dict(found.values) == {"1": 1, "two": 1, "3.5": 1, "0x00ff": 1, "4": 1}
    assert found.null_count == 1


@every_plan
def test_long_values_are_cut_but_told_apart(plan: PlanKind, sources: Sources, empty_database: str) -> None:
    longest = ProfilePolicy().longest_text
    _in_database(
        empty_database,
        "CREATE TABLE t (note TEXT, raw BYTEA)",
        "INSERT INTO t SELECT repeat('x', 1000000) || n, convert_to(repeat('x', 100000), 'UTF8') FROM generate_series(1, 2) n",
    )
    note, raw = measured(sources, empty_database, "t", plan).columns
    assert note.values == (("x" * longest, 1), ("x" * longest, 1))
    assert (note.distinct_count, note.lengths and note.lengths.maximum) == (2, 1_000_001)
    assert note.sketch_hashes == tuple(sorted(hash_text(SECRET_KEY, f"{'x' * 1_000_000}{n}") for n in (1, 2)))
    assert raw.values == (("0x" + "78" * 1024 + "+100000", 2),)


@every_plan
def test_text_dates_tell_activity_and_days_for_ever_do_not(
    plan: PlanKind, sources: Sources, empty_database: str
) -> None:
    _in_database(
        empty_database,
        "CREATE TABLE t (seen TEXT, old TEXT, fresh TEXT)",
        "INSERT INTO t VALUES ('01.02.2019', 'a', NULL), ('15.03.2020', 'b', ' '), ('31.12.9999', NULL, 'c'), ('20.04.2023', NULL, 'd')",
    )
    found = measured(sources, empty_database, "t", plan, activity_candidates=("seen",))
    assert (found.activity_column, found.last_activity) == ("seen", date(2023, 4, 20))
    old, fresh = column(found, "old"), column(found, "fresh")
    assert (old.active_from, old.active_to) == (date(2019, 2, 1), date(2020, 3, 15))
    assert (fresh.active_from, fresh.active_to) == (date(2023, 4, 20), date(2023, 4, 20))
    assert (fresh.null_count, fresh.blank_count) == (1, 1)


@every_plan
def test_the_last_day_of_a_row_with_more_than_the_usual_filler_is_told(
    plan: PlanKind, sources: Sources, empty_database: str
) -> None:
    _in_database(
        empty_database,
        "CREATE TABLE t (seen DATE, fax TEXT, weight NUMERIC(6, 2), vip INT, town TEXT)",
        "INSERT INTO t VALUES ('2019-02-01', '711', 70, 1, 'Ulm'), ('2020-03-15', '712', 81.5, 0, 'Bonn'),"
        " ('2021-01-01', 'N/A', 0, 0, 'Ulm'), ('2022-01-01', NULL, 0, 0, 'Ulm'), ('2023-04-20', ' N/A', 0, 0, NULL)",
    )
    found = measured(sources, empty_database, "t", plan, activity_candidates=("seen",))
    assert {one.name: one.meant_to for one in found.columns} == {
        "seen": None, "fax": date(2020, 3, 15), "weight": date(2020, 3, 15), "vip": None, "town": None
    }  # fmt: skip
    assert column(found, "fax").active_to == date(2023, 4, 20)


@LOCAL_PLANS
def test_a_better_filled_candidate_stands_in_for_the_activity_column(
    plan: PlanKind, sources: Sources, tmp_path: Path
) -> None:
    rows = [f"{'2020-01-01' if row == 0 else ''},2021-01-{row + 1:02d},{row}" for row in range(9)]
    (tmp_path / "t.csv").write_text("\n".join(["updated,created,id", *rows]))
    found = measured(sources, tmp_path, kind=plan, activity_candidates=("updated", "created"))
    assert (found.activity_column, found.last_activity) == ("created", date(2021, 1, 9))


@every_plan
def test_frequent_values_come_first_and_the_others_in_the_order_of_hashes(
    plan: PlanKind, sources: Sources, empty_database: str
) -> None:
    _in_database(
        empty_database,
        "CREATE TABLE t (code TEXT)",
        "INSERT INTO t SELECT 'v' || n FROM generate_series(1, 100) n",
        "INSERT INTO t SELECT 'v' || n FROM generate_series(1, 3) n, generate_series(1, n)",
    )
    found = column(measured(sources, empty_database, "t", plan, distinct_sample=10, top_values=3), "code")
    by_hash = sorted((f"v{n}" for n in range(1, 101)), key=lambda text: hash_text(SECRET_KEY, text))
    others = [text for text in by_hash if text not in {"v1", "v2", "v3"}]
    assert found.values[:3] == (("v3", 4), ("v2", 3), ("v1", 2))
    assert found.values[3:] == tuple((text, 1) for text in others[:7])
    assert (found.distinct_count, found.values_complete) == (100, False)
    assert found.sketch_hashes == tuple(hash_text(SECRET_KEY, text) for text in by_hash)


def test_words_are_hashed_in_lower_case(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name\n1,Anna-Maria Lee\n2,ANNA Müller\n")
    found = column(measured(sources, tmp_path), "name")
    words = sorted(hash_text(SECRET_KEY, word) for word in ("anna", "maria", "lee", "müller"))
    assert (found.word_count, list(found.word_hashes)) == (4, words)


@pytest.mark.parametrize("backend", ["empty_database", "maria_database", "sqlite"])
def test_a_table_too_large_to_fetch_is_aggregated_in_place_and_marked(
    backend: str, sources: Sources, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/t.db" if backend == "sqlite" else str(request.getfixturevalue(backend))
    engine = sa.create_engine(url)
    t = sa.Table(
        "t", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("sex", sa.String(5)), sa.Column("amount", sa.Numeric(10, 2)),
        sa.Column("day", sa.Date), sa.Column("note", sa.String(10)),
    )  # fmt: skip
    t.create(engine)
    with engine.begin() as connection:
        connection.execute(
            t.insert(),
            [
                {
                    "id": n,
                    "sex": "fm"[n % 2],
                    "amount": n % 100,
                    "day": date(2020 + n % 4, 1, 1),
                    "note": None if n % 2 else "  ",
                }
                for n in range(4_000)
            ],
        )
    engine.dispose()
    found = measured(sources, url, "t", PlanKind.LARGE, sample_rows=1_000, activity_candidates=("day",))
    key, sex, amount, day, note = found.columns
    assert (found.row_count, found.estimated, found.last_activity) == (4_000, True, date(2023, 1, 1))
    assert {c.name: c.estimated for c in found.columns} == {
        "id": True, "sex": False, "amount": False, "day": False, "note": False
    }  # fmt: skip
    assert all(c.row_count == 4_000 for c in found.columns)
    assert amount.numbers is not None
    assert (amount.numbers.minimum, amount.numbers.maximum, amount.numbers.mean) == (0.0, 99.0, 49.5)
    assert amount.numbers.stddev == pytest.approx(833.25**0.5)
    assert key.distinct_count == pytest.approx(4_000, rel=0.05)
    assert (sex.distinct_count, amount.distinct_count) == (2, 100)
    assert (day.first_date, day.last_date) == (date(2020, 1, 1), date(2023, 1, 1))
    assert (sex.active_from, sex.active_to) == (date(2020, 1, 1), date(2023, 1, 1))
    assert (note.null_count, note.blank_count, note.active_from) == (2_000, 2_000, None)
    assert sex.values == (("f", 2_000), ("m", 2_000))


@every_plan
def test_a_table_that_vanishes_after_the_listing_is_a_fault_of_its_own(
    plan: PlanKind, sources: Sources, empty_database: str
) -> None:
    _in_database(empty_database, "CREATE TABLE gone (x INTEGER)", "CREATE TABLE stays (x INTEGER)")
    with sources.open(address(empty_database)) as source:
        gone, stays = source.snapshot().tables
        _in_database(empty_database, "DROP TABLE gone")
        with pytest.raises(SourceError, match="'gone'") as raised:
            source.measure(a_plan(gone, plan))
        assert raised.value.code == "SOURCE_DRIFTED"
        assert source.measure(a_plan(stays, plan)).row_count == 0


def test_a_file_that_vanishes_after_the_listing_is_a_fault_of_its_own(
    sources: Sources, tmp_path: Path
) -> None:
    for name in ("gone", "stays"):
        (tmp_path / f"{name}.csv").write_text("id,name\n1,a\n")
    with sources.open(address(tmp_path)) as source:
        gone, stays = source.snapshot().tables
        (tmp_path / "gone.csv").unlink()
        with pytest.raises(SourceError, match="'gone'"):
            source.measure(a_plan(gone))
        assert source.measure(a_plan(stays)).row_count == 1


def test_a_table_heavier_than_memory_allows_is_staged_instead(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("\n".join(["id,name", *(f"{n},name {n}" for n in range(2_000))]))
    roomy, narrow = ProfilePolicy(), ProfilePolicy(fetched_bytes=1_000)
    assert measured(Sources(SECRET_KEY, narrow), tmp_path) == measured(Sources(SECRET_KEY, roomy), tmp_path)


def test_a_table_that_proves_small_is_not_staged(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name\n1,a\n")
    with Sources(SECRET_KEY, ProfilePolicy()).open(address(tmp_path)) as source:
        source.measure(a_plan(source.snapshot().tables[0], PlanKind.MEDIUM))
        assert source.local._staging is None  # type: ignore[attr-defined]  # of files


def test_views_are_listed_and_measured(sources: Sources, empty_database: str) -> None:
    _in_database(
        empty_database,
        "CREATE TABLE t (x INTEGER)",
        "INSERT INTO t VALUES (1), (2)",
        "CREATE VIEW v AS SELECT x FROM t",
        "CREATE MATERIALIZED VIEW m AS SELECT x FROM t",
        "COMMENT ON TABLE t IS 'all of it'",
        "COMMENT ON COLUMN t.x IS 'a number'",
    )
    tables = snapshot_of(sources, empty_database).tables
    assert [(table.name, str(table.kind)) for table in tables] == [
        ("m", "view"),
        ("t", "table"),
        ("v", "view"),
    ]
    assert (tables[1].comment, tables[1].columns[0].comment) == ("all of it", "a number")
    assert measured(sources, empty_database, "v", PlanKind.LARGE).row_count == 2


def test_three_hundred_tables_are_listed_within_a_second(sources: Sources, empty_database: str) -> None:
    columns = ", ".join(f"c{place} INTEGER" for place in range(40))
    _in_database(
        empty_database,
        *(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, {columns})" for number in range(300)),
    )
    with sources.open(address(empty_database)) as source:
        started = process_time()
        snapshot = source.snapshot()
        seconds = process_time() - started
    assert (len(snapshot.tables), snapshot.column_count) == (300, 12_300)
    assert seconds < 5, "the bar is one second on an idle machine"
