"""What PostgreSQL declares, and with how few statements it is asked."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.profiling import plan_profile
from schema_matching_pipeline.workflows.profile_source import measure_source
from schema_matching_pipeline_tests.adapters.connectors.measuring import address, snapshot_of


@pytest.fixture
def run(empty_database: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(empty_database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def sent() -> Iterator[list[str]]:
    """What every new session sends, COPY included."""
    statements: list[str] = []

    class Counting(psycopg.Cursor):
        def execute(self, query, *rest, **options):
            statements.append(str(query))
            return super().execute(query, *rest, **options)

        def copy(self, statement, *rest, **options):
            statements.append(str(statement))
            return super().copy(statement, *rest, **options)

    def count(connection, _):
        connection.cursor_factory = Counting

    sa.event.listen(sa.pool.Pool, "connect", count)
    yield statements
    sa.event.remove(sa.pool.Pool, "connect", count)


def test_a_profile_sends_at_most_ten_statements_beside_one_a_table(
    sources: Sources, empty_database: str, run: sa.Connection, sent: list[str]
) -> None:
    for number in range(20):
        run.exec_driver_sql(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, name TEXT UNIQUE, day DATE)")
        run.exec_driver_sql(f"INSERT INTO t{number} VALUES (1, 'a', '2024-01-01')")
    with sources.open(address(empty_database)) as source:
        profile = measure_source(source, source.snapshot(), ProfilePolicy())
    assert len(profile.tables) == 20
    assert len(sent) <= 20 + 10


def test_a_table_never_analysed_has_an_estimate_that_decides_its_plan(
    sources: Sources, empty_database: str, run: sa.Connection
) -> None:
    run.exec_driver_sql("CREATE TABLE big (id INTEGER, name TEXT) WITH (autovacuum_enabled = off)")
    run.exec_driver_sql("INSERT INTO big SELECT i, 'name' || i FROM generate_series(1, 100000) i")
    run.exec_driver_sql("CREATE TABLE none (id INTEGER) WITH (autovacuum_enabled = off)")
    assert run.exec_driver_sql("SELECT reltuples FROM pg_class WHERE relname = 'big'").scalar() == -1
    big, none = snapshot_of(sources, empty_database).tables
    assert big.row_estimate == pytest.approx(100_000, rel=0.4)
    assert none.row_estimate == 0
    assert [str(plan_profile(t, ProfilePolicy(), is_file=False).kind) for t in (big, none)] == [
        "medium",
        "small",
    ]


def test_a_partitioned_table_is_one_table_with_the_rows_of_all(
    sources: Sources, empty_database: str, run: sa.Connection
) -> None:
    run.exec_driver_sql("CREATE TABLE visits (id INTEGER, year INTEGER) PARTITION BY LIST (year)")
    for year in (2023, 2024):
        run.exec_driver_sql(
            f"CREATE TABLE visits_{year} PARTITION OF visits FOR VALUES IN ({year})"
            " WITH (autovacuum_enabled = off)"
        )
        run.exec_driver_sql(f"INSERT INTO visits SELECT i, {year} FROM generate_series(1, 500) i")
    run.exec_driver_sql("ANALYZE")
    tables = snapshot_of(sources, empty_database).tables
    assert [(table.name, table.row_estimate) for table in tables] == [("visits", 1000)]


def test_keys_are_those_of_all_rows_and_plain_columns(
    sources: Sources, empty_database: str, run: sa.Connection
) -> None:
    run.exec_driver_sql("CREATE TABLE t (a INTEGER, b INTEGER, c TEXT, d TEXT, PRIMARY KEY (b, a))")
    run.exec_driver_sql("CREATE UNIQUE INDEX part ON t (a) WHERE a > 1")
    run.exec_driver_sql("CREATE UNIQUE INDEX word ON t (lower(c))")
    run.exec_driver_sql("CREATE UNIQUE INDEX covering ON t (d) INCLUDE (a)")
    run.exec_driver_sql("ALTER TABLE t ADD UNIQUE (c, d)")
    (table,) = snapshot_of(sources, empty_database).tables
    assert (table.primary_key, table.unique_keys) == (("b", "a"), (("c", "d"), ("d",)))


def test_another_schema_is_listed_alone(sources: Sources, empty_database: str, run: sa.Connection) -> None:
    run.exec_driver_sql("CREATE TABLE here (a INTEGER PRIMARY KEY)")
    run.exec_driver_sql("CREATE SCHEMA other")
    run.exec_driver_sql("CREATE TABLE other.there (b INTEGER PRIMARY KEY)")
    (table,) = snapshot_of(sources, empty_database, "other").tables
    assert (table.name, table.primary_key) == ("there", ("b",))
