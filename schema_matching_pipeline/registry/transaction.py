"""One open transaction of one tenant, as the repositories use it: statements in, rows out."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, text

from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.registry.faults import fault_of

Value = TypeVar("Value")

_ANYTHING: TypeAdapter[object] = TypeAdapter(object)
_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


@dataclass(frozen=True)
class Transaction:
    """A connection inside a transaction, with the tenant and the actor it was opened for."""

    connection: Connection
    tenant_id: TenantId
    actor: str

    def run(self, statement: str, **values: object) -> int:
        """Executes a statement; says how many rows it touched."""
        return self.connection.execute(text(statement), values).rowcount

    def rows(self, statement: str, **values: object) -> Sequence[RowMapping]:
        """All rows of a query."""
        return self.connection.execute(text(statement), values).mappings().all()

    def row(self, statement: str, **values: object) -> RowMapping | None:
        """The first row of a query, or None."""
        return self.connection.execute(text(statement), values).mappings().first()

    def one(self, statement: str, **values: object) -> RowMapping:
        """The only row of a query that always has one."""
        return self.connection.execute(text(statement), values).mappings().one()

    def packed_rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """All rows of a query in the driver's binary form, ten times faster for megabytes of hashes.

        The statement is the driver's own: it names values as ``%(name)s``.
        """
        driver: psycopg.Connection[tuple[Any, ...]] = self.connection.connection.driver_connection  # type: ignore[assignment]  # our engine has this driver
        try:
            with driver.cursor(binary=True) as cursor:
                return cursor.execute(statement, values).fetchall()
        except psycopg.Error as error:
            raise fault_of(error) from error

    def json(self, query: str, **values: object) -> str | None:
        """The JSON text of a query, or call, for one document; reading it as text skips a parse."""
        document = self.connection.execute(text(f"select ({query})::text"), values).scalar()
        return None if document is None else str(document)


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
