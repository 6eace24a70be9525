"""YAML: a list of mappings is a table, as in JSON; several documents in one file are its records together.

Text stays text: ``no``, ``on``, days and figures with leading zeros are what is written. Only plain ``true``,
``false``, ``null`` and figures as JSON writes them are more. The file is read piece by piece; what is named by an
anchor may be repeated, though not beyond measure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, cast

import yaml

from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, Setup
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.nested import Figure, Nested
from schema_matching_pipeline.adapters.connectors.packing import opened
from schema_matching_pipeline.adapters.connectors.record_shape import LOOKED_AT, Shape, shape_of
from schema_matching_pipeline.adapters.connectors.records import RecordTables, read_alone, read_together
from schema_matching_pipeline.errors import SourceUnreadableError

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_FIGURE = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_PLAIN: dict[str, bool | None] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip
_TEXT = "tag:yaml.org,2002:str"
_MERGE = "<<"
# Aliases that stand for more values than this altogether are made to do harm.
_MOST_REPEATED = 1_000_000
_DEEPEST = 200


class YamlDocument:
    """Reads YAML files."""

    suffixes: tuple[str, ...] = (".yaml", ".yml")

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """The tables of the file.

        Raises:
            SourceError: it is no YAML; the message names the line. Or there is no record in it.
        """
        with translated(path.name, table=name):
            return read_alone(path, name, setup.folder, lambda records: _read(path, name, records))

    def shape(self, path: Path) -> Shape | None:
        """The names in the first records.

        Raises:
            SourceUnreadableError: it is no YAML; the message names the line.
        """
        with translated(path.name), opened(path) as file:
            records = [*islice(_records(path, path.stem, file), LOOKED_AT)]
        return shape_of(records, is_document=len(records) == 1)

    def together(self, paths: Sequence[Path], name: str, setup: Setup) -> FileTables:
        """The tables of all files."""
        return read_together(paths, name, setup.folder, lambda path, records: _read(path, name, records))


FORMATS.register("yaml")(YamlDocument())


def _read(path: Path, name: str, records: RecordTables) -> None:
    with opened(path) as file:
        records.add_all(name, _records(path, name, file))


def _records(path: Path, name: str, file: IO[bytes]) -> Iterator[Nested]:
    try:
        yield from _Reading(iter(yaml.parse(file, Loader=_Loader))).records()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise _unreadable(
            path, name, f"line {mark.line + 1 if mark else 1} of", "is not valid YAML"
        ) from None
    except yaml.YAMLError:
        raise _unreadable(path, name, "", "holds bytes that are no text") from None
    except _AstrayError as error:
        raise _unreadable(path, name, "", str(error)) from None


def _unreadable(path: Path, table: str, where: str, what: str) -> SourceUnreadableError:
    place = f"{where} {path.name!r}".strip()
    return SourceUnreadableError(
        f"Table {table!r} cannot be read: {place} {what}. Mend the file or export it again.",
        source=path.name,
        table=table,
        reason="UNREADABLE",
    )


class _AstrayError(ValueError):
    """A file that unfolds or nests beyond measure, or repeats what is not there."""


@dataclass(slots=True)
class _Reading:
    """One pass over the events of a file."""

    events: Iterator[yaml.Event]
    _named: dict[str, tuple[Nested, int]] = field(default_factory=dict)
    _values: int = 0
    _repeated: int = 0

    def records(self) -> Iterator[Nested]:
        """The items of lists at the top, and documents that are something else."""
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._named.clear()
                yield from self._document()

    def _document(self) -> Iterator[Nested]:
        event = next(self.events)
        if isinstance(event, yaml.SequenceStartEvent) and event.anchor is None:
            while not isinstance(item := next(self.events), yaml.SequenceEndEvent):
                yield self._value(item, 1)
        elif (value := self._value(event, 0)) is not None:
            if isinstance(value, str):
                raise _AstrayError("holds a text and no records")
            yield value

    def _value(self, event: yaml.Event, depth: int) -> Nested:
        if depth > _DEEPEST:
            raise _AstrayError(f"is nested more than {_DEEPEST} deep")
        if isinstance(event, yaml.AliasEvent):
            return self._again(event)
        before = self._values
        self._values += 1
        value = self._built(event, depth)
        if anchor := getattr(event, "anchor", None):
            self._named[anchor] = value, self._values - before
        return value

    def _built(self, event: yaml.Event, depth: int) -> Nested:
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Nested] = []
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self._value(inner, depth + 1))
            return items
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth)
        return _scalar(cast("yaml.ScalarEvent", event))

    def _mapping(self, depth: int) -> Nested:
        own: dict[str, Nested] = {}
        merged: dict[str, Nested] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            is_merge = isinstance(event, yaml.ScalarEvent) and event.value == _MERGE and event.implicit[0]
            key = (
                self._value(event, depth + 1) if not isinstance(event, yaml.ScalarEvent) else str(event.value)
            )
            value = self._value(next(self.events), depth + 1)
            if is_merge:
                for source in reversed(value if isinstance(value, list) else [value]):
                    merged |= source if isinstance(source, Mapping) else {}
            else:
                own[str(key)] = value
        return merged | own

    def _again(self, event: yaml.AliasEvent) -> Nested:
        if event.anchor not in self._named:
            raise _AstrayError("names something by an anchor that stands nowhere above")
        value, size = self._named[event.anchor]
        self._values += size
        self._repeated += size
        if self._repeated > _MOST_REPEATED:
            raise _AstrayError("unfolds to far more than it holds")
        return value


def _scalar(event: yaml.ScalarEvent) -> Nested:
    text = str(event.value)
    if not event.implicit[0] or event.tag == _TEXT:
        return text
    if text in _PLAIN:
        return _PLAIN[text]
    return Figure(text) if _FIGURE.fullmatch(text) else text
