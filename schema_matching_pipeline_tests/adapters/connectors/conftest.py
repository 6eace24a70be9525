"""Sources of every kind, each holding the same practice; a private MariaDB where it is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pymysql
import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline_tests.adapters.connectors import practice_source

SECRET_KEY = bytes(range(32))
DATABASES = ("postgresql", "mariadb", "sqlite", "duckdb")
KINDS = (*DATABASES, *practice_source.FILE_WRITERS)


@pytest.fixture
def sources() -> Sources:
    """Every source; no table counts as small here unless its plan says so, so that staging is put to the test."""
    return Sources(SECRET_KEY, ProfilePolicy(small_rows=0))


@dataclass(frozen=True, slots=True)
class MariaServer:
    """A server of our own on the loopback."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        """Its address, without a database, for one who may do everything."""
        return self.url_for("client", "s3cret-client")

    def url_for(self, user: str, password: str) -> str:
        """Its address for somebody."""
        return f"mysql+pymysql://{user}:{password}@127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def installed_mariadb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a server finds when it starts for the first time; to be copied."""
    install = shutil.which("mariadb-install-db")
    if not _maria_program() or not install:
        pytest.skip("mariadbd is not installed here (Debian: apt-get install mariadb-server)")
    folder = tmp_path_factory.mktemp("maria-installed")
    subprocess.run(
        [
            install, *_maria_user(), f"--datadir={folder}", "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def mariadb(installed_mariadb: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address, without a database, of a server that all tests share."""
    with started_mariadb(installed_mariadb, tmp_path_factory.mktemp("maria")) as server:
        yield server.url


@contextmanager
def started_mariadb(installed: Path, folder: Path) -> Iterator[MariaServer]:
    """A server that runs until the block ends."""
    shutil.copytree(installed, folder / "data")
    port = free_port()
    with subprocess.Popen(
        [
            _maria_program(), "--no-defaults", *_maria_user(), f"--datadir={folder}/data", f"--socket={folder}/s",
            f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={folder}/pid", "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=0", "--performance-schema=OFF", "--skip-name-resolve",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        _make_client(port)
        yield MariaServer(process, port)
        process.terminate()


def _maria_program() -> str:
    return shutil.which("mariadbd") or shutil.which("mysqld") or ""


def _maria_user() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


@pytest.fixture
def maria_database(mariadb: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database."""
    name = f"t{abs(hash(request.node.nodeid)) % 10**9}"
    engine = sa.create_engine(mariadb)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield f"{mariadb}/{name}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}")
    engine.dispose()


@pytest.fixture
def practice(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """The address of the practice in a source of one kind."""

    def written(kind: str) -> str:
        match kind:
            case "postgresql":
                url = str(request.getfixturevalue("empty_database"))
                practice_source.fill(sa.create_engine(url), "TIMESTAMP")
                return url
            case "mariadb":
                url = str(request.getfixturevalue("maria_database"))
                practice_source.fill(sa.create_engine(url), "DATETIME")
                return url
            case "sqlite":
                return practice_source.write_sqlite(tmp_path)
            case "duckdb":
                return practice_source.write_duckdb(tmp_path)
            case _:
                return practice_source.FILE_WRITERS[kind](tmp_path)

    return written


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _make_client(port: int) -> None:
    deadline = monotonic() + 180
    while True:
        try:
            connection = pymysql.connect(host="127.0.0.1", port=port, user="root", connect_timeout=20)
            break
        except pymysql.err.OperationalError:
            if monotonic() > deadline:
                raise
            sleep(0.1)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER 'client'@'127.0.0.1' IDENTIFIED BY 's3cret-client'")
        cursor.execute("GRANT ALL ON *.* TO 'client'@'127.0.0.1' WITH GRANT OPTION")
