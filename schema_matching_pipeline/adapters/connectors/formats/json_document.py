"""JSON documents: an array of objects is a table, an object of arrays is a table each.

Objects within objects become columns with dots in their names, lists of objects tables of their own. Numbers
keep the digits the file gives them.
"""

from __future__ import annotations

import json
from pathlib import Path

from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, Setup
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.packing import opened
from schema_matching_pipeline.adapters.connectors.records import Figure, Nested, RecordTables
from schema_matching_pipeline.errors import SourceUnreadableError


class JsonDocument:
    """Reads files that hold one JSON value."""

    suffixes: tuple[str, ...] = (".json",)

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """The tables of the document.

        Raises:
            SourceUnreadableError: it is no JSON; the message names the line.
        """
        with translated(path.name, table=name):
            text = read_text(path)
            records = RecordTables(setup.folder)
            document = _parsed(text, path, name)
            records.add_all(name, document if isinstance(document, list) else [document])
            return FileTables(records.finish())


FORMATS.register("json")(JsonDocument())


def read_text(path: Path) -> str:
    """The whole text of a file, unpacked where it is packed; UTF-8 with or without its mark."""
    with opened(path) as file:
        return bytes(file.read()).decode("utf-8-sig")


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


def _no_figure(_: str) -> None:
    return None


def _parsed(text: str, path: Path, name: str) -> Nested:
    """The document; a file of one object a line that is merely named like a document is read all the same."""
    try:
        return parse_json(text)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if error.msg.startswith("Extra data") and len(lines) > 1:
            return _lines(lines, path, name)
        raise broken_json(path, name, error.lineno) from None


def _lines(lines: list[str], path: Path, name: str) -> list[Nested]:
    try:
        return [parse_json(line) for line in lines]
    except json.JSONDecodeError:
        raise broken_json(path, name, 1) from None
