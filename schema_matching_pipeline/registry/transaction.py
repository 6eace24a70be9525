"""One open transaction of one tenant, as the repositories use it: statements in, rows out."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast

import psycopg
from psycopg.rows import dict_row
from pydantic import TypeAdapter
from sqlalchemy import Connection

from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.registry.faults import fault_of

Value = TypeVar("Value")
Row = Mapping[str, Any]
"""One row of an answer, by the names of its columns."""

_ANYTHING: TypeAdapter[object] = TypeAdapter(object)
_NAME = re.compile(r"(?<![:\w]):(\w+)")
_STATEMENTS_KEPT = 2000  # some hundreds, each in a few forms
_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


@dataclass(frozen=True)
class Transaction:
    """A connection inside a transaction, with the tenant and the actor it was opened for."""

    connection: Connection
    tenant_id: TenantId
    actor: str

    def run(self, statement: str, **values: object) -> int:
        """Executes a statement; says how many rows it touched."""
        return self._executed(statement, values).rowcount

    def rows(self, statement: str, **values: object) -> Sequence[Row]:
        """All rows of a query."""
        return self._executed(statement, values).fetchall()

    def row(self, statement: str, **values: object) -> Row | None:
        """The first row of a query, or None."""
        return self._executed(statement, values).fetchone()

    def one(self, statement: str, **values: object) -> Row:
        """The only row of a query that always has one."""
        (row,) = self._executed(statement, values).fetchall()
        return row

    def packed_rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """All rows of a query in the driver's binary form, ten times faster for megabytes of hashes.

        The statement is the driver's own: it names values as ``%(name)s``.
        """
        with self._faults(), self._driver.cursor(binary=True) as cursor:
            return cursor.execute(statement, values).fetchall()

    def json(self, query: str, **values: object) -> str | None:
        """The JSON text of a query, or call, for one document; reading it as text skips a parse."""
        document = self.one(f"select ({query})::text as document", **values)["document"]
        return None if document is None else str(document)

    def _executed(self, statement: str, values: Mapping[str, object]) -> psycopg.Cursor[dict[str, Any]]:
        """The driver's own cursor: what lies between it and the statement costs more than a short question."""
        with self._faults():
            return self._driver.cursor(row_factory=dict_row).execute(driver_statement(statement), values)

    @property
    def _driver(self) -> psycopg.Connection[tuple[Any, ...]]:
        return cast("psycopg.Connection[tuple[Any, ...]]", self.connection.connection.driver_connection)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Errors of the database become faults of the product; a connection that broke is not used again."""
        try:
            yield
        except psycopg.Error as error:
            if self._driver.closed:
                self.connection.invalidate(error)
            raise fault_of(error) from error


@lru_cache(_STATEMENTS_KEPT)
def driver_statement(statement: str) -> bytes:
    """The statement as the driver takes it: values are named ``%(name)s`` there, and a percent sign is doubled.

    >>> driver_statement("select :one::text like '%x' and a = any(:two)")
    b"select %(one)s::text like '%%x' and a = any(%(two)s)"
    """
    return _NAME.sub(r"%(\1)s", statement.replace("%", "%%")).encode()


def to_json(value: object) -> str:
    r"""JSON text that PostgreSQL's ``jsonb`` takes: it knows no NUL character, so that one is replaced.

    >>> to_json("a\0b")
    '"a\\ufffdb"'
    """
    return without_nul(_ANYTHING.dump_json(value).decode())


def without_nul(json_text: str) -> str:
    """The JSON text with every NUL character replaced by the replacement character."""
    return _ESCAPED_NUL.sub(r"\1\\ufffd", json_text) if "\\u0000" in json_text else json_text


def from_json(adapter: TypeAdapter[Value], document: str) -> Value:
    """The values a document holds."""
    with collection_paused():
        return adapter.validate_json(document)


@contextmanager
def collection_paused() -> Iterator[None]:
    """No garbage collection inside: thousands of new values would set it off time and again, for nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
