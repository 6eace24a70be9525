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

    ``is_canonical`` says that every value is canonical text already. ``copied_columns`` is how many columns are
    copied at a time before they are measured, where every look at the relation costs more than the copy; None
    where the columns are measured where they lie. ``never`` is a column and what no row of it holds, if the relation
    is what it was taken for.
    """

    connection: duckdb.DuckDBPyConnection
    name: str
    columns: Mapping[str, TypedColumn]
    is_canonical: bool = False
    copied_columns: int | None = None
    never: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """A file as DuckDB reads it by itself: what to select from, and its columns.

    ``parsed_bytes`` is how much every look at it parses; None where a look at a column reads that column alone.
    ``never`` is a column and what none of its rows may hold: where one does, DuckDB cannot read the file by itself.
    """

    source: str
    columns: Mapping[str, TypedColumn]
    parsed_bytes: int | None = None
    never: tuple[str, str] | None = None


class NotAsTakenError(Exception):
    """A relation holds what it never does if it is what it was taken for."""


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
        if any("TIME ZONE" in column.data_type.upper() for column in relation.columns.values()):
            cursor.execute("SET TimeZone = 'UTC'")
        yield cursor
