"""Turns what drivers and readers raise into our own faults, in words for a person and without secrets.

Foreign messages are never passed on: they may quote passwords, addresses and values of a client's rows.
For the same reason a fault does not carry the foreign exception as its cause.
"""

from __future__ import annotations

import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from enum import StrEnum
from itertools import islice
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa
import pymysql
import python_calamine
import sqlalchemy.exc
from lxml import etree

from schema_matching_pipeline.errors import (
    SourceDriftedError,
    SourceEmptyError,
    SourceError,
    SourceRefusedError,
    SourceUnreachableError,
    SourceUnreadableError,
)

_LOOKED_AT = 10_000  # names of a folder among which one is looked for that was meant


class Trouble(StrEnum):
    """Everything that may be wrong with a source; shown as the code of a connection test."""

    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a code, not a password
    UNKNOWN_DATABASE = "UNKNOWN_DATABASE"
    UNKNOWN_SCHEMA = "UNKNOWN_SCHEMA"
    BAD_ADDRESS = "BAD_ADDRESS"
    NO_PERMISSION = "NO_PERMISSION"
    CLOSED_COLUMNS = "CLOSED_COLUMNS"
    CLOSED_PORT = "CLOSED_PORT"
    UNKNOWN_HOST = "UNKNOWN_HOST"
    TIMED_OUT = "TIMED_OUT"
    CONNECTION_LOST = "CONNECTION_LOST"
    LOCKED = "LOCKED"
    OVERLOADED = "OVERLOADED"
    MISSING_PATH = "MISSING_PATH"
    EMPTY_FOLDER = "EMPTY_FOLDER"
    EMPTY_PREFIX = "EMPTY_PREFIX"
    UNKNOWN_BUCKET = "UNKNOWN_BUCKET"
    NO_TABLES = "NO_TABLES"
    UNSUPPORTED_KIND = "UNSUPPORTED_KIND"
    MISSING_DRIVER = "MISSING_DRIVER"
    UNREADABLE = "UNREADABLE"
    BROKEN_VIEW = "BROKEN_VIEW"
    PASSWORD_PROTECTED = "PASSWORD_PROTECTED"  # noqa: S105 - a code, not a password
    CUT_OFF = "CUT_OFF"
    NO_ROWS = "NO_ROWS"
    NO_TABLE_INSIDE = "NO_TABLE_INSIDE"
    NO_DELIMITER = "NO_DELIMITER"
    VANISHED = "VANISHED"
    DATA_STAYS = "DATA_STAYS"
    CANNOT_STAY = "CANNOT_STAY"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"


