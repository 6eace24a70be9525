"""JSON Lines: one JSON object a line. Nested objects and lists are treated as in JSON documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, Setup
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.formats.json_document import broken_json, parse_json
from schema_matching_pipeline.adapters.connectors.nested import Nested
from schema_matching_pipeline.adapters.connectors.packing import opened
from schema_matching_pipeline.adapters.connectors.record_shape import LOOKED_AT, Shape, shape_of
from schema_matching_pipeline.adapters.connectors.records import read_records, read_together


class JsonLines:
    """Reads files that hold one JSON value a line."""

    suffixes: tuple[str, ...] = (".jsonl", ".ndjson", ".jsonlines")

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """The tables of the file.

        Raises:
            SourceUnreadableError: a line is no JSON; the message names it.
        """
        with translated(path.name, table=name):
            return FileTables(
                read_records(setup.folder, lambda records: records.add_all(name, _records(path, name)))
            )

    def shape(self, path: Path) -> Shape | None:
        """The names in the first records.

        Raises:
            SourceUnreadableError: a line is no JSON; the message names it.
        """
        with translated(path.name):
            return shape_of(islice(_records(path, path.stem), LOOKED_AT), is_document=False)

    def together(self, paths: Sequence[Path], name: str, setup: Setup) -> FileTables:
        """The tables of all files."""
        return read_together(
            paths, name, setup.folder, lambda path, records: records.add_all(name, _records(path, name))
        )


FORMATS.register("json_lines")(JsonLines())


def _records(path: Path, name: str) -> Iterator[Nested]:
    with opened(path) as file:
        for number, line in enumerate(file, start=1):
            text = bytes(line).decode("utf-8-sig")
            if not text.strip():
                continue
            try:
                yield parse_json(text)
            except json.JSONDecodeError:
                raise broken_json(path, name, number) from None
