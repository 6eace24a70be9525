"""JSON Lines: one JSON object a line. Nested objects and lists are treated as in JSON documents.

A line or a few that are no JSON are left out and reported with their numbers; more make the file unreadable.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from schema_matching_pipeline.adapters.connectors.bad_rows import CODE as ROWS_UNREADABLE
from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, Setup
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.formats.json_document import broken_json, parse_json
from schema_matching_pipeline.adapters.connectors.nested import Nested
from schema_matching_pipeline.adapters.connectors.packing import opened
from schema_matching_pipeline.adapters.connectors.record_shape import LOOKED_AT, Shape, shape_of
from schema_matching_pipeline.adapters.connectors.records import RecordTables, read_alone, read_together
from schema_matching_pipeline.model.source import TableTrouble

_MOST_BAD_SHARE = 0.05
_MOST_LINES_NAMED = 5


class JsonLines:
    """Reads files that hold one JSON value a line."""

    suffixes: tuple[str, ...] = (".jsonl", ".ndjson", ".jsonlines")

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """The tables of the file.

        Raises:
            SourceError: many lines are no JSON; the message names the first. Or there is none.
        """
        with translated(path.name, table=name):
            bad = _BadLines(path, name)
            held = read_alone(path, name, setup.folder, lambda records: _read(path, name, records, bad))
        first = held.tables[0].name
        if report := bad.report():
            setup.reports[first] = report.model_copy(update={"table": first})
        return held

    def shape(self, path: Path) -> Shape | None:
        """The names in the first records."""
        with translated(path.name):
            records = _records(path, _BadLines(path, path.stem))
            return shape_of(islice(records, LOOKED_AT), is_document=False)

    def together(self, paths: Sequence[Path], name: str, setup: Setup) -> FileTables:
        """The tables of all files."""

        def read(path: Path, records: RecordTables) -> TableTrouble | None:
            bad = _BadLines(path, name)
            _read(path, name, records, bad)
            return bad.report()

        return read_together(paths, name, setup.folder, read)


FORMATS.register("json_lines")(JsonLines())


@dataclass(slots=True)
class _BadLines:
    """The lines of a file that are no JSON, and how many there are altogether."""

    path: Path
    table: str
    lines: list[int] = field(default_factory=list)
    count: int = 0

    def refuse_too_many(self) -> None:
        """Lets a line or a few be left out.

        Raises:
            SourceUnreadableError: there are more; the message names the first.
        """
        bad = len(self.lines)
        if bad > max(1, _MOST_BAD_SHARE * self.count) or bad * 2 >= self.count > 0:
            raise broken_json(self.path, self.table, self.lines[0])

    def report(self) -> TableTrouble | None:
        """What was left out; None where nothing was."""
        if not self.lines:
            return None
        named = ", ".join(map(str, self.lines[:_MOST_LINES_NAMED]))
        more = " and others" if len(self.lines) > _MOST_LINES_NAMED else ""
        said = f"{len(self.lines):,} line(s) of {self.path.name!r} are not valid JSON and were left out (line {named}{more})."
        return TableTrouble(table=self.table, code=ROWS_UNREADABLE, message=said)


def _read(path: Path, name: str, records: RecordTables, bad: _BadLines) -> None:
    bad.lines, bad.count = [], 0
    records.add_all(name, _records(path, bad))
    bad.refuse_too_many()


def _records(path: Path, bad: _BadLines) -> Iterator[Nested]:
    with opened(path) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            bad.count += 1
            try:
                yield parse_json(bytes(line).decode("utf-8-sig"))
            except (json.JSONDecodeError, UnicodeDecodeError):
                bad.lines.append(number)
