"""CSV, TSV and their relatives: every cell is text, so leading zeros and ``NA`` survive.

The delimiter, the quotes, the encoding and the header are found from the file: titles above the header are passed
over, a header of several rows is joined, a file without one gets columns ``column_1``, ``column_2`` and so on;
names that repeat are numbered. Rows without any value are no rows. Where short rows are the habit of a file, what
is missing is null. Single rows with other numbers of cells are kept as far as they fit, rows that cannot be read
are left out, as is one with a quote that is never closed; both are reported with the line. Too many bad rows make the
table unreadable.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.bad_rows import BadRows
from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, ForeignColumn, Setup
from schema_matching_pipeline.adapters.connectors.dialect import (
    Dialect,
    Sniffed,
    parsed,
    sniff,
    unclosed_quote,
)
from schema_matching_pipeline.adapters.connectors.doubts import (
    division_doubts,
    doubt,
    header_doubts,
    left_out_doubts,
    note_doubts,
    short_doubts,
    total_doubts,
)
from schema_matching_pipeline.adapters.connectors.executors.relation import Scan
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault, translated
from schema_matching_pipeline.adapters.connectors.packing import opened, packing_of, unpacked_name
from schema_matching_pipeline.adapters.connectors.quiet_duckdb import connect_duckdb
from schema_matching_pipeline.adapters.connectors.several_tables import several_tables
from schema_matching_pipeline.adapters.connectors.text_encoding import is_weak_guess
from schema_matching_pipeline.adapters.connectors.true_name import what_else
from schema_matching_pipeline.adapters.connectors.typed_select import TypedColumn, plain_path
from schema_matching_pipeline.errors import SourceUnreadableError
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.source import SourceColumn

_LONGEST_LINE = 64 * 1024 * 1024
_BATCH_ROWS = 50_000
# Rows of ordinary length are read in small buffers where nothing else is said about a file.
_NARROW = {"max_line_size": 2 * 1024 * 1024, "buffer_size": 8 * 1024 * 1024}
_NATIVE = ("utf-8", "utf-8-sig")
_NATIVE_PACKING = (None, ".gz")
_PACKED_SHARE = 5.0
_HEAD_BYTES = 4096
_END_BYTES = 256 * 1024
_PROSE = frozenset({".txt", ".dat", ".text", ".log"})
_LINE = re.compile(r"CSV Error on Line: (\d+)")
_UNCLOSED = "unterminated quote"
_LOST_ITS_WAY = "state machine reached an invalid state"

_Write = Callable[[codecs.StreamReader, io.TextIOWrapper, Dialect], None]


class _MisplacedQuoteError(ValueError):
    """A line where a quote stands in the wrong place, or the last one where it is never closed."""

    def __init__(self, line: int) -> None:
        super().__init__(f"CSV Error on Line: {line} {_UNCLOSED}")


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    """A delimited file whose dialect is known; its rows are read when asked for."""

    name: str
    path: Path
    dialect: Dialect
    setup: Setup
    doubts: tuple[str, ...] = ()
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
    def written(self) -> str:
        """Encoding, delimiter, quotes and header."""
        dialect = self.dialect
        header = f"header of {dialect.header_rows} row(s)" if dialect.header else "no header"
        return f"{dialect.encoding}, delimiter {dialect.delimiter!r}, quote {dialect.quote!r}, {header}"

    @property
    def row_estimate(self) -> int:
        """The size of the file over the mean length of a row."""
        packed = _PACKED_SHARE if packing_of(self.path) else 1.0
        return int(packed * self.path.stat().st_size / self.dialect.bytes_a_row)

    def scan(self) -> Scan | None:
        """The file as DuckDB parses it, where its rows are of one length and its text is UTF-8."""
        dialect = self.dialect
        is_odd = dialect.ragged or dialect.hollow or dialect.recurs or dialect.surplus or dialect.notes
        # In one column an empty line is an empty cell, and no row.
        if is_odd or dialect.width == 1 or self._needs_copy():
            return None
        options = _options(dialect) | _NARROW
        path = plain_path(self.path, self.setup.folder)
        named = ", ".join(f"{option} = {_literal(value)}" for option, value in options.items())
        columns = {
            column.name: TypedColumn(f"c{place}", "VARCHAR") for place, column in enumerate(self.columns)
        }
        source, first = f"read_csv({_literal(str(path))}, {named})", self.columns[0].name
        # A row that begins as the header does is the header once more.
        never = (first, first) if dialect.header else None
        return Scan(source, columns, self.path.stat().st_size, never)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows as text; what is wrong with single rows is put among the reports of the set-up.

        Raises:
            SourceUnreadableError: the table cannot be read; the message names the line.
        """
        names = [column.name for column in self.columns]
        bad = BadRows(self.name, self.path.name, self.dialect)
        with translated(self.path.name, table=self.name):
            for batch in self._read(bad):
                yield batch.rename_columns(names)
        if report := bad.report():
            said = " ".join((*self.doubts, report.message))
            self.setup.reports[self.name] = report.model_copy(update={"message": said})

    def _read(self, bad: BadRows) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._scanned(bad, *self._plain())
        except (duckdb.Error, OSError) as error:
            # Arrow passes on what DuckDB says as a fault of its own.
            if isinstance(error, OSError) and _LOST_ITS_WAY not in str(error):
                raise
            if bad.rows or _LOST_ITS_WAY not in str(error):
                raise self._unreadable(str(error)) from None
            # Lines that end in different ways; the csv module takes them as they come.
            yield from self._scanned(bad, self._copy(_rewrite), _rewritten(self.dialect))

    def _scanned(self, bad: BadRows, path: Path, dialect: Dialect) -> Iterator[pa.RecordBatch]:
        if line := unclosed_quote(path, dialect):
            # The rest of the file would be one cell of that row.
            bad.leave_out(line)
            path = self._without(path, line)
            if again := unclosed_quote(path, dialect):
                raise self._unreadable(str(_MisplacedQuoteError(again)))
        with connect_duckdb() as connection:
            yield from bad.counted(_scan(connection, path, dialect))
            yield from bad.mended(connection, dialect)

    def _without(self, path: Path, line: int) -> Path:
        """A copy in which a line is empty, so that the others keep their numbers."""
        copy = self.setup.folder / f"{content_id(str(path), str(line))}.csv"
        with (
            opened(path) as raw,
            io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text,
            copy.open("w", encoding="utf-8", newline="") as out,
        ):
            for number, held in enumerate(text, start=1):
                out.write(held[len(held.rstrip("\r\n")) :] if number == line else held)
        return copy

    def _unreadable(self, said: str) -> SourceUnreadableError:
        found = _LINE.search(said)
        where = f"line {found.group(1)} of {self.path.name!r}" if found else f"{self.path.name!r}"
        return SourceUnreadableError(
            f"Table {self.name!r} cannot be read: {where} has {_what(said)}. Mend the file or export it again.",
            source=self.path.name,
            table=self.name,
            reason="UNREADABLE",
        )

    def _plain(self) -> tuple[Path, Dialect]:
        """The file itself; or a copy that DuckDB reads, and how that one is written."""
        dialect = self.dialect
        if dialect.spaced:
            return self._copy(_rewrite), _rewritten(dialect)
        if self._needs_copy():
            return self._copy(_recode), dialect
        return plain_path(self.path, self.setup.folder), dialect

    def _needs_copy(self) -> bool:
        is_native = self.dialect.encoding in _NATIVE and packing_of(self.path) in _NATIVE_PACKING
        return self.dialect.spaced or self.dialect.notes > 0 or not is_native

    def _copy(self, write: _Write) -> Path:
        copy = self.setup.folder / f"{content_id(str(self.path), write.__name__)}.csv"
        if not copy.exists():
            try:
                with opened(self.path) as raw, copy.open("w", encoding="utf-8", newline="") as out:
                    write(codecs.getreader(self.dialect.encoding)(raw, "replace"), out, self.dialect)
            except _MisplacedQuoteError as error:
                raise self._unreadable(str(error)) from None
            if self.dialect.notes:
                _cut_last_lines(copy, self.dialect.notes)
        return copy


