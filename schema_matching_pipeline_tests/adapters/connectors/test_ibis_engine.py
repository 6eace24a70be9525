"""Tables measured by an engine: a real Spark, and SQLite through Ibis."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schema_matching_pipeline.adapters.connectors.exact_answers import (
    Answer,
    broken_references,
    missing_values,
    repeated_keys,
)
from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.spark_session import spark_session
from schema_matching_pipeline.errors import MissingExtraError, SourceError
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, TableProfile
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.profiling import plan_profile, profile_source
from schema_matching_pipeline_tests.adapters.connectors.conftest import SECRET_KEY, free_port
from schema_matching_pipeline_tests.adapters.connectors.measuring import address

pytestmark = pytest.mark.skipif(
    find_spec("ibis") is None, reason="Ibis and PySpark are not installed here (make install-ibis)"
)

ROWS = 3_000
# With the variable set to local-cluster[2,1,512] the same tests run on a master, two workers and their executors.
MASTER = os.environ.get("SMP_TEST_SPARK_MASTER", "local[2]")
# So that each way of measuring is gone: a sample of a third, and columns of more values than are gathered.
LARGE = ProfilePolicy(sample_rows=1_000, gathered_values=1_200)
# A short life is not worth compiling for.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_SETTINGS = {
    "spark.executor.memory": "512m",
    "spark.driver.extraJavaOptions": _JAVA,
    "spark.executor.extraJavaOptions": _JAVA,
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
GATHERED = ("city", "rate", "created_at", "photo", "gone", "empty")
SAMPLED = ("visit_id", "note")


def _visits() -> dict[str, pa.Array]:
    drawn = random.Random(7)
    first, never = date(2019, 1, 1), date(9999, 12, 31)
    places = ["Oslo", " Bergen\t", "Århus", "", "   ", None, "NA", "\u3000007"]
    return {
        "visit_id": pa.array(range(ROWS), pa.int64()),
        "city": pa.array([drawn.choice(places) for _ in range(ROWS)]),
        "amount": pa.array([drawn.randrange(900) * 100 for _ in range(ROWS)]).cast(pa.decimal128(22, 2)),
        "rate": pa.array([None if row % 3 else row / 7 if row % 60 else float("nan") for row in range(ROWS)]),
        "note": pa.array(
            [None if row % 5 == 0 else f" {row // 2} " if row > 99 else "first" for row in range(ROWS)]
        ),
        "created_at": pa.array(
            [first + timedelta(days=row % 125) if row % 50 else never for row in range(ROWS)]
        ).cast(pa.timestamp("us")),
        "seen": pa.array([first + timedelta(days=row % 40) for row in range(ROWS)]).cast(
            pa.timestamp("us", "UTC")
        ),
        "photo": pa.array([bytes([row % 7]) * (row % 2_000 == 9) * 2_000 + b"\xff" for row in range(ROWS)]),
        "tags": pa.array([[row % 3, 2] for row in range(ROWS)]),
        "gone": pa.array(["x" if 20 < row < 900 else None for row in range(ROWS)]),
        "empty": pa.array([None] * ROWS, pa.string()),
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large file, a small table in parts, a file that is none, and what Spark leaves beside its parts."""
    folder = tmp_path_factory.mktemp("lake")
    pq.write_table(pa.table(_visits()), folder / "visits.parquet")
    (folder / "cities").mkdir()
    for part, names in enumerate((["Oslo", "NA"], ["Århus", "007", "Oslo"])):
        pq.write_table(
            pa.table({"Name": names, "name": names[::-1]}), folder / "cities" / f"part-{part}.parquet"
        )
    (folder / "cities" / "_SUCCESS").touch()
    (folder / "broken.parquet").write_text("no Parquet at all")
    (folder / "readme.txt").write_text("no table")
    return folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The options of the address of Spark, which runs as long as the tests of this file."""
    if not shutil.which("java"):
        pytest.skip("Java is not installed here (Debian: apt-get install default-jre-headless)")
    import pyspark

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SPARK_HOME", str(Path(pyspark.__file__).parent))
        environment.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        environment.setenv("SPARK_LOCAL_HOSTNAME", "localhost")
        environment.setenv("SPARK_WORKER_DIR", str(tmp_path_factory.mktemp("workers")))
        warehouse = {"spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse"))}
        with spark_session(MASTER, {**_SETTINGS, **warehouse}, "The Spark cluster"):
            yield urlencode({"master": MASTER})


def _profile(location: object, policy: ProfilePolicy, table: str, names: Sequence[str] = ()) -> TableProfile:
    """A table as the whole pipeline profiles it; some of its columns where they are named."""
    with Sources(SECRET_KEY, policy).open(address(location)) as source:
        snapshot = source.snapshot()
        listed = next(found for found in snapshot.tables if found.name == table)
        plan = plan_profile(listed, policy, is_file=False)
        plan = plan.but(slices=(tuple(names),)) if names else plan
        measured = source.measure(plan)
        return profile_source(snapshot, [(plan, measured)], snapshot.troubles, policy).tables[0]


def _figures(table: TableProfile) -> dict[str, ColumnProfile]:
    """All that was found out of each column; how a source calls its types is its own business."""
    return {column.column: column.but(data_type="", nullable=None, comment=None) for column in table.columns}


def _known(column: ColumnProfile) -> dict[str, object]:
    """What is exact of a column whatever is estimated beside it."""
    numbers, dates, activity = column.numbers, column.dates, column.activity
    return {
        "counts": (column.row_count, column.null_count, column.blank_count, column.distinct_count),
        "unique": column.is_unique,
        "type": column.value_type,
        "numbers": numbers and _nearly(numbers.minimum, numbers.maximum, numbers.mean, numbers.stddev),
        "days": dates and (dates.first, dates.last),
        "lengths": column.lengths if column.column == "note" else None,
        "activity": activity and (activity.first, activity.last),
    }


def _nearly(*figures: float) -> tuple[str, ...]:
    """Figures as far as they do not hang on the order in which rows are added up."""
    return tuple(f"{figure:.10g}" for figure in figures)


def test_a_cluster_measures_what_duckdb_measures(cluster: str, lake: Path) -> None:
    names = (*SAMPLED, *GATHERED)
    by_duckdb = _profile(lake / "visits.parquet", ProfilePolicy(), "visits", names)
    by_spark = _profile(f"ibis+pyspark://{lake}?{cluster}", LARGE, "visits", names)
    expected, found = _figures(by_duckdb), _figures(by_spark)
    assert {name: found[name] for name in GATHERED} == {name: expected[name] for name in GATHERED}
    assert {name: _known(found[name]) for name in SAMPLED} == {
        name: _known(expected[name]) for name in SAMPLED
    }
    assert {name for name, column in found.items() if column.estimated} == set(SAMPLED)
    assert found["note"].top_values[0] == expected["note"].top_values[0]
    assert by_spark.key_candidates == by_duckdb.key_candidates == (("visit_id",),)
    assert by_spark.last_activity == by_duckdb.last_activity == date(2019, 5, 5)


def test_of_a_table_that_is_fetched_whole_every_figure_is_that_of_duckdb(cluster: str, lake: Path) -> None:
    by_duckdb = _profile(lake / "visits.parquet", ProfilePolicy(), "visits")
    by_spark = _profile(f"ibis+pyspark://{lake}?{cluster}", ProfilePolicy(), "visits")
    assert _figures(by_spark) == _figures(by_duckdb)
    assert (len(by_spark.columns), by_spark.estimated) == (11, False)


def test_a_folder_is_listed_by_the_cluster_and_small_tables_are_fetched_whole(
    cluster: str, lake: Path
) -> None:
    location = f"ibis+pyspark://{lake}?{cluster}"
    sources = Sources(SECRET_KEY, ProfilePolicy())
    with sources.open(address(location)) as source:
        snapshot = source.snapshot()
    assert [table.name for table in snapshot.tables] == ["cities", "visits"]
    assert [(trouble.table, trouble.code) for trouble in snapshot.troubles] == [
        ("broken", "SOURCE_UNREADABLE")
    ]
    by_parts = _profile(f"ibis+pyspark://{lake}/cities?{cluster}", ProfilePolicy(), "cities")
    assert by_parts.but(seconds=0.0) == _profile(location, ProfilePolicy(), "cities").but(seconds=0.0)
    assert [(column.column, column.distinct_count) for column in by_parts.columns] == [
        ("Name", 4),
        ("name", 4),
    ]
    assert not by_parts.estimated


def test_a_cluster_answers_the_questions_of_a_suite(cluster: str, lake: Path) -> None:
    with Sources(SECRET_KEY, LARGE).open(address(f"ibis+pyspark://{lake}?{cluster}")) as source:
        city = ColumnRef(table="visits", column="city")
        texts, sampled = source.texts("visits", ["visit_id", "city"], 1_000)
        known = [text for text in _visits()["city"].to_pylist() if text and text.strip(" ")]
        assert missing_values(source, city) == Answer(ROWS, ROWS - len(known))
        assert repeated_keys(source, "visits", ["visit_id"], 3) == Answer(ROWS, 0)
        names = ColumnRef(table="cities", column="Name")
        orphans = sum(text in {" Bergen\t", "\u3000007"} for text in known)
        answer = broken_references(source, city, names, 5)
    assert (answer.tested, answer.failed) == (len(known), orphans)
    assert set(answer.samples) == {" Bergen\t", "\u3000007"}
    assert (texts.num_rows <= 1_000, texts.column_names, sampled) == (True, ["visit_id", "city"], True)


def test_without_a_folder_the_tables_are_those_of_the_catalogue(cluster: str, lake: Path) -> None:
    from pyspark.sql import SparkSession

    SparkSession.active().sql(f"CREATE TABLE towns USING parquet LOCATION '{lake}/cities'")
    with Sources(SECRET_KEY, LARGE).open(address(f"ibis+pyspark://?{cluster}", "default")) as source:
        assert [table.name for table in source.snapshot().tables] == ["towns"]
        assert missing_values(source, ColumnRef(table="towns", column="Name")) == Answer(5, 0)
    towns = _profile(f"ibis+pyspark://?{cluster}", LARGE, "towns")
    assert [(column.column, column.row_count, column.distinct_count) for column in towns.columns] == [
        ("Name", 5, 4),
        ("name", 5, 4),
    ]


def test_a_second_cluster_waits_until_nobody_reads_from_the_first(cluster: str, lake: Path) -> None:
    found = Sources(SECRET_KEY, LARGE).test(address(f"ibis+pyspark://{lake}?master=local[1]"))
    assert (found.success, found.code) == (False, "LOCKED")


def test_what_vanishes_from_a_cluster_is_named(cluster: str, lake: Path) -> None:
    sources = Sources(SECRET_KEY, LARGE)
    nowhere = sources.test(address(f"ibis+pyspark://{lake}/nowhere?{cluster}"))
    assert (nowhere.success, nowhere.code) == (False, "MISSING_PATH")
    with (
        sources.open(address(f"ibis+pyspark://{lake}?{cluster}")) as source,
        pytest.raises(SourceError) as caught,
    ):
        source.texts("nothing", [], 1)
    assert caught.value.reason == "VANISHED"
    bare = sources.test(address(f"ibis+pyspark://?{cluster}", "nowhere"))
    assert (bare.success, bare.code) == (False, "UNKNOWN_SCHEMA")


def test_any_other_engine_is_measured_in_place_too(tmp_path: Path) -> None:
    file, visits, names = tmp_path / "visits.sqlite", _visits(), ("visit_id", "city", "note")
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE visits (visit_id INTEGER, city TEXT, note TEXT)")
    rows = zip(*(visits[name].to_pylist() for name in names), strict=True)
    connection.executemany("INSERT INTO visits VALUES (?, ?, ?)", rows)
    connection.commit()
    connection.close()
    directly = _profile(f"sqlite:///{file}", ProfilePolicy(), "visits")
    by_ibis = _profile(f"ibis+sqlite:///{file}", LARGE, "visits")
    expected, found = _figures(directly), _figures(by_ibis)
    assert found["city"] == expected["city"]
    assert [_known(found[name]) for name in SAMPLED] == [_known(expected[name]) for name in SAMPLED]
    assert by_ibis.key_candidates == (("visit_id",),)


@pytest.mark.parametrize(
    ("location", "code", "words"),
    [
        ("ibis+duckdb:///data/x.db", "UNSUPPORTED_KIND", "Leave out 'ibis+'"),
        ("ibis+abacus://user:s3cret@host/x", "UNSUPPORTED_KIND", "ibis+abacus"),
        ("ibis+exasol://user:s3cret@127.0.0.1:1/x", "MISSING_DRIVER", "'ibis-framework[exasol]'"),
        ("ibis+pyspark:///x?colour=red", "BAD_ADDRESS", "'colour'"),
    ],
    ids=["DuckDB itself", "unknown engine", "no driver", "unknown option"],
)
def test_an_address_that_leads_nowhere_is_refused_in_words(location: str, code: str, words: str) -> None:
    found = Sources(SECRET_KEY, LARGE).test(address(location))
    assert (found.success, found.code) == (False, code)
    assert words in found.message
    assert "s3cret" not in found.message


def test_a_cluster_that_does_not_answer_is_told_at_once() -> None:
    found = Sources(SECRET_KEY, LARGE).test(address(f"ibis+pyspark://127.0.0.1:{free_port()}/lake"))
    assert (found.success, found.code) == (False, "CLOSED_PORT")


def test_without_java_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    found = Sources(SECRET_KEY, LARGE).test(address("ibis+pyspark:///lake?master=local[1]"))
    assert (found.success, found.code) == (False, "MISSING_DRIVER")
    assert "Java 17" in found.message


def test_without_the_extra_the_command_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ibis", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'schema-matching-pipeline\[ibis\]'"):
        Sources(SECRET_KEY, LARGE).test(address("ibis+pyspark:///lake"))


def test_data_that_must_not_leave_are_refused(lake: Path) -> None:
    kept = address(f"ibis+pyspark://{lake}").but(data_stays=True)
    assert Sources(SECRET_KEY, LARGE).test(kept).code == "CANNOT_STAY"
