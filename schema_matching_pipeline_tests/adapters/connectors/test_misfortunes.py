"""What befalls a source in the midst of a profile: one table's trouble is not the others'."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.errors import SourceUnreachableError
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PlanKind, SourceProfile
from schema_matching_pipeline.registry.embedded import SUPERUSER, EmbeddedServer
from schema_matching_pipeline.workflows.profile_source import measure_source
from schema_matching_pipeline_tests.adapters.connectors.conftest import SECRET_KEY, started_mariadb
from schema_matching_pipeline_tests.adapters.connectors.measuring import a_plan, address

POLICY = ProfilePolicy(lock_timeout_seconds=1)
_THREE_TABLES = tuple(
    statement
    for name in ("first", "second", "third")
    for statement in (
        f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, name TEXT)",
        f"INSERT INTO {name} VALUES (1, 'a'), (2, 'b')",
    )
)
# Division by zero in one database, a function that refuses in the other.
_BROKEN_VIEWS = {
    "postgresql": ("CREATE VIEW broken AS SELECT 1 / (id - 1) AS share FROM first",),
    "mysql": (
        "CREATE FUNCTION fail() RETURNS INTEGER BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 's3cret'; RETURN 1; END",
        "CREATE VIEW broken AS SELECT fail() AS share FROM first",
    ),
}


@pytest.fixture
def hasty() -> Sources:
    """Sources that give up a locked table after a second."""
    return Sources(SECRET_KEY, POLICY)


@pytest.fixture(params=["postgresql", "mariadb"])
def location(request: pytest.FixtureRequest) -> str:
    """The address of an empty database of each server."""
    name = {"postgresql": "empty_database", "mariadb": "maria_database"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture
def three_tables(location: str) -> str:
    """The address of a database with three tables."""
    _run(location, *_THREE_TABLES)
    return location


@pytest.fixture
def owner(empty_database: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(empty_database)
    _run(empty_database, *_THREE_TABLES)
    yield engine
    engine.dispose()


def profiled(sources: Sources, location: str) -> SourceProfile:
    with sources.open(address(location)) as source:
        return measure_source(source, source.snapshot(), POLICY)


def test_a_view_that_errors_is_told_and_the_others_are_profiled(hasty: Sources, three_tables: str) -> None:
    _run(three_tables, *_BROKEN_VIEWS[sa.make_url(three_tables).get_backend_name()])
    profile = profiled(hasty, three_tables)
    assert [table.name for table in profile.tables] == ["first", "second", "third"]
    (trouble,) = profile.troubles
    assert (trouble.table, trouble.code) == ("broken", "SOURCE_UNREADABLE")
    assert "is a view whose query fails" in trouble.message
    assert "s3cret" not in trouble.message


def test_views_that_sqlite_cannot_even_list_are_told_and_the_others_are_profiled(
    hasty: Sources, tmp_path: Path
) -> None:
    location = f"sqlite:///{tmp_path / 'old.db'}"
    _run(
        location,
        *_THREE_TABLES,
        "CREATE VIEW names AS SELECT name FROM first",
        "CREATE VIEW orphan AS SELECT id FROM third",
        "CREATE VIEW odd AS SELECT no_such_function(id) AS share FROM first",
        "DROP TABLE third",
    )
    profile = profiled(hasty, location)
    assert [table.name for table in profile.tables] == ["first", "names", "second"]
    assert [(trouble.table, trouble.code) for trouble in profile.troubles] == [
        ("odd", "SOURCE_UNREADABLE"),
        ("orphan", "SOURCE_UNREADABLE"),
    ]
    assert all("is a view whose query fails" in trouble.message for trouble in profile.troubles)


def test_a_table_that_may_not_be_read_is_told_and_the_others_are_profiled(
    hasty: Sources, empty_database: str, owner: sa.Engine, embedded_server: EmbeddedServer
) -> None:
    superuser = embedded_server.url(SUPERUSER, str(owner.url.database))
    _run(superuser, *_AUDIT)
    reader = _as_reader(empty_database, superuser)
    _run(
        superuser,
        "REVOKE SELECT ON second, third FROM reader",
        "ALTER TABLE third ADD UNIQUE (name), ADD FOREIGN KEY (id) REFERENCES first",
        "GRANT SELECT (name) ON third TO reader",
    )
    profile = profiled(hasty, reader)
    assert {table.name: [column.column for column in table.columns] for table in profile.tables} == {
        "first": ["id", "name"],
        "third": ["name"],
    }
    told = {trouble.table: (trouble.code, trouble.message) for trouble in profile.troubles}
    assert {table: code for table, (code, _) in told.items()} == {
        "second": "SOURCE_REFUSED",
        "third": "SOURCE_REFUSED",
    }
    assert "does not let this user read. Ask" in told["second"][1]
    assert "read some of its columns" in told["third"][1]
    assert told["third"][1].endswith("They are: id.")


def test_who_may_read_a_view_of_mariadb_but_not_its_definition_has_it_profiled(
    hasty: Sources, maria_database: str
) -> None:
    database = sa.make_url(maria_database).database
    _run(
        maria_database,
        *_THREE_TABLES,
        "CREATE VIEW priced AS SELECT id, 2.50 AS price FROM first",
        "CREATE VIEW orphan AS SELECT id FROM third",
        "DROP TABLE third",
        "CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY 'reads'",
        *(
            f"GRANT SELECT ON {database}.{name} TO 'reader'@'127.0.0.1'"
            for name in ("first", "priced", "orphan")
        ),
        f"GRANT INSERT ON {database}.second TO 'reader'@'127.0.0.1'",
    )
    reader = sa.make_url(maria_database).set(username="reader", password="reads")
    profile = profiled(hasty, reader.render_as_string(hide_password=False))
    _run(maria_database, "DROP USER 'reader'@'127.0.0.1'")
    assert {table.name: [column.column for column in table.columns] for table in profile.tables} == {
        "first": ["id", "name"],
        "priced": ["id", "price"],
    }
    told = {trouble.table: (trouble.code, trouble.message) for trouble in profile.troubles}
    assert {table: code for table, (code, _) in told.items()} == {
        "orphan": "SOURCE_UNREADABLE",
        "second": "SOURCE_REFUSED",
    }
    assert "is a view whose query fails" in told["orphan"][1]


def test_a_table_dropped_in_midst_of_a_profile_is_told_and_the_others_are_profiled(
    hasty: Sources, three_tables: str
) -> None:
    def drop_the_third(step: str, done: int, _: int) -> None:
        if done == 1:
            _run(three_tables, "DROP TABLE third")

    with hasty.open(address(three_tables)) as source:
        profile = measure_source(source, source.snapshot(), POLICY, drop_the_third)
    assert [table.name for table in profile.tables] == ["first", "second"]
    assert [(trouble.table, trouble.code) for trouble in profile.troubles] == [("third", "SOURCE_DRIFTED")]


def test_a_database_without_tables_has_a_profile_without_tables(hasty: Sources, location: str) -> None:
    profile = profiled(hasty, location)
    assert (profile.tables, profile.troubles) == ((), ())


def test_a_table_without_columns_has_rows_alone(hasty: Sources, empty_database: str) -> None:
    _run(
        empty_database,
        "CREATE TABLE bare ()",
        "INSERT INTO bare DEFAULT VALUES",
        "CREATE TABLE whole (id INT)",
    )
    profile = profiled(hasty, empty_database)
    assert profile.troubles == ()
    assert [(table.name, table.row_count, len(table.columns)) for table in profile.tables] == [
        ("bare", 1, 0),
        ("whole", 0, 1),
    ]


def test_a_schema_of_a_thousand_tables_is_profiled_whole(hasty: Sources, empty_database: str) -> None:
    nouns = [
        f"{first}{last}"
        for first in ("bel", "cor", "dum", "fen")
        for last in ("ak", "ed", "im", "os", "un", "yr", "al", "es")
    ]
    names = [f"{one}_{other}" for one in nouns for other in nouns][:1000]
    _run(
        empty_database,
        *(
            f"CREATE TABLE {name} AS SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (3, 'b')) v (id, kind)"
            for name in names
        ),
    )
    profile = profiled(hasty, empty_database)
    assert profile.troubles == ()
    assert {(table.row_count, len(table.columns)) for table in profile.tables} == {(3, 2)}
    assert [table.name for table in profile.tables] == sorted(names)


def test_a_locked_table_is_given_up_and_the_others_are_profiled(
    hasty: Sources, empty_database: str, owner: sa.Engine
) -> None:
    with owner.connect() as connection:
        connection.exec_driver_sql("LOCK TABLE second IN ACCESS EXCLUSIVE MODE")
        profile = profiled(hasty, empty_database)
        connection.rollback()
    assert [table.name for table in profile.tables] == ["first", "third"]
    (trouble,) = profile.troubles
    assert (trouble.table, trouble.code) == ("second", "SOURCE_UNREACHABLE")
    assert "is locked by a program" in trouble.message


def test_a_locked_table_of_mariadb_is_given_up(hasty: Sources, maria_database: str) -> None:
    _run(maria_database, *_THREE_TABLES)
    engine = sa.create_engine(maria_database)
    with engine.connect() as connection:
        connection.exec_driver_sql("LOCK TABLES second WRITE")
        profile = profiled(hasty, maria_database)
        connection.exec_driver_sql("UNLOCK TABLES")
    engine.dispose()
    assert [table.name for table in profile.tables] == ["first", "third"]
    (trouble,) = profile.troubles
    assert (trouble.table, trouble.code) == ("second", "SOURCE_UNREACHABLE")
    assert "is locked by a program" in trouble.message


def test_a_session_that_is_cut_costs_one_table(
    hasty: Sources, empty_database: str, owner: sa.Engine, embedded_server: EmbeddedServer
) -> None:
    with hasty.open(address(empty_database)) as source:
        snapshot = source.snapshot()
        _cut_sessions(embedded_server, owner)
        profile = measure_source(source, snapshot, POLICY)
    assert [table.name for table in profile.tables] == ["second", "third"]
    assert [(trouble.table, trouble.code) for trouble in profile.troubles] == [
        ("first", "SOURCE_UNREACHABLE")
    ]


def test_a_server_killed_in_midst_of_a_profile_ends_it_with_a_fault_worth_trying_again(
    hasty: Sources, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = EmbeddedServer(tmp_path_factory.mktemp("doomed"), durable=False)
    server.ensure_running()
    url = server.create_database("doomed")
    _run(url, *(f"CREATE TABLE t{number} (id INTEGER)" for number in range(9)))
    tried: list[str] = []

    def kill_after_two(step: str, done: int, _: int) -> None:
        tried.append(step)
        if done == 2:
            server.destroy()

    with hasty.open(address(url)) as source, pytest.raises(SourceUnreachableError) as raised:
        measure_source(source, source.snapshot(), POLICY, kill_after_two)
    assert raised.value.retryable
    assert tried == [f"profiling t{number}" for number in range(5)]


def test_mariadb_killed_in_midst_of_a_query_ends_the_profile_with_a_fault_worth_trying_again(
    hasty: Sources, installed_mariadb: Path, tmp_path: Path
) -> None:
    """The third table's query sleeps until the server dies; after it nothing answers."""
    tried: list[str] = []
    with started_mariadb(installed_mariadb, tmp_path) as server:
        _run(server.url, "CREATE DATABASE doomed")
        url = f"{server.url}/doomed"
        _run(
            url,
            *(f"CREATE TABLE t{number} (id INTEGER)" for number in range(9)),
            "INSERT INTO t2 VALUES (1)",
            "ALTER TABLE t2 RENAME TO stored",
            "CREATE VIEW t2 AS SELECT sleep(600) AS slept FROM stored",
        )

        def kill_soon(step: str, done: int, _: int) -> None:
            tried.append(step)
            if step == "profiling t2":
                Timer(0.5, server.process.kill).start()

        with hasty.open(address(url)) as source, pytest.raises(SourceUnreachableError) as raised:
            measure_source(source, source.snapshot(), POLICY, kill_soon)
    assert raised.value.retryable
    assert tried == [f"profiling {name}" for name in ("stored", "t0", "t1", "t2", "t3", "t4")]


