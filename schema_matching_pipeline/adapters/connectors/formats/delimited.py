"""CSV, TSV and their relatives: every cell is text, so leading zeros and ``NA`` survive.

The delimiter, the quotes, the encoding and the header are found from the file. A file without a header gets
columns ``column_1``, ``column_2`` and so on; names that repeat are numbered. A cell beyond the end of a short
row is null. A quote that is not closed, or a row that is too long, makes the table unreadable, with its line.
"""

from __future__ import annotations

import codecs
import gzip
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, ForeignColumn, Setup
from schema_matching_pipeline.adapters.connectors.dialect import Dialect, sniff, unclosed_quote
from schema_matching_pipeline.adapters.connectors.executors.relation import Scan
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.typed_select import TypedColumn, plain_path
from schema_matching_pipeline.errors import SourceUnreadableError
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.source import SourceColumn

_LONGEST_LINE = 64 * 1024 * 1024
_BATCH_ROWS = 50_000
# Rows of ordinary length are read in small buffers; DuckDB sizes its own after the longest line allowed.
_NARROW = {"max_line_size": 2 * 1024 * 1024, "buffer_size": 4 * 1024 * 1024}
_NATIVE = ("utf-8", "utf-8-sig")
_LINE = re.compile(r"CSV Error on Line: (\d+)")
_UNCLOSED = "unterminated quote"
_NEEDS_PADDING = re.compile(r"Expected Number of Columns: \d+ Found: \d+|null_padding", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    """A delimited file whose dialect is known; its rows are read when asked for."""

    name: str
    path: Path
    dialect: Dialect
    folder: Path
    key: str | None = None
    reference: ForeignColumn | None = None

    @property
    def columns(self) -> tuple[SourceColumn, ...]:
        """The header, or numbered columns where the file has none."""
        names = self.dialect.header or tuple(f"column_{place + 1}" for place in range(self.dialect.width))
        return tuple(
            SourceColumn(name=name, position=place, data_type="text") for place, name in enumerate(names)
        )

    @property
    def row_estimate(self) -> int:
        """The size of the file over the mean length of a row."""
        packed = 5.0 if self.path.suffix.lower() == ".gz" else 1.0
        return int(packed * self.path.stat().st_size / self.dialect.bytes_a_row)

    def scan(self) -> Scan | None:
        """The file as DuckDB parses it, where its rows are all of one length and its text is UTF-8."""
        if self.dialect.ragged or self.dialect.encoding not in _NATIVE:
            return None
        options = _options(self.dialect, padded=False) | _NARROW
        path = plain_path(self.path, self.folder)
        named = ", ".join(f"{option} = {_literal(value)}" for option, value in options.items())
        columns = {
            column.name: TypedColumn(f"c{place}", "VARCHAR") for place, column in enumerate(self.columns)
        }
        return Scan(f"read_csv({_literal(str(path))}, {named})", columns, is_parsed=True)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows as text.

        Raises:
            SourceUnreadableError: a row cannot be read; the message names its line.
        """
        path = self._in_utf8()
        with translated(self.path.name, table=self.name):
            names = [column.name for column in self.columns]
            for batch in self._read(path):
                yield batch.rename_columns(names)

    def _read(self, path: Path) -> Iterator[pa.RecordBatch]:
        """The rows; where a short row turns up late, the rest is read again in the slower way that allows it."""
        done = 0
        try:
            if not self.dialect.ragged:
                for batch in _scan(path, self.dialect, padded=False):
                    done += batch.num_rows
                    yield batch
                return
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if not _NEEDS_PADDING.search(str(error)) or _UNCLOSED in str(error):
                raise self._unreadable(str(error)) from None
        try:
            yield from _after(done, self._padded(path))
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise self._unreadable(str(error)) from None

    def _padded(self, path: Path) -> Iterator[pa.RecordBatch]:
        """The rows, short ones among them; a quote that is never closed would end them without a word."""
        if line := unclosed_quote(path, self.dialect):
            raise self._unreadable(f"CSV Error on Line: {line} {_UNCLOSED}")
        yield from _scan(path, self.dialect, padded=True)

    def _unreadable(self, said: str) -> SourceUnreadableError:
        found = _LINE.search(said)
        where = f"line {found.group(1)} of {self.path.name!r}" if found else f"{self.path.name!r}"
        return SourceUnreadableError(
            f"Table {self.name!r} cannot be read: {where} has {_what(said)}. Mend the file or export it again.",
            source=self.path.name,
            table=self.name,
            reason="UNREADABLE",
        )

    def _in_utf8(self) -> Path:
        """The file itself, or a copy of it in UTF-8."""
        if self.dialect.encoding in _NATIVE:
            return plain_path(self.path, self.folder)
        copy = self.folder / f"{content_id(self.name)}.csv"
        if not copy.exists():
            opener = gzip.open if self.path.suffix.lower() == ".gz" else open
            with opener(self.path, "rb") as raw, copy.open("w", encoding="utf-8", newline="") as out:
                shutil.copyfileobj(codecs.getreader(self.dialect.encoding)(raw, "replace"), out)
        return copy


class Delimited:
    """Reads files of cells between delimiters."""

    suffixes: tuple[str, ...] = (".csv", ".tsv", ".tab", ".psv", ".ssv", ".txt", ".dat")

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """One table; a text file without any delimiter is none."""
        with translated(path.name, table=name):
            dialect = sniff(path)
        if dialect is None or (dialect.width == 1 and path.suffix.lower() in {".txt", ".dat"}):
            return FileTables(())
        return FileTables((DelimitedTable(name, path, dialect, setup.folder),))


FORMATS.register("delimited")(Delimited())


def _scan(path: Path, dialect: Dialect, *, padded: bool) -> Iterator[pa.RecordBatch]:
    options = _options(dialect, padded=padded)
    named = ", ".join(f"{option} = ${option}" for option in options)
    with duckdb.connect() as connection:
        relation = connection.sql(f"FROM read_csv($path, {named})", params={"path": str(path), **options})
        yield from relation.to_arrow_reader(_BATCH_ROWS)


def _options(dialect: Dialect, *, padded: bool) -> dict[str, object]:
    columns = {f"c{place}": "VARCHAR" for place in range(dialect.width)}
    options: dict[str, object] = {
        "auto_detect": False,
        "header": False,
        "delim": dialect.delimiter,
        "quote": dialect.quote,
        "escape": dialect.escape,
        "skip": dialect.skip,
        "columns": columns,
        "max_line_size": _LONGEST_LINE,
        "null_padding": padded,
        "parallel": not padded,
    }
    if dialect.line_end:
        options["new_line"] = dialect.line_end.replace("\r", "\\r").replace("\n", "\\n")
    return options


def _literal(value: object) -> str:
    """A value in SQL: a statement that copies a file takes no parameters."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(inner)}" for key, inner in value.items()) + "}"
    return str(value) if isinstance(value, bool | int) else "'" + str(value).replace("'", "''") + "'"


def _after(done: int, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches without the first ``done`` rows; rows come in the order of the file each time."""
    for batch in batches:
        skipped = min(done, batch.num_rows)
        done -= skipped
        if skipped < batch.num_rows:
            yield batch.slice(skipped)


def _what(said: str) -> str:
    if "quote" in said.lower():
        return "a quotation mark that is not closed or stands in the wrong place"
    if "Expected Number of Columns" in said:
        return "another number of cells than the header"
    if "unicode" in said.lower():
        return "bytes that are no text"
    return "a row that does not fit the others"
