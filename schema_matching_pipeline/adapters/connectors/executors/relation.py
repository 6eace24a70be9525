"""What DuckDB can select from: a staged table, a table of a DuckDB file, or a file it reads by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import duckdb

from schema_matching_pipeline.adapters.connectors.typed_select import TypedColumn


@dataclass(frozen=True, slots=True)
class Relation:
    """Something to select from, and what its columns are called and typed there, by their own names.

    ``is_canonical`` says that every value is canonical text already. ``is_costly`` says that every statement
    pays for all columns of a wide relation, so that a few of them are better copied first.
    """

    connection: duckdb.DuckDBPyConnection
    name: str
    columns: Mapping[str, TypedColumn]
    is_canonical: bool = False
    is_costly: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """A file as DuckDB reads it by itself: what to select from, and its columns.

    ``is_parsed`` says that every look at it parses the whole file, so that it is copied once.
    """

    source: str
    columns: Mapping[str, TypedColumn]
    is_parsed: bool


@runtime_checkable
class Scannable(Protocol):
    """A table of a file that DuckDB may be able to read by itself."""

    def scan(self) -> Scan | None:
        """How DuckDB reads it; None where only ``batches`` does."""
        ...


@contextmanager
def opened(relation: Relation) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor of its own, with temporary tables of its own, to which moments with a zone are in UTC."""
    with relation.connection.cursor() as cursor:
        cursor.execute("SET TimeZone = 'UTC'")
        yield cursor
