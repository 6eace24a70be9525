"""Nested records, from JSON or XML, as flat tables.

An object within a record becomes columns named with dots; a list of objects becomes a table of its own, whose
rows point to the record they were in; a list of plain values stays one value, written as JSON. A record that
holds nothing but lists of objects leaves no table of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, canonical_text
from schema_matching_pipeline.adapters.connectors.catalog import ForeignColumn
from schema_matching_pipeline.adapters.connectors.spilled import SpilledTable, spill
from schema_matching_pipeline.model.source import SourceColumn

# A record after parsing: texts, figures, truth values, nothing, lists and records.
Nested = Mapping[str, "Nested | list[Nested] | str | bool | None"] | list["Nested"] | str | bool | None

KEY = "_id"
PARENT_KEY = "_parent_id"
# What waits for the disk, whichever is reached first.
_BATCH_ROWS = 20_000
_BATCH_LETTERS = 8_000_000


class Figure(str):
    """A number as the file writes it."""

    __slots__ = ()


@dataclass(slots=True)
class _Collected:
    """Rows of one table on their way to disk."""

    name: str
    parent: str | None
    rows: list[dict[str, str | bool | None]] = field(default_factory=list)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    parts: list[Path] = field(default_factory=list)
    count: int = 0
    letters: int = 0


class RecordTables:
    """Takes records and gives the tables they make."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, _Collected] = {}

    def add(self, name: str, record: Nested, *, parent: str | None = None, parent_key: str = "") -> None:
        """One more record of the table ``name``, with everything nested in it; its parent may follow."""
        if parent:
            self._tables.setdefault(parent, _Collected(parent, None))
        table = self._tables.setdefault(name, _Collected(name, parent))
        table.count += 1
        key = str(table.count)
        row: dict[str, str | bool | None] = {KEY: Figure(key)}
        if parent:
            row[PARENT_KEY] = Figure(parent_key)
        for path, child in _flatten(record, "", row):
            self.add(f"{name}_{path.replace('.', '_')}", child, parent=name, parent_key=key)
        table.rows.append(row)
        table.letters += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(table.rows) >= _BATCH_ROWS or table.letters >= _BATCH_LETTERS:
            self._flush(table)

    def add_all(self, name: str, records: Iterable[Nested]) -> None:
        """More records of the table ``name``."""
        for record in records:
            self.add(name, record)

    def finish(self) -> tuple[SpilledTable, ...]:
        """All tables that have columns of their own, in the order they were met."""
        for table in self._tables.values():
            self._flush(table)
        kept = {name: table for name, table in self._tables.items() if set(table.kinds) - {KEY, PARENT_KEY}}
        parents = {table.parent for table in kept.values() if table.parent in kept}
        return tuple(_finished(table, kept, is_parent=name in parents) for name, table in kept.items())

    def _flush(self, table: _Collected) -> None:
        if not table.rows:
            return
        names = list(dict.fromkeys(name for row in table.rows for name in row))
        arrays = [_column([row.get(name) for row in table.rows], table, name) for name in names]
        table.parts.append(spill(arrays, names, self._folder))
        table.rows, table.letters = [], 0


def _flatten(value: Nested, prefix: str, row: dict[str, str | bool | None]) -> list[tuple[str, Nested]]:
    """Puts the plain values of a record into a row; gives the records that make tables of their own."""
    if not isinstance(value, Mapping):
        _put(row, prefix or "value", value)
        return []
    children: list[tuple[str, Nested]] = []
    for name, inner in value.items():
        path = f"{prefix}.{name}" if prefix else name
        if inner is None or isinstance(
            inner, (str, bool)
        ):  # most are; what follows asks much slower questions
            row[path] = inner
        elif isinstance(inner, Mapping):
            children += _flatten(inner, path, row)
        elif isinstance(inner, list) and inner and all(isinstance(item, Mapping) for item in inner):
            children += [(path, item) for item in inner]
        else:
            _put(row, path, inner)
    return children


def _put(row: dict[str, str | bool | None], name: str, value: Nested) -> None:
    if isinstance(value, list):
        row[name] = json.dumps(value, ensure_ascii=False) if value else None
    elif not isinstance(value, Mapping):
        row[name] = value


def _column(values: list[str | bool | None], table: _Collected, name: str) -> pa.Array:
    kinds = {_kind(value) for value in values if value is not None}
    table.kinds.setdefault(name, set()).update(kinds)
    texts = pa.array(
        [str(value).lower() if isinstance(value, bool) else value for value in values], pa.string()
    )
    return canonical_text(texts, Kind.NUMBER) if kinds == {"number"} else texts


def _kind(value: str | bool) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, Figure) else "text"


def _finished(table: _Collected, kept: Mapping[str, _Collected], *, is_parent: bool) -> SpilledTable:
    nested = table.parent in kept
    hidden = set() if is_parent else {KEY}
    hidden |= set() if nested else {PARENT_KEY}
    names = [name for name in table.kinds if name not in hidden]
    return SpilledTable(
        name=table.name,
        columns=tuple(
            SourceColumn(name=name, position=place, data_type="|".join(sorted(table.kinds[name])) or "empty")
            for place, name in enumerate(names)
        ),
        row_estimate=table.count,
        parts=tuple(table.parts),
        key=KEY if is_parent else None,
        reference=ForeignColumn(PARENT_KEY, table.parent, KEY) if nested and table.parent else None,
    )