class Delimited:
    """Reads files of cells between delimiters."""

    suffixes: tuple[str, ...] = (".csv", ".tsv", ".tab", ".psv", ".ssv", ".txt", ".dat")

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """One table; a text file without any delimiter is none.

        Raises:
            SourceError: the file is empty, or its rows are not divided into cells in any way.
        """
        with translated(path.name, table=name):
            _refuse_other_kinds(path, name)
            sniffed = sniff(path)
        dialect = sniffed.dialect if sniffed else None
        is_prose = Path(unpacked_name(path)).suffix.lower() in _PROSE
        if is_prose and (sniffed is None or _is_prose(sniffed)):
            return FileTables(())
        if sniffed is None or dialect is None:
            raise fault(Trouble.NO_ROWS, f"Table {name!r} of {path.name}", table=name)
        if dialect.uneven:
            raise fault(Trouble.NO_DELIMITER, f"Table {name!r} of {path.name}", table=name)
        if sniffed.rows and (several := several_tables(sniffed.rows, name, setup.folder)):
            said = tuple(division_doubts(len(several)))
            _put_down(setup, path, {table.name: said for table in several})
            return FileTables(several)
        with translated(path.name, table=name):
            said = tuple(_doubts(path, sniffed))
        _put_down(setup, path, {name: said})
        return FileTables((DelimitedTable(name, path, dialect, setup, said),))


