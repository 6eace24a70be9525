"""Tables copied once into a DuckDB database of this process, to be measured and asked questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from threading import Lock

import duckdb
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.executors.relation import Relation, Scan
from schema_matching_pipeline.adapters.connectors.quiet_duckdb import connect_duckdb
from schema_matching_pipeline.adapters.connectors.typed_select import TypedColumn
from schema_matching_pipeline.model.policy import ProfilePolicy

# From this many columns on the planning of a statement takes longer than a copy of the columns it asks about.
_WIDE = 100
_COLUMNS_A_SLICE = 25
_GROWTH = 1.5  # bytes in memory of a byte in a file: a table of persons takes 1.4, and what does not fit goes to disk


class Staging:
    """A DuckDB database that takes to a temporary folder what its memory does not hold.

    It takes as much memory as the source has bytes, within the limits of the policy.
    """

    def __init__(self, folder: Path, policy: ProfilePolicy, source_bytes: int | None) -> None:
        most, least = policy.staging_memory_megabytes, policy.staging_least_megabytes
        wanted = most if source_bytes is None else source_bytes // 1_300_000
        megabytes = min(most, max(least, wanted))
        self._memory_bytes = megabytes * 1_000_000
        self._connection = connect_duckdb()
        self._connection.execute(f"SET memory_limit = '{megabytes}MB'")
        self._connection.execute("SET preserve_insertion_order = false")
        self._connection.execute("SET temp_directory = $folder", {"folder": str(folder)})
        self._tables = 0
        self._lock = Lock()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The open database."""
        return self._connection

    def close(self) -> None:
        """Lets go of the database; its folder is removed by whoever made it."""
        self._connection.close()

    def stage(self, width: int, batches: Iterable[pa.RecordBatch]) -> str:
        """The name of a new table with these rows of canonical text."""
        names = [f"c{place}" for place in range(width)]
        schema = pa.schema([(name, pa.string()) for name in names])
        texts = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in batches)
        with closing(pa.RecordBatchReader.from_batches(schema, texts)) as incoming:
            return self._create(incoming)

    def scanned(self, scan: Scan) -> Relation:
        """A file as something to measure: where it lies, or as many columns at a time as the memory holds."""
        at_once = self._at_once(scan)
        return Relation(self._connection, scan.source, scan.columns, copied_columns=at_once, never=scan.never)

    def _at_once(self, scan: Scan) -> int | None:
        width = len(scan.columns)
        if scan.parsed_bytes is None:
            return _COLUMNS_A_SLICE if width > _WIDE else None
        looks = max(ceil(_GROWTH * scan.parsed_bytes / self._memory_bytes), ceil(width / _WIDE))
        return ceil(width / looks)

    def ask(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """The rows of one statement."""
        with self._connection.cursor() as cursor:
            return cursor.execute(statement, list(parameters)).fetchall()

    def table(self, statement: str) -> pa.Table:
        """The rows of one statement as Arrow."""
        with self._connection.cursor() as cursor:
            return cursor.sql(statement).to_arrow_table()

    def _create(self, incoming: pa.RecordBatchReader) -> str:
        with self._lock:
            self._tables += 1
            name = f"staged_{self._tables}"
            self._connection.register("incoming", incoming)
            try:
                self._connection.execute(f"CREATE TABLE {name} AS FROM incoming")
            finally:
                self._connection.unregister("incoming")
        return name


@dataclass(frozen=True, slots=True)
class Staged:
    """One staged table: its name in the staging database, and its columns in the order they were staged."""

    staging: Staging
    name: str
    columns: tuple[str, ...]

    def place(self, column: str) -> str:
        """What a column is called in the staging database."""
        return f"c{self.columns.index(column)}"

    @property
    def relation(self) -> Relation:
        """The table as something to measure."""
        columns = {name: TypedColumn(f"c{place}", "VARCHAR") for place, name in enumerate(self.columns)}
        return Relation(self.staging.connection, self.name, columns, is_canonical=True)