def test_a_source_is_never_written_to(
    sources: Sources, empty_database: str, owner: sa.Engine, embedded_server: EmbeddedServer
) -> None:
    superuser = embedded_server.url(SUPERUSER, str(owner.url.database))
    _run(superuser, *_AUDIT)
    for url in (empty_database, _as_reader(empty_database, superuser)):
        with sources.open(address(url)) as source:
            for table in source.snapshot().tables:
                for plan in PlanKind:
                    source.measure(a_plan(table, plan, sample_rows=1))
    with owner.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit.log").scalar() == 0
        connection.exec_driver_sql("UPDATE first SET name = 'c'")
        assert connection.exec_driver_sql("SELECT what FROM audit.log").scalar() == "UPDATE first"
        connection.rollback()


def test_a_source_in_mariadb_is_never_written_to(sources: Sources, maria_database: str) -> None:
    """The server's own log holds every statement it was sent."""
    _run(
        maria_database,
        "CREATE TABLE first (id INTEGER, name TEXT)",
        "INSERT INTO first VALUES (1, 'a'), (2, 'b')",
    )
    _run(
        maria_database,
        "SET GLOBAL log_output = 'TABLE'",
        "TRUNCATE mysql.general_log",
        "SET GLOBAL general_log = ON",
    )
    with sources.open(address(maria_database)) as source:
        (table,) = source.snapshot().tables
        for plan in PlanKind:
            source.measure(a_plan(table, plan, sample_rows=1))
    _run(maria_database, "SET GLOBAL general_log = OFF")
    engine = sa.create_engine(maria_database)
    with engine.connect() as connection:
        said = connection.exec_driver_sql(
            "SELECT upper(substring_index(trim(convert(argument using utf8mb4)), ' ', 1)) AS word, count(*)"
            " FROM mysql.general_log WHERE command_type = 'Query' GROUP BY word"
        )
        words = {str(word): int(count) for word, count in said}
    engine.dispose()
    assert words["SELECT"] >= len(PlanKind)
    assert set(words) <= {"SELECT", "SHOW", "SET", "COMMIT", "ROLLBACK", "BEGIN"}


