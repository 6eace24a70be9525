"""Whether an export holds again what the one before it held: a dump of all rows, not the rows that came since.

Rows are told by the first column whose values are all different. Where nearly all of those of the older export stand in
the newer one too, and most of the other cells of their rows are the same, the newer one took the older one's place.
Numbers that merely begin anew in each file find rows with other cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.canonical_text import canonical_text, kind_of_arrow
from schema_matching_pipeline.adapters.connectors.catalog import FileTable

_LOOKED_AT = 2_000  # rows of the older export
_FEWEST = 20  # rows that can tell
_FOUND_AGAIN = 0.9
_CELLS_ALIKE = 0.7

_Row = dict[str, str | None]


def repeats(newer: FileTable, older: FileTable) -> bool:
    """Whether the newer export holds the older one's rows again."""
    shared = [c.name for c in older.columns if c.name in {column.name for column in newer.columns}]
    rows = _first_rows(older, shared)
    key = next((name for name in shared if _tells_apart(rows, name)), None)
    if key is None or len(rows) < _FEWEST:
        return False
    wanted = {row[key]: row for row in rows}
    found = _found_again(newer, shared, key, wanted)
    if len(found) < _FOUND_AGAIN * len(wanted):
        return False
    others = [name for name in shared if name != key]
    alike = [wanted[value][name] == row[name] for value, row in found.items() for name in others]
    return bool(alike) and sum(alike) >= _CELLS_ALIKE * len(alike)


def _found_again(
    table: FileTable, names: list[str], key: str, wanted: Mapping[str | None, _Row]
) -> dict[str | None, _Row]:
    """The rows of the wanted keys; the table is read no further than the last of them."""
    found: dict[str | None, _Row] = {}
    keys = pa.array(list(wanted), pa.string())
    for batch in table.batches():
        own = _text(batch, key)
        held = batch.filter(pc.is_in(own, value_set=keys))
        found.update((row[key], row) for row in _rows_of(held, names))
        if len(found) == len(wanted):
            break
    return found


def _first_rows(table: FileTable, names: list[str]) -> list[_Row]:
    rows = (row for batch in table.batches() for row in _rows_of(batch, names))
    return list(islice(rows, _LOOKED_AT))


def _rows_of(batch: pa.RecordBatch, names: list[str]) -> Iterator[_Row]:
    columns = [_text(batch, name).to_pylist() for name in names]
    yield from (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))


def _text(batch: pa.RecordBatch, name: str) -> pa.Array:
    return canonical_text(batch.column(name), kind_of_arrow(batch.schema.field(name).type))


def _tells_apart(rows: list[_Row], name: str) -> bool:
    values = {row[name] for row in rows}
    return len(values) == len(rows) and None not in values and "" not in values
