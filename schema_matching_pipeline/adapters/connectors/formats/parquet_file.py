"""Parquet: one table a file, types as declared; nested columns become JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, ForeignColumn, Setup
from schema_matching_pipeline.adapters.connectors.executors.relation import Scan
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.quiet_duckdb import connect_duckdb
from schema_matching_pipeline.adapters.connectors.typed_select import (
    TypedColumn,
    described,
    plain_path,
    select_texts,
)
from schema_matching_pipeline.model.source import SourceColumn


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A Parquet file, not read yet."""

    name: str
    path: Path
    typed: tuple[TypedColumn, ...]
    row_estimate: int
    setup: Setup
    key: str | None = None
    reference: ForeignColumn | None = None

    @property
    def columns(self) -> tuple[SourceColumn, ...]:
        """Its columns with the types of the file."""
        return tuple(
            SourceColumn(name=column.name, position=place, data_type=column.data_type)
            for place, column in enumerate(self.typed)
        )

    def scan(self) -> Scan:
        """The file itself: it is columnar, so that no look at a column reads the others."""
        return Scan(_relation(self.path), {column.name: column for column in self.typed})

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows in canonical text."""
        with translated(self.path.name, table=self.name), connect_duckdb() as connection:
            yield from select_texts(connection, _relation(self.path), self.typed, self.setup.policy)


class ParquetFile:
    """Reads Parquet files."""

    suffixes: tuple[str, ...] = (".parquet", ".parq", ".pq")

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """The one table of the file.

        Raises:
            SourceError: it is no Parquet file.
        """
        with translated(path.name, table=name), connect_duckdb() as connection:
            plain = plain_path(path, setup.folder)
            typed = described(connection, _relation(plain))
            [(rows,)] = connection.execute(f"SELECT count(*) FROM {_relation(plain)}").fetchall()
        return FileTables((ParquetTable(name, plain, typed, int(rows), setup),))


FORMATS.register("parquet")(ParquetFile())


def _relation(path: Path) -> str:
    # A statement that describes another takes no parameters; quotes in the path are doubled instead.
    return "read_parquet('" + str(path).replace("'", "''") + "')"
