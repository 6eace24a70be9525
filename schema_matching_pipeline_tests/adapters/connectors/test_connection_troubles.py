"""What may be wrong with a source, each in words and a code of its own, without secrets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import duckdb
import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.source import ConnectionTest
from schema_matching_pipeline_tests.adapters.connectors.measuring import address

PASSWORD = "s3cret-pa55"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield int(listener.getsockname()[1])


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _tested(sources: Sources, location: str, schema_name: str | None = None) -> ConnectionTest:
    started = perf_counter()
    tested = sources.test(address(location, schema_name))
    assert perf_counter() - started < 30, "the bar is five seconds on an idle machine"
    assert not tested.success
    assert PASSWORD not in tested.message
    return tested


@pytest.mark.parametrize("backend", ["postgresql", "mysql+pymysql", "mariadb"])
def test_a_closed_port_is_told(backend: str, closed_port: int, sources: Sources) -> None:
    tested = _tested(sources, f"{backend}://user:{PASSWORD}@127.0.0.1:{closed_port}/practice")
    assert tested.code == "CLOSED_PORT"
    assert f"127.0.0.1:{closed_port}" in tested.message


@pytest.mark.parametrize("backend", ["postgresql", "mysql+pymysql"])
def test_an_unknown_host_is_told(backend: str, sources: Sources) -> None:
    tested = _tested(sources, f"{backend}://user:{PASSWORD}@no-such-host.invalid/practice")
    assert tested.code in {"UNKNOWN_HOST", "TIMED_OUT"}
    assert "no-such-host.invalid" in tested.message


@pytest.mark.parametrize("backend", ["postgresql", "mysql+pymysql"])
def test_a_server_that_never_answers_is_told_within_five_seconds(
    backend: str, silent_port: int, sources: Sources
) -> None:
    assert (
        _tested(sources, f"{backend}://user:{PASSWORD}@127.0.0.1:{silent_port}/practice").code == "TIMED_OUT"
    )


def test_postgresql_tells_wrong_password_database_and_schema_apart(
    empty_database: str, sources: Sources
) -> None:
    url = sa.make_url(empty_database)
    wrong_password = url.set(password=PASSWORD).render_as_string(hide_password=False)
    unknown_database = url.set(database="nowhere").render_as_string(hide_password=False)
    assert _tested(sources, wrong_password).code == "WRONG_PASSWORD"
    assert _tested(sources, unknown_database).code == "UNKNOWN_DATABASE"
    unknown_schema = _tested(sources, empty_database, "nowhere")
    assert unknown_schema.code == "UNKNOWN_SCHEMA"
    assert "public" in unknown_schema.message
    assert _tested(sources, empty_database).code == "NO_TABLES"


def test_mariadb_tells_wrong_password_database_and_schema_apart(
    maria_database: str, sources: Sources
) -> None:
    url = sa.make_url(maria_database)
    wrong_password = url.set(password=PASSWORD).render_as_string(hide_password=False)
    unknown_database = url.set(database="nowhere").render_as_string(hide_password=False)
    assert _tested(sources, wrong_password).code == "WRONG_PASSWORD"
    assert _tested(sources, unknown_database).code == "UNKNOWN_DATABASE"
    assert _tested(sources, maria_database, "nowhere").code == "UNKNOWN_SCHEMA"
    assert _tested(sources, maria_database).code == "NO_TABLES"


def test_a_database_of_which_no_table_may_be_read_is_told_with_who_can_help(
    empty_database: str, sources: Sources
) -> None:
    owner = sa.create_engine(empty_database)
    with owner.begin() as connection:
        for name in ("patients", "visits"):
            connection.exec_driver_sql(f"CREATE TABLE {name} (id INTEGER, name TEXT)")
            connection.exec_driver_sql(f"REVOKE SELECT ON {name} FROM CURRENT_USER")
    told = _tested(sources, empty_database)
    assert told.code == "NO_PERMISSION"
    assert told.message.startswith("None of its 2 tables can be read. Table 'patients' of the postgresql ")
    assert told.message.endswith("Ask its administrator for read permission.")
    with owner.begin() as connection:
        connection.exec_driver_sql("GRANT SELECT (name) ON visits TO CURRENT_USER")
    owner.dispose()
    some = sources.test(address(empty_database))
    assert (some.success, some.message) == (
        True,
        "It answers and shows 1 table(s) with 1 columns. 2 more cannot be read.",
    )


def test_a_schema_that_may_not_be_used_is_told_though_its_tables_were_granted(
    empty_database: str, sources: Sources
) -> None:
    owner = sa.create_engine(empty_database)
    with owner.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA ward CREATE TABLE patients (id INTEGER)")
        connection.exec_driver_sql("REVOKE USAGE ON SCHEMA ward FROM CURRENT_USER")
    owner.dispose()
    assert _tested(sources, empty_database, "ward").code == "NO_PERMISSION"


def test_tables_without_columns_are_none(empty_database: str, sources: Sources) -> None:
    owner = sa.create_engine(empty_database)
    with owner.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE hollow ()")
    owner.dispose()
    told = _tested(sources, empty_database)
    assert told.code == "NO_TABLES"
    assert told.message.startswith(
        "Schema 'public' of the source answers, but shows this user no table with "
    )
    assert told.message.endswith("Check the address, the schema name and the permissions.")


def test_paths_that_lead_nowhere_are_told(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    duckdb.connect(str(tmp_path / "bare.duckdb")).close()
    assert {
        _tested(sources, str(tmp_path / "missing")).code,
        _tested(sources, f"sqlite:///{tmp_path}/missing.db").code,
        _tested(sources, f"duckdb:///{tmp_path}/missing.duckdb").code,
        _tested(sources, "").code,
    } == {"MISSING_PATH"}
    assert _tested(sources, str(tmp_path / "empty")).code == "EMPTY_FOLDER"
    assert _tested(sources, str(tmp_path / "picture.png")).code == "UNSUPPORTED_KIND"
    assert _tested(sources, str(tmp_path / "bare.duckdb")).code == "NO_TABLES"
    assert _tested(sources, str(tmp_path / "bare.duckdb"), "nowhere").code == "UNKNOWN_SCHEMA"


def test_a_folder_that_holds_a_database_says_how_to_read_it(sources: Sources, tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'old.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
    engine.dispose()
    (tmp_path / "dump.sql").write_text("CREATE TABLE t (id INTEGER);")
    told = _tested(sources, str(tmp_path))
    assert told.code == "EMPTY_FOLDER"
    assert told.message.endswith("'old.sqlite' in it is a database: give the path of that file.")


def test_kinds_without_connector_or_driver_are_told(sources: Sources) -> None:
    assert _tested(sources, f"mongodb://user:{PASSWORD}@host/db").code == "UNSUPPORTED_KIND"
    for kind, package in (("oracle", "oracledb"), ("mssql", "pyodbc")):
        told = _tested(sources, f"{kind}+{package}://user:{PASSWORD}@host/db")
        assert told.code == "MISSING_DRIVER"
        assert told.message.startswith(f"The {kind} database 'db' at host")
        assert told.message.endswith(f"Install its Python package beside this one: pip install {package}")


def test_rubbish_in_place_of_a_database_file_is_told(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "rubbish.db").write_bytes(b"rubbish" * 1000)
    assert _tested(sources, f"sqlite:///{tmp_path}/rubbish.db").code == "UNREADABLE"
    assert _tested(sources, f"duckdb:///{tmp_path}/rubbish.db").code == "UNREADABLE"


@pytest.mark.parametrize(
    ("code", "retryable"), [("CLOSED_PORT", True), ("MISSING_PATH", False)], ids=["port", "path"]
)
def test_a_fault_says_whether_trying_again_may_help(
    code: str, retryable: bool, closed_port: int, sources: Sources
) -> None:
    places = {"CLOSED_PORT": f"postgresql://u:p@127.0.0.1:{closed_port}/d", "MISSING_PATH": "/no/such/path"}
    with pytest.raises(SourceError) as raised, sources.open(address(places[code])):
        pass
    assert (raised.value.reason, raised.value.retryable) == (code, retryable)


def test_sessions_cannot_write(
    empty_database: str, maria_database: str, sources: Sources, tmp_path: Path
) -> None:
    for location in (empty_database, maria_database, f"sqlite:///{tmp_path}/t.db"):
        owner = sa.create_engine(location)
        with owner.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        owner.dispose()
        with (
            sources.open(address(location)) as source,
            source._engine.connect() as session,  # type: ignore[attr-defined]  # of databases
            pytest.raises(sa.exc.DBAPIError, match=r"(?i)read-?\s?only"),
        ):
            session.exec_driver_sql("INSERT INTO t VALUES (1)")
