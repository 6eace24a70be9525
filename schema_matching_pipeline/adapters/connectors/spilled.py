"""Tables that were unpacked from a file once and wait on disk as Arrow, in the source's temporary folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.catalog import FileTable, ForeignColumn
from schema_matching_pipeline.model.source import SourceColumn


@dataclass(frozen=True, slots=True)
class SpilledTable:
    """One unpacked table; its parts may lack columns, which are null there."""

    name: str
    columns: tuple[SourceColumn, ...]
    row_estimate: int
    parts: tuple[Path, ...]
    key: str | None = None
    reference: ForeignColumn | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, part by part."""
        for part in self.parts:
            with pa.memory_map(str(part)) as source, pa.ipc.open_file(source) as reader:
                for place in range(reader.num_record_batches):
                    yield self._completed(reader.get_batch(place))

    def _completed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        held = set(batch.schema.names)
        columns = [
            batch.column(column.name) if column.name in held else pa.nulls(batch.num_rows, pa.string())
            for column in self.columns
        ]
        return pa.RecordBatch.from_arrays(columns, names=[column.name for column in self.columns])


def kept_apart(tables: Sequence[FileTable], taken: set[str], prefix: str) -> tuple[FileTable, ...]:
    """The tables of one file; those whose names others have ``taken``, in small letters, get a prefix."""
    names = {
        table.name: f"{prefix}_{table.name}"
        for table in tables
        if table.name.casefold() in taken and isinstance(table, SpilledTable)
    }
    return tuple(_renamed(table, names) if isinstance(table, SpilledTable) else table for table in tables)


def _renamed(table: SpilledTable, names: Mapping[str, str]) -> SpilledTable:
    reference = table.reference
    if reference and reference.referred_table in names:
        reference = replace(reference, referred_table=names[reference.referred_table])
    return replace(table, name=names.get(table.name, table.name), reference=reference)


def spill(arrays: Sequence[pa.Array], names: Sequence[str], folder: Path) -> Path:
    """The file that now holds these columns."""
    path = folder / f"{uuid4().hex}.arrow"
    batch = pa.RecordBatch.from_arrays(list(arrays), names=list(names))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return path
