"""JSON documents: an array of objects is a table, an object of arrays is a table each.

Objects within objects become columns with dots in their names, lists of objects tables of their own. Numbers
keep the digits the file gives them. Arrays at the top, and
lists of objects in an object there, are read item by item.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, Setup
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.nested import Figure, Nested
from schema_matching_pipeline.adapters.connectors.packing import opened
from schema_matching_pipeline.adapters.connectors.record_shape import LOOKED_AT, Shape, shape_of
from schema_matching_pipeline.adapters.connectors.records import RecordTables, read_alone, read_together
from schema_matching_pipeline.adapters.connectors.text_encoding import encoding_of
from schema_matching_pipeline.errors import SourceUnreadableError

_BLANKS = re.compile(r"[ \t\r\n]*")
_CHUNK = 1024 * 1024
_HEAD_BYTES = 4096
# An escape, or a word such as false.
_LONGEST_SIGN = 16
# Objects at the top of larger files are not held as a whole.
_LARGE_BYTES = 8 * 1024 * 1024


class JsonDocument:
    """Reads files that hold one JSON value."""

    suffixes: tuple[str, ...] = (".json",)

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """The tables of the document.

        Raises:
            SourceError: it is no JSON; the message names the line. Or there is no record in it.
        """
        is_large = path.stat().st_size > _LARGE_BYTES
        with translated(path.name, table=name):
            return read_alone(
                path,
                name,
                setup.folder,
                lambda records: _read(path, name, records, is_large=is_large),
                whole=[name] if is_large else [],
            )

    def shape(self, path: Path) -> Shape | None:
        """The names in the first records; of a single large one nothing.

        Raises:
            SourceUnreadableError: it is no JSON; the message names the line.
        """
        with translated(path.name), opened(path) as file:
            reading = _Reading(io.TextIOWrapper(file, encoding=_encoding_of(path)))
            try:
                is_document = reading.next_sign() == "{"
                if is_document and path.stat().st_size > _LARGE_BYTES:
                    return None
                return shape_of(islice(reading.records(), LOOKED_AT), is_document=is_document)
            except json.JSONDecodeError as error:
                raise broken_json(path, path.stem, error.lineno) from None

    def together(self, paths: Sequence[Path], name: str, setup: Setup) -> FileTables:
        """The tables of all documents."""
        return read_together(
            paths, name, setup.folder, lambda path, records: _read(path, name, records, is_large=False)
        )


FORMATS.register("json")(JsonDocument())


def _read(path: Path, name: str, records: RecordTables, *, is_large: bool) -> None:
    with opened(path) as file:
        reading = _Reading(io.TextIOWrapper(file, encoding=_encoding_of(path)))
        try:
            reading.put_into(records, name, in_parts=is_large)
        except json.JSONDecodeError as error:
            raise broken_json(path, name, error.lineno) from None


def _encoding_of(path: Path) -> str:
    with opened(path) as file:
        return encoding_of(path, file.read(_HEAD_BYTES))


def parse_json(text: str) -> Nested:
    """One JSON value; numbers keep their spelling, what JSON does not allow as a number is nothing."""
    value: Nested = json.loads(text, parse_float=Figure, parse_int=Figure, parse_constant=_no_figure)
    return value


def broken_json(path: Path, table: str, line: int) -> SourceUnreadableError:
    """The fault that names the line where JSON breaks."""
    return SourceUnreadableError(
        f"Table {table!r} cannot be read: line {line} of {path.name!r} is not valid JSON. Mend the file or export it again.",
        source=path.name,
        table=table,
        reason="UNREADABLE",
    )


class _Reading:
    """One pass over the text of a document, of which no more is held than the value being read and a little."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._file, self._text, self._at, self._lines, self._is_over = text, "", 0, 0, False
        self._decoder = json.JSONDecoder(parse_float=Figure, parse_int=Figure, parse_constant=_no_figure)

    def put_into(self, records: RecordTables, name: str, *, in_parts: bool) -> None:
        """All records; an object at the top is read ``in_parts`` where it may be too large to be held."""
        if in_parts and self.next_sign() == "{":
            records.add(name, self._object(records, name))
        records.add_all(name, self.records())

    def records(self) -> Iterator[Nested]:
        """All records; objects one after the other are read too, where lines are merely named like a document."""
        if self.next_sign() == "[":
            yield from self._items()
            if self.next_sign():
                raise self._broken()
        while self.next_sign():
            yield self._value()

    def next_sign(self) -> str:
        """The next sign that is no blank, which stays to be read; empty at the end."""
        while True:
            self._at = _BLANKS.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches anywhere
            if self._at < len(self._text) or self._is_over:
                return self._text[self._at : self._at + 1]
            self._read_on()

    def _object(self, records: RecordTables, name: str) -> Nested:
        """The object that begins here without its lists of objects, which go to tables of their own item by item."""
        held: dict[str, Nested] = {}
        for _ in self._parts("}"):
            key = self._value()
            if not isinstance(key, str) or isinstance(key, Figure) or self.next_sign() != ":":
                raise self._broken()
            self._at += 1
            if self.next_sign() != "[":
                held[key] = self._value()
                continue
            items = self._items()
            first = next(items, None)
            if isinstance(first, Mapping):
                table, parent_key = f"{name}_{key.replace('.', '_')}", records.next_key(name)
                for item in chain([first], items):
                    records.add(table, item, parent=name, parent_key=parent_key)
            else:
                held[key] = [first, *items] if first is not None else [*items]
        return held

    def _items(self) -> Iterator[Nested]:
        """The items of the array that begins here."""
        for _ in self._parts("]"):
            yield self._value()

    def _parts(self, end: str) -> Iterator[None]:
        """Stops before each part of what begins here, up to its end."""
        self._at += 1
        while self.next_sign() != end:
            yield
            sign = self.next_sign()
            if sign not in {",", end}:
                raise self._broken()
            self._at += sign == ","
            if sign == "," and self.next_sign() == end:
                raise self._broken()
        self._at += 1

    def _value(self) -> Nested:
        self.next_sign()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos > len(self._text) - _LONGEST_SIGN
                if is_cut and not self._is_over:
                    self._read_on()
                    continue
                raise self._broken(error.pos) from None
            # A figure that ends where the text held ends may go on.
            if end == len(self._text) and not self._is_over:
                self._read_on()
                continue
            self._at = end
            found: Nested = value
            return found

    def _read_on(self) -> None:
        """Lets go of what was read, and takes up as much again as is left, so that long values are few tries."""
        self._lines += self._text.count("\n", 0, self._at)
        left = self._text[self._at :]
        more = self._file.read(max(_CHUNK, len(left)))
        self._text, self._at, self._is_over = left + more, 0, not more

    def _broken(self, at: int | None = None) -> json.JSONDecodeError:
        found = json.JSONDecodeError("", self._text, self._at if at is None else at)
        found.lineno += self._lines
        return found


def _no_figure(_: str) -> None:
    return None
