"""Every foreign exception becomes one of ours, and says nothing of what it quoted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

import duckdb
import psycopg
import pyarrow as pa
import pymysql
import pytest
import python_calamine
import sqlalchemy.exc
from lxml import etree

from schema_matching_pipeline.adapters.connectors.faults import FOREIGN, Trouble, fault, translated
from schema_matching_pipeline.errors import SourceError

SECRET = "planted-secret"


def _all_kinds(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for child in root.__subclasses__():
        yield from _all_kinds(child)


def _raisable(error_class: type[BaseException]) -> BaseException:
    """An instance of any exception class, whatever its constructor asks for."""
    statement = (SECRET, SECRET, (), Exception(SECRET))
    attempts: tuple[tuple[object, ...], ...] = (
        (SECRET,),
        statement,
        statement[1:],
        (SECRET, 1, 1, 1),
        (SECRET, SECRET, 1),
        (SECRET, {}, []),
        (),
        ("utf-8", b"x", 0, 1, SECRET),
        ("utf-8", "x", 0, 1, SECRET),
        ("x", 0, 1, SECRET),
        (SECRET, SECRET),
        (SECRET, SECRET, SECRET, SECRET),
    )
    for arguments in attempts:
        try:
            return error_class(*arguments)
        except (TypeError, AttributeError):
            continue
    raise AssertionError(error_class)


FOREIGN_ROOTS = (
    sqlalchemy.exc.SQLAlchemyError,
    psycopg.Error,
    pymysql.err.MySQLError,
    sqlite3.Error,
    duckdb.Error,
    pa.ArrowException,
    python_calamine.CalamineError,
    etree.LxmlError,
    json.JSONDecodeError,
    OSError,
    UnicodeError,
)
WALKED = sorted(
    {kind for root in FOREIGN_ROOTS for kind in _all_kinds(root)}, key=lambda kind: kind.__qualname__
)


@pytest.mark.parametrize("error_class", [kind for kind in WALKED if kind.__module__.split(".")[0] in {
    "sqlalchemy", "psycopg", "pymysql", "sqlite3", "duckdb", "_duckdb", "pyarrow", "python_calamine", "lxml", "json", "builtins", "_python_calamine"}],
    ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")  # fmt: skip
def test_a_foreign_exception_becomes_a_source_fault(error_class: type[BaseException]) -> None:
    with pytest.raises(SourceError) as raised, translated("The source", table="visits"):
        raise _raisable(error_class)
    assert SECRET not in str(raised.value)
    assert raised.value.__suppress_context__
    assert raised.value.reason in set(Trouble)


def test_the_map_names_every_library_that_connectors_call() -> None:
    assert all(issubclass(root, FOREIGN) for root in FOREIGN_ROOTS)


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_has_a_fault_with_a_place_and_a_way_out(trouble: Trouble) -> None:
    error = fault(trouble, "The database 'practice'")
    assert "The database 'practice'" in str(error)
    assert (error.reason, str(error)[-1]) == (str(trouble), ".")


def test_all_troubles_read_differently() -> None:
    assert len({str(fault(trouble, "X")) for trouble in Trouble}) == len(Trouble)


def test_a_fault_of_ours_passes_unchanged() -> None:
    ours = fault(Trouble.LOCKED, "X")
    with pytest.raises(SourceError) as raised, translated("Y"):
        raise ours
    assert raised.value is ours
