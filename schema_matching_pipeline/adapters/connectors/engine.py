"""Database engines that read only, keep to time limits, and tell times in UTC."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import quote

import pymysql.converters
import sqlalchemy as sa
from pymysql.cursors import Cursor
from sqlalchemy.pool import QueuePool

from schema_matching_pipeline.adapters.connectors.faults import Trouble, diagnose, fault, missing, translated
from schema_matching_pipeline.model.policy import ProfilePolicy

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}

# Numbers, days and bytes come as the server wrote them: no value is lost on the way through Python's types.
_AS_WRITTEN = {
    key: encode for key, encode in pymysql.converters.conversions.items() if not isinstance(key, int)
}

# By these words SQLAlchemy knows the definition of a view, and asks for its columns.
_A_VIEW = "CREATE VIEW"


def make_engine(location: str, policy: ProfilePolicy) -> sa.Engine:
    """An engine for an address; nothing is connected yet.

    Raises:
        SourceError: the address cannot be understood, or its driver is missing.
    """
    try:
        url = with_driver(sa.make_url(location))
    except (sa.exc.ArgumentError, ValueError):
        raise fault(Trouble.BAD_ADDRESS, "The address of the source") from None
    if (
        url.host and "@" in f"{url.host}{url.database or ''}"
    ):  # the end of a password, read as host or database
        raise fault(Trouble.BAD_ADDRESS, "The address of the source")
    with translated(place_of(url)):
        match url.get_backend_name():
            case "postgresql":
                return _postgresql(url, policy)
            case "mysql" | "mariadb":
                return _mysql(url, policy)
            case "sqlite":
                return _sqlite(url)
            case _:
                return sa.create_engine(url, pool_size=2)


def with_driver(url: sa.URL) -> sa.URL:
    """The address with the driver the product brings, where it names none of its own."""
    backend = url.drivername.split("+", maxsplit=1)[0]
    return url.set(drivername=_DRIVERS.get(backend, url.drivername))


def place_of(url: sa.URL) -> str:
    """An address in words: kind, host and database, never user, password or options."""
    backend = url.drivername.split("+", maxsplit=1)[0]
    if backend == "sqlite":
        return f"The SQLite file {Path(url.database or ':memory:').name!r}"
    port = url.port or _PORTS.get(backend)
    host = f" at {url.host}{f':{port}' if port else ''}" if url.host else ""
    return f"The {backend} database {url.database or ''!r}{host}"


def probe(url: sa.URL, seconds: float) -> None:
    """Finds out whether a host is known and its port open, before a driver says so in its own words.

    MySQL counts a knock without a greeting as an error and in the end locks the host out; there only the
    name is looked up.

    Raises:
        SourceUnreachableError: unknown host, closed port, or no answer in time.
    """
    port = url.port or _PORTS.get(url.get_backend_name())
    if not url.host or url.host.startswith("/") or "host" in url.query or port is None:
        return
    is_counted = url.get_backend_name() in {"mysql", "mariadb"}
    action = _look_up if is_counted else _knock
    outcome = _within(seconds, lambda: action(str(url.host), port, seconds))
    if outcome:
        raise fault(outcome, place_of(url))


def _look_up(host: str, port: int, _: float) -> Trouble | None:
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return Trouble.UNKNOWN_HOST
    return None


def _knock(host: str, port: int, seconds: float) -> Trouble | None:
    if _look_up(host, port, seconds):
        return Trouble.UNKNOWN_HOST
    try:
        socket.create_connection((host, port), timeout=seconds).close()
    except TimeoutError:
        return Trouble.TIMED_OUT
    except OSError:
        return Trouble.CLOSED_PORT
    return None


def _within(seconds: float, action: Callable[[], Trouble | None]) -> Trouble | None:
    """What an action finds, or TIMED_OUT; a name server that does not answer cannot be interrupted."""
    answers: SimpleQueue[Trouble | None] = SimpleQueue()
    Thread(target=lambda: answers.put(action()), daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return Trouble.TIMED_OUT


def _postgresql(url: sa.URL, policy: ProfilePolicy) -> sa.Engine:
    """Every statement stands alone: no transaction is opened and ended around each, and none stays open."""
    engine = sa.create_engine(
        url,
        pool_size=2,
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": policy.connect_timeout_seconds},
    )
    settings = {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{policy.statement_timeout_seconds}s",
        "lock_timeout": f"{policy.lock_timeout_seconds}s",
        "client_encoding": "UTF8",
        "timezone": "UTC",
        "datestyle": "ISO, YMD",
        "bytea_output": "hex",
        "extra_float_digits": "1",
    }
    asked = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in settings.items())
    _at_connect(engine, f"SELECT {asked}")
    return engine


def _mysql(url: sa.URL, policy: ProfilePolicy) -> sa.Engine:
    engine = sa.create_engine(
        url,
        pool_size=2,
        connect_args={
            "connect_timeout": policy.connect_timeout_seconds,
            "read_timeout": policy.connect_timeout_seconds,
            "conv": _AS_WRITTEN,
        },
    )

    @sa.event.listens_for(engine, "connect")
    def allow_more_time(connection: pymysql.Connection[Cursor], _: object) -> None:
        # The driver has one limit for all answers; the greeting has to come sooner than a long statement's.
        connection._read_timeout = policy.statement_timeout_seconds  # type: ignore[attr-defined]  # noqa: SLF001 - it offers no other way

    _describe_what_may_not_be_shown(engine.dialect)
    _at_connect(
        engine,
        "SET SESSION TRANSACTION READ ONLY",
        "SET time_zone = '+00:00'",
        f"SET SESSION lock_wait_timeout = {policy.lock_timeout_seconds}",
    )
    return engine


def _describe_what_may_not_be_shown(dialect: Any) -> None:
    """Has a view described whose definition this user may not see, and a table that is locked cost no other.

    SQLAlchemy asks for definitions alone, which a user who may read and nothing else is refused, and then lists
    nothing at all.
    """
    show, describe = dialect._show_create_table, dialect._describe_table  # noqa: SLF001 - it offers no other way

    def shown(*args: object, **options: object) -> str:
        try:
            return str(show(*args, **options))
        except sa.exc.DBAPIError as error:
            if diagnose(error) is not Trouble.NO_PERMISSION:
                raise _unlisted(error) from None
            return _A_VIEW

    def described(*args: object, **options: object) -> object:
        try:
            return describe(*args, **options)
        except sa.exc.DBAPIError as error:
            raise _unlisted(error) from None

    dialect._show_create_table, dialect._describe_table = shown, described  # noqa: SLF001 - as above


def _unlisted(error: sa.exc.DBAPIError) -> Exception:
    """What SQLAlchemy goes on after, where the trouble is one table's; else the error."""
    if diagnose(error) in {Trouble.NO_PERMISSION, Trouble.LOCKED}:
        return sa.exc.UnreflectableTableError(str(error.orig))
    return error


def _sqlite(url: sa.URL) -> sa.Engine:
    path = Path(url.database or "").expanduser().absolute()
    if not path.is_file():
        raise missing(path)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        return connection

    return sa.create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=2)


def _at_connect(engine: sa.Engine, *statements: str) -> None:
    """Has every new connection of the engine run some statements first."""

    def prepare(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    sa.event.listen(engine, "connect", prepare)