_AUDIT = (
    "CREATE SCHEMA audit",
    "CREATE TABLE audit.log (what TEXT)",
    """CREATE FUNCTION audit.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN INSERT INTO audit.log VALUES (TG_OP || ' ' || TG_TABLE_NAME); RETURN NULL; END $$""",
    """CREATE FUNCTION audit.note_command() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN INSERT INTO audit.log VALUES (TG_TAG); END $$""",
    *(
        f"CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit.note()"
        for name in ("first", "second", "third")
    ),
    "GRANT USAGE ON SCHEMA audit TO PUBLIC",
    "GRANT SELECT ON audit.log TO PUBLIC",
    "CREATE EVENT TRIGGER note_command ON ddl_command_start EXECUTE FUNCTION audit.note_command()",
)


def _as_reader(url: str, superuser: str) -> str:
    """The address for a role that may read and nothing else."""
    _run(
        superuser,
        "DROP ROLE IF EXISTS reader",
        "ALTER EVENT TRIGGER note_command DISABLE",
        "CREATE ROLE reader LOGIN PASSWORD 'reads'",
        f"GRANT CONNECT ON DATABASE {sa.make_url(url).database} TO reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        "ALTER EVENT TRIGGER note_command ENABLE",
    )
    return sa.make_url(url).set(username="reader", password="reads").render_as_string(hide_password=False)


def _run(url: str, *statements: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _cut_sessions(server: EmbeddedServer, owner: sa.Engine) -> None:
    database = str(owner.url.database)
    owner.dispose()
    _run(
        server.url(SUPERUSER, database),
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()",
    )