FORMATS.register("delimited")(Delimited())


def _refuse_other_kinds(path: Path, name: str) -> None:
    with opened(path) as file:
        found = what_else(file.read(_HEAD_BYTES))
    if found:
        raise SourceUnreadableError(
            f"The file {path.name!r} is {found}, whatever its name says. Export the table itself.",
            source=path.name,
            table=name,
            reason="UNREADABLE",
        )


def _doubts(path: Path, sniffed: Sniffed) -> Iterator[str]:
    """What was judged about a file that is read as one table."""
    encoding = sniffed.dialect.encoding
    if is_weak_guess(path, encoding):
        yield f"The encoding is a guess from few letters ({encoding}): words may be read wrongly. Export the file as UTF-8."
    yield from header_doubts(sniffed.dialect.header_rows)
    if sniffed.dialect.ragged:
        yield from short_doubts((sniffed.rows or ())[sniffed.dialect.skip :], sniffed.dialect.width)
    yield from left_out_doubts(sniffed.dialect.notes)
    yield from note_doubts(sniffed.rows or ())
    yield from total_doubts(sniffed.rows or ())


def _put_down(setup: Setup, path: Path, said: Mapping[str, Sequence[str]]) -> None:
    found = [doubt(table, path.name, doubts) for table, doubts in said.items()]
    setup.reports.update({trouble.table: trouble for trouble in found if trouble})


def _is_prose(sniffed: Sniffed) -> bool:
    """Whether the cells of a text file are words of sentences, or no more than one line of it has several."""
    dialect = sniffed.dialect
    is_one_line = sniffed.rows is not None and sum(len(row) > 1 for row in sniffed.rows) < 2
    return dialect.width == 1 or dialect.uneven or is_one_line


def _scan(connection: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect) -> Iterator[pa.RecordBatch]:
    options = _options(dialect) | {"store_rejects": True, "rejects_limit": 0}
    named = ", ".join(f"{option} = ${option}" for option in options)
    cells = ", ".join(f"c{place}" for place in range(dialect.width))
    relation = connection.sql(
        f"FROM read_csv($path, {named}) WHERE coalesce({cells}) IS NOT NULL",
        params={"path": str(path), **options},
    )
    yield from relation.to_arrow_reader(_BATCH_ROWS)


def _options(dialect: Dialect) -> dict[str, object]:
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
        # DuckDB would take 32 times the longest line, for each core.
        "buffer_size": _LONGEST_LINE,
        "null_padding": dialect.ragged,
        "parallel": not dialect.ragged,
    }
    if dialect.line_end:
        options["new_line"] = dialect.line_end.replace("\r", "\\r").replace("\n", "\\n")
    return options


def _literal(value: object) -> str:
    """A value in SQL: a statement that copies a file takes no parameters."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(inner)}" for key, inner in value.items()) + "}"
    return str(value) if isinstance(value, bool | int) else "'" + str(value).replace("'", "''") + "'"


def _recode(text: codecs.StreamReader, out: io.TextIOWrapper, _: Dialect) -> None:
    shutil.copyfileobj(text, out)


def _rewrite(text: codecs.StreamReader, out: io.TextIOWrapper, dialect: Dialect) -> None:
    signs = dialect.delimiter, dialect.quote, dialect.escape
    reader = parsed(text, signs, spaced=dialect.spaced, strict=True)
    try:
        csv.writer(out, lineterminator="\n").writerows(reader)
    except csv.Error:
        raise _MisplacedQuoteError(reader.line_num) from None


def _cut_last_lines(path: Path, count: int) -> None:
    """Takes the last lines that are not empty off a file."""
    with path.open("r+b") as file:
        start = max(0, path.stat().st_size - _END_BYTES)
        file.seek(start)
        lines = re.split(rb"(?<=\n)|(?<=\r)(?!\n)", file.read())
        while count and lines:
            count -= bool(lines.pop().strip())
        file.truncate(start + sum(map(len, lines)))


def _rewritten(dialect: Dialect) -> Dialect:
    return replace(dialect, encoding="utf-8", delimiter=",", quote='"', escape='"', line_end=None)


def _what(said: str) -> str:
    if "quote" in said.lower():
        return "a quotation mark that is not closed or stands in the wrong place"
    if "Expected Number of Columns" in said:
        return "another number of cells than the header"
    if "unicode" in said.lower():
        return "bytes that are no text"
    return "a row that does not fit the others"
