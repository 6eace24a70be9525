"""Nested records, from JSON or XML, as flat tables.

An object within a record becomes columns named with dots; a list of objects becomes a table of its own, whose
rows point to the record they were in; a list of plain values stays one value, written as JSON. A record that
holds nothing but lists of objects leaves no table of its own. Where the records of a list are of several kinds that a
text in each names, each kind is a table, called after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, canonical_text
from schema_matching_pipeline.adapters.connectors.catalog import FileTables, ForeignColumn
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault, table_of, translated
from schema_matching_pipeline.adapters.connectors.nested import Figure, Nested
from schema_matching_pipeline.adapters.connectors.record_kinds import (
    KindField,
    Sight,
    constants,
    kind_field,
    name_at,
    sight_of,
)
from schema_matching_pipeline.adapters.connectors.spilled import SpilledTable, spill
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.source import SourceColumn, TableTrouble

KEY = "_id"
PARENT_KEY = "_parent_id"
# What waits for the disk, whichever is reached first.
_BATCH_ROWS = 20_000
_BATCH_LETTERS = 8_000_000
# Records of a list that are looked at to tell whether they are of several kinds.
_LOOKED_AT = 500
_MOST_TABLES = 200
_NO_NAME = re.compile(r"\W+")


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


class _HalfReadError(Exception):
    """A file broke off after some of its records had been put in; all are to be read again without it."""


class KindsFoundError(Exception):
    """Records of several kinds were found after some had been put into one table; they are to be read again."""

    def __init__(self, fields: Mapping[str, KindField]) -> None:
        super().__init__(*fields)
        self.fields = fields


def read_records(
    folder: Path, read: Callable[[RecordTables], None], whole: Iterable[str] = ()
) -> tuple[SpilledTable, ...]:
    """The tables of what ``read`` puts in; it is called again where lists prove to be of several kinds.

    Tables whose name is known before their records are complete stay ``whole``.
    """
    fields = dict[str, KindField]()
    while True:
        records = RecordTables(folder, fields, whole)
        try:
            read(records)
            return records.finish()
        except KindsFoundError as found:
            records.discard()
            fields |= found.fields
        except _HalfReadError:
            records.discard()


def read_alone(
    path: Path, name: str, folder: Path, read: Callable[[RecordTables], None], whole: Iterable[str] = ()
) -> FileTables:
    """The tables of what ``read`` puts in from one file.

    Raises:
        SourceError: there is none.
    """
    tables = read_records(folder, read, whole)
    if not tables:
        raise fault(Trouble.NO_TABLE_INSIDE, table_of(path.name, name), table=name)
    return FileTables(tables)


def read_together(
    paths: Sequence[Path],
    name: str,
    folder: Path,
    read: Callable[[Path, RecordTables], TableTrouble | None],
    whole: Iterable[str] = (),
) -> FileTables:
    """The tables of what ``read`` puts in from each file; a file that cannot be read is told, and the others go on.

    ``read`` tells what of a file it left out.
    """
    troubles = dict[Path, TableTrouble]()
    broken = set[Path]()

    def read_all(records: RecordTables) -> None:
        for path in paths:
            if path in broken:
                continue
            before = records.rows
            try:
                with translated(path.name, table=name):
                    left_out = read(path, records)
                if left_out:
                    troubles[path] = left_out
            except SourceError as error:
                troubles[path] = TableTrouble(table=name, code=error.code, message=str(error))
                broken.add(path)
                if records.rows > before:
                    raise _HalfReadError from None

    return FileTables(read_records(folder, read_all, whole), tuple(troubles.values()))


class RecordTables:
    """Takes records and gives the tables they make."""

    def __init__(
        self, folder: Path, fields: Mapping[str, KindField] | None = None, whole: Iterable[str] = ()
    ) -> None:
        self._folder, self._fields, self._whole = folder, fields or {}, {*whole}
        self._tables: dict[str, _Collected] = {}
        self._named: dict[tuple[str, str], str] = {}
        self._watched: dict[str, _Watch] = {}
        self._children: dict[tuple[str, str], str] = {}

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(table.count for table in self._tables.values())

    def add(self, name: str, record: Nested, *, parent: str | None = None, parent_key: str = "") -> None:
        """One more record of the table ``name``, with everything nested in it; its parent may follow.

        Raises:
            KindsFoundError: the records of the table are of several kinds.
        """
        if parent:
            self._tables.setdefault(parent, _Collected(parent, None))
        if isinstance(record, Mapping):
            name, record = self._of_kind(name, record, parent)
        table = self._tables.setdefault(name, _Collected(name, parent))
        table.count += 1
        key = str(table.count)
        row: dict[str, str | bool | None] = {KEY: Figure(key)}
        if parent:
            row[PARENT_KEY] = Figure(parent_key)
        for path, child in _flatten(record, "", row):
            self.add(self._child_table(name, path), child, parent=name, parent_key=key)
        table.rows.append(row)
        table.letters += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(table.rows) >= _BATCH_ROWS or table.letters >= _BATCH_LETTERS:
            self._flush(table)

    def next_key(self, name: str) -> str:
        """The key that the next record of a table will have."""
        table = self._tables.get(name)
        return str(table.count + 1 if table else 1)

    def add_all(self, name: str, records: Iterable[Nested]) -> None:
        """More records of the table ``name``."""
        for record in records:
            self.add(name, record)

    def finish(self) -> tuple[SpilledTable, ...]:
        """All tables that have columns of their own, in the order they were met.

        Raises:
            KindsFoundError: the records of some are of several kinds.
        """
        found = {name: telling for name, watch in self._watched.items() if (telling := watch.decide())}
        if found:
            raise self._kinds_found(found)
        for table in self._tables.values():
            self._flush(table)
        kept = {name: table for name, table in self._tables.items() if set(table.kinds) - {KEY, PARENT_KEY}}
        parents = {table.parent for table in kept.values() if table.parent in kept}
        return tuple(_finished(table, kept, is_parent=name in parents) for name, table in kept.items())

    def discard(self) -> None:
        """Lets go of everything."""
        for table in self._tables.values():
            for part in table.parts:
                part.unlink()

    def _of_kind(
        self, name: str, record: Mapping[str, Nested], parent: str | None
    ) -> tuple[str, Mapping[str, Nested]]:
        """The table a record belongs to, and the record itself; a list that is not known is watched."""
        telling = self._fields.get(name)
        if telling is None:
            if name not in self._named.values():
                self._watch(name, record)
            return name, record
        kind = telling.kind_of(record)
        if kind is None:
            return name, record
        return self._kind_table(name, kind, parent), telling.own(record)

    def _kind_table(self, name: str, kind: str, parent: str | None) -> str:
        """A kind of the outermost list is called by its own name, one further in after the list, too."""
        known = self._named.get((name, kind))
        if known:
            return known
        if sum(place == name for place, _ in self._named) >= _MOST_TABLES:
            return name
        own = _NO_NAME.sub("_", kind)
        is_outermost = parent is None or self._tables[parent].parent is None
        taken = {held.casefold() for held in (*self._named.values(), *self._tables)}
        wanted = own if is_outermost and own.casefold() not in taken else f"{name}_{own}"
        table = self._named[name, kind] = _free(wanted, taken)
        return table

    def _child_table(self, name: str, path: str) -> str:
        """A list within the records of a table is called after both, unless a kind is called so."""
        if (name, path) not in self._children:
            others = (held for place, held in self._children.items() if place != (name, path))
            taken = {held.casefold() for held in (*self._named.values(), *others)}
            self._children[name, path] = _free(f"{name}_{path.replace('.', '_')}", taken)
        return self._children[name, path]

    def _watch(self, name: str, record: Mapping[str, Nested]) -> None:
        if name in self._whole:
            return
        watch = self._watched.get(name)
        if watch is None:
            watch = self._watched[name] = _Watch()
        if watch.see(record) and (telling := watch.decide()):
            raise self._kinds_found({name: telling})

    def _kinds_found(self, found: Mapping[str, KindField]) -> KindsFoundError:
        """With the record around a list of kinds, where it names its own in the same way."""
        outer = dict[str, KindField]()
        for name, telling in found.items():
            parent = self._tables[name].parent
            around = KindField(telling.path[-1:])
            if parent and (watch := self._watched.get(parent)) and watch.all_have(around.path):
                outer[parent] = around
        return KindsFoundError(outer | {**found})

    def _flush(self, table: _Collected) -> None:
        if not table.rows:
            return
        names = list(dict.fromkeys(name for row in table.rows for name in row))
        arrays = [_column([row.get(name) for row in table.rows], table, name) for name in names]
        table.parts.append(spill(arrays, names, self._folder))
        table.rows, table.letters = [], 0


class _Watch:
    """Looks at the first records of a list; and again where a text that they had alike is another one later."""

    __slots__ = ("_constants", "_sights")

    def __init__(self) -> None:
        self._sights: list[Sight] = []
        self._constants: dict[tuple[str, ...], str] | None = None

    def see(self, record: Mapping[str, Nested]) -> bool:
        """Takes note of a record; says whether there are enough to decide."""
        if self._constants is not None:
            if all(name_at(record, path) == text for path, text in self._constants.items()):
                return False
            # One in two, so that those that were seen and those that come weigh alike.
            self._sights, self._constants = self._sights[::2], None
        self._sights.append(sight_of(record))
        return len(self._sights) >= _LOOKED_AT

    def decide(self) -> KindField | None:
        """What names the kinds of those that were seen, if they are of several."""
        if self._constants is not None:
            return None
        self._constants = constants(self._sights)
        return kind_field(self._sights)

    def all_have(self, path: tuple[str, ...]) -> bool:
        """Whether a text that may be a name stands at that place of all that were seen."""
        return all(path in sight.texts for sight in self._sights)


def _free(wanted: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where it is taken; ``taken`` are names in lower case.

    >>> _free("Visits", {"visits", "visits_2"}), _free("stays", {"visits"})
    ('Visits_3', 'stays')
    """
    if wanted.casefold() not in taken:
        return wanted
    return next(name for number in count(2) if (name := f"{wanted}_{number}").casefold() not in taken)


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