_FAULTS: dict[Trouble, tuple[type[SourceError], str]] = {
    Trouble.WRONG_PASSWORD: (
        SourceRefusedError,
        "{place} refused the user name or the password. Check both.",
    ),
    Trouble.UNKNOWN_DATABASE: (
        SourceRefusedError,
        "{place} does not exist, though its server answers. Check the last part of the address.",
    ),
    Trouble.UNKNOWN_SCHEMA: (
        SourceRefusedError,
        "{place} has no schema of that name. Check the schema name.",
    ),
    Trouble.BAD_ADDRESS: (
        SourceRefusedError,
        "{place} cannot be understood. Write kind://user:password@host:port/database, with %-codes for signs such as @ : / in the password.",
    ),
    Trouble.NO_PERMISSION: (
        SourceRefusedError,
        "{place} does not let this user read. Ask its administrator for read permission.",
    ),
    Trouble.CLOSED_COLUMNS: (
        SourceRefusedError,
        "{place} does not let this user read some of its columns; the others are read. Ask its administrator for read permission where they are needed.",
    ),
    Trouble.CLOSED_PORT: (
        SourceUnreachableError,
        "{place} does not answer: nothing listens there. Check the port and that the server runs.",
    ),
    Trouble.UNKNOWN_HOST: (
        SourceUnreachableError,
        "{place} cannot be found: its host is not known. Check the name of the host.",
    ),
    Trouble.TIMED_OUT: (
        SourceUnreachableError,
        "{place} did not answer in time. Check the address and any firewall between.",
    ),
    Trouble.CONNECTION_LOST: (
        SourceUnreachableError,
        "{place} broke the connection. Try again.",
    ),
    Trouble.LOCKED: (
        SourceUnreachableError,
        "{place} is locked by a program that writes to it. Close that program, or try again later.",
    ),
    Trouble.OVERLOADED: (
        SourceUnreachableError,
        "{place} is overloaded: its server answers, but not to the question. Try again later.",
    ),
    Trouble.MISSING_PATH: (
        SourceEmptyError,
        "There is no file or folder named {place}. Check the path.",
    ),
    Trouble.EMPTY_FOLDER: (
        SourceEmptyError,
        "The folder {place} holds no file that can be read as a table. Put CSV, TSV, Excel, JSON, JSON Lines, XML, YAML or Parquet files there, or a zip of them.",
    ),
    Trouble.EMPTY_PREFIX: (
        SourceEmptyError,
        "There is no object below {place}. Check the prefix.",
    ),
    Trouble.UNKNOWN_BUCKET: (
        SourceRefusedError,
        "{place} does not exist, though the storage answers. Check its name, and the endpoint.",
    ),
    Trouble.NO_TABLES: (
        SourceEmptyError,
        "{place} answers, but shows this user no table with columns. Check the address, the schema name and the permissions.",
    ),
    Trouble.UNSUPPORTED_KIND: (
        SourceUnreadableError,
        "{place} is of a kind that no connector reads. Use the URL of a PostgreSQL, MySQL, MariaDB, SQLite or DuckDB database, or a folder or file of tables; SQL Server, Oracle, Snowflake, BigQuery and Trino need the extra of their name.",
    ),
    Trouble.MISSING_DRIVER: (
        SourceUnreadableError,
        "{place} needs a driver that is not installed.",
    ),
    Trouble.UNREADABLE: (
        SourceUnreadableError,
        "{place} cannot be read as what it claims to be. Mend it or export it again.",
    ),
    Trouble.BROKEN_VIEW: (
        SourceUnreadableError,
        "{place} is a view whose query fails in the database. Have its owner mend the view.",
    ),
    Trouble.PASSWORD_PROTECTED: (
        SourceUnreadableError,
        "{place} is encrypted. Save it without a password.",
    ),
    Trouble.CUT_OFF: (
        SourceUnreadableError,
        "{place} is cut off: what is packed in it ends too early. Copy it or export it again.",
    ),
    Trouble.NO_ROWS: (
        SourceUnreadableError,
        "{place} is empty: there is no header and no row in it. Export it again.",
    ),
    Trouble.NO_TABLE_INSIDE: (
        SourceEmptyError,
        "{place} holds no table: there are no rows of cells or records in it.",
    ),
    Trouble.NO_DELIMITER: (
        SourceUnreadableError,
        "{place} cannot be read: no delimiter divides its rows into the same number of cells. Export it with quotes around its cells.",
    ),
    Trouble.DATA_STAYS: (
        SourceRefusedError,
        "{place} keeps its data: no row of it may leave. Ask for statistics, or let its data leave.",
    ),
    Trouble.CANNOT_STAY: (
        SourceRefusedError,
        "{place} is read row by row where the pipeline runs, so its data cannot stay there. Put them into a database that keeps its data, or let them leave.",
    ),
    Trouble.TOO_MANY_ROWS: (
        SourceRefusedError,
        "{place} has more rows than keys and references under a rule are compared in. Give the column its values in the source, or approve without this check.",
    ),
    Trouble.VANISHED: (
        SourceDriftedError,
        "{place} is no longer there as it was listed. Take a new snapshot of the source.",
    ),
}

# Patterns in the messages of servers and drivers, most telling first; English and, where the server speaks
# its administrator's language, the code that stands in the message.
_SPOKEN: tuple[tuple[re.Pattern[str], Trouble], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), trouble)
    for pattern, trouble in (
        (r"password authentication failed|\(1045,|no password supplied|28P01|\b1698\b|ORA-01017|18456", Trouble.WRONG_PASSWORD),
        (r'database "[^"]*" does not exist|\(1049,|\(1044,|3D000|ORA-12514|\b4060\b', Trouble.UNKNOWN_DATABASE),
        (r"no pg_hba\.conf entry|permission denied|\((?:1142|1143|1227|1370),|42501|role .* does not exist", Trouble.NO_PERMISSION),
        (r"could not set lock|database is locked|lock timeout|55P03|\((?:1205|1222),", Trouble.LOCKED),
        (r"does not exist|no such table|no such column|\((?:1146|1054|1356|1051),|undefined(?:table|column)|42P01|42703|not found in FROM", Trouble.VANISHED),
        (r"connection refused|\[Errno 111\]|actively refused|no such file or directory", Trouble.CLOSED_PORT),
        (r"could not translate host|name or service not known|nodename nor servname|\[Errno -[235]\]|getaddrinfo|failed to resolve", Trouble.UNKNOWN_HOST),
        (r"time(?:d)?[ -]?out|statement timeout|max_statement_time|\((?:1969|3024),", Trouble.TIMED_OUT),
        (r"server closed the connection|lost connection|\((?:2006|2013|2055),|terminating connection|connection (?:is|was) (?:lost|closed)|57P0", Trouble.CONNECTION_LOST),
    )
)  # fmt: skip

_BY_CLASS: tuple[tuple[tuple[type[BaseException], ...], Trouble], ...] = (
    ((sqlalchemy.exc.NoSuchModuleError,), Trouble.UNSUPPORTED_KIND),
    ((ImportError,), Trouble.MISSING_DRIVER),
    ((FileNotFoundError, sqlalchemy.exc.NoSuchTableError), Trouble.VANISHED),
    ((PermissionError,), Trouble.NO_PERMISSION),
    ((python_calamine.PasswordError,), Trouble.PASSWORD_PROTECTED),
    ((EOFError,), Trouble.CUT_OFF),
    ((TimeoutError, sqlalchemy.exc.TimeoutError), Trouble.TIMED_OUT),
)

FOREIGN: tuple[type[Exception], ...] = (
    sqlalchemy.exc.SQLAlchemyError,
    psycopg.Error,
    pymysql.err.MySQLError,
    sqlite3.Error,
    duckdb.Error,
    pa.ArrowException,
    pa.ArrowInvalid,
    etree.LxmlError,
    python_calamine.CalamineError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    UnicodeError,
    ValueError,
    OverflowError,
    RecursionError,
    MemoryError,
    ImportError,
)


def fault(trouble: Trouble, place: str, *, table: str | None = None, hint: str = "") -> SourceError:
    """The fault that says what is wrong, where, and the way out."""
    error_class, message = _FAULTS[trouble]
    text = message.format(place=place) + (f" {hint}" if hint else "")
    return error_class(text, source=place, table=table, reason=str(trouble))


def missing(path: Path) -> SourceError:
    """The fault that there is no such file or folder, with what is called nearly so where the path leaves what is there."""
    guess = _neighbour(path)
    return fault(Trouble.MISSING_PATH, repr(str(path)), hint=f"Did you mean {str(guess)!r}?" if guess else "")


def _neighbour(path: Path) -> Path | None:
    """The path with each name that is not there replaced by the likest that is, whatever its capitals; None where none is."""
    there = next((parent for parent in path.parents if parent.is_dir()), None)
    if there is None:
        return None
    wrong, *rest = path.relative_to(there).parts
    try:
        names = {entry.name.lower(): entry.name for entry in islice(there.iterdir(), _LOOKED_AT)}
    except OSError:  # a folder that may not be listed tells of nothing
        return None
    close = get_close_matches(wrong.lower(), names, n=1)
    if not close:
        return None
    guess = there.joinpath(names[close[0]], *rest)
    return guess if guess.exists() else _neighbour(guess)


def table_of(place: str, table: str) -> str:
    """A table of a place in words.

    >>> table_of("The SQLite file 'a.db'", "visits")
    "Table 'visits' of the SQLite file 'a.db'"
    """
    inside = f"the {place.removeprefix('The ')}" if place.startswith("The ") else place
    return f"Table {table!r} of {inside}"


def diagnose(error: BaseException) -> Trouble:
    """What a foreign exception means, by its class, else by what it says."""
    by_class = next((trouble for classes, trouble in _BY_CLASS if isinstance(error, classes)), None)
    if by_class:
        return by_class
    inner = getattr(error, "orig", None)
    # What the driver said, without the statement that SQLAlchemy adds: a table's name is no diagnosis.
    said = f"{getattr(inner or error, 'sqlstate', '')} {inner or error}"
    return next((trouble for pattern, trouble in _SPOKEN if pattern.search(said)), Trouble.UNREADABLE)


@contextmanager
def translated(place: str, *, table: str | None = None) -> Iterator[None]:
    """Runs a block in which every foreign exception becomes a SourceError about ``place``.

    Raises:
        SourceError: whatever went wrong.
    """
    try:
        yield
    except SourceError:
        raise
    except FOREIGN as error:
        raise _as_fault(error, place, table) from None


def _as_fault(error: Exception, place: str, table: str | None) -> SourceError:
    trouble = diagnose(error)
    where = table_of(place, table) if table else place
    return fault(trouble, where, table=table, hint=_hint(error, trouble))


def _hint(error: Exception, trouble: Trouble) -> str:
    match trouble:
        case Trouble.UNREADABLE:
            return f"({type(error).__name__}.)"
        case Trouble.MISSING_DRIVER:
            return f"Install its Python package beside this one: pip install {getattr(error, 'name', None) or 'NAME'}"
        case _:
            return ""
