"""Rows of a delimited file that do not fit: mended where they can be, counted, and reported with their lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.arrow_views import array_of_truths, surely
from schema_matching_pipeline.adapters.connectors.dialect import Dialect, parsed
from schema_matching_pipeline.adapters.connectors.text_bytes import text_scalar
from schema_matching_pipeline.errors import SourceUnreadableError
from schema_matching_pipeline.model.source import TableTrouble

CODE = "ROWS_UNREADABLE"
# A table with more bad rows than this is not the table its header promises.
_MOST_BAD_SHARE = 0.05
_MOST_LINES_NAMED = 5
_BATCH_ROWS = 20_000
_FEWEST_NAMES = 3
_FEWEST_SAVED = 3
_MOST_OTHER_NAMES = 3
_REJECTED = (
    "SELECT line, list(error_type), any_value(csv_line) FROM reject_errors GROUP BY line ORDER BY line"
)
_SHORT, _LONG = "MISSING COLUMNS", "TOO MANY COLUMNS"


@dataclass(slots=True)
class BadRows:
    """Watches one reading of a table."""

    table: str
    file: str
    dialect: Dialect
    rows: int = 0
    _short: list[int] = field(default_factory=list)
    _long: list[int] = field(default_factory=list)
    _lost: list[int] = field(default_factory=list)
    _unmarked: list[int] = field(default_factory=list)
    _repeated: int = 0

    def __post_init__(self) -> None:
        # DuckDB takes a last empty cell too many for a habit, though an empty cell in the middle moved the others.
        self._long.extend(self.dialect.surplus)

    def leave_out(self, line: int) -> None:
        """Notes a row that nobody will read."""
        self._lost.append(line)
        self._long = [other for other in self._long if other != line]

    def counted(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches as they are."""
        for batch in batches:
            kept = self._without_headers(batch)
            self.rows += kept.num_rows
            yield kept

    def mended(self, connection: duckdb.DuckDBPyConnection, written: Dialect) -> Iterator[pa.RecordBatch]:
        """The rows that the reader passed over, as far as they fit.

        Raises:
            SourceUnreadableError: a quote is not closed, or too many rows are bad.
        """
        rejected = connection.execute(_REJECTED)
        while found := rejected.fetchmany(_BATCH_ROWS):
            rows = [row for line, kinds, text in found for row in self._mend(int(line), kinds, text, written)]
            self.rows += len(rows)
            if rows:
                columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
                yield pa.RecordBatch.from_arrays(columns, names=[f"c{at}" for at in range(len(columns))])
        self._refuse_too_many()

    def report(self) -> TableTrouble | None:
        """What was wrong with single rows; None where nothing was."""
        parts = [
            _part(self._lost, "could not be read and was left out", "could not be read and were left out"),
            _part(self._unmarked, "has quotation marks inside a quoted cell that nothing marks, which were kept", "have quotation marks inside a quoted cell that nothing marks, which were kept"),
            _part(self._short, "has fewer cells than the header", "have fewer cells than the header"),
            _part(self._long, "has more cells than the header, which were cut", "have more cells than the header, which were cut"),
        ]  # fmt: skip
        if self._repeated:
            parts.append(
                f"the header is repeated {self._repeated:,} times within the table; it was left out there"
            )
        said = "; ".join(filter(None, parts))
        if not said:
            return None
        return TableTrouble(table=self.table, code=CODE, message=f"{said}. File {self.file!r}.")

    def _without_headers(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows that are not the header once more.

        Raises:
            SourceUnreadableError: a row names most columns, but not all as the header does: a table of its own.
        """
        header = self.dialect.header
        if header is None or len(header) < _FEWEST_NAMES:
            return batch
        suspects = surely(pc.equal(batch.column(0), text_scalar(header[0])))
        if not pc.any(suspects).as_py():
            return batch
        repeated = []
        for at in pc.indices_nonzero(suspects).to_pylist():
            row = [column[at].as_py() for column in batch.columns]
            same = sum(
                cell is not None and cell.strip() == name for cell, name in zip(row, header, strict=True)
            )
            if same == len(header):
                repeated.append(at)
            elif same > len(header) / 2 and len(header) - same <= _MOST_OTHER_NAMES:
                raise self._unreadable(
                    f"row {self.rows + at + 1} of {self.file!r} begins another table, with other columns"
                )
        self._repeated += len(repeated)
        mask = np.ones(batch.num_rows, dtype=bool)
        mask[repeated] = False
        return batch.filter(array_of_truths(mask))

    def _mend(
        self, line: int, kinds: Sequence[str], text: str, written: Dialect
    ) -> Iterator[Sequence[str | None]]:
        """The cells of a row that was passed over; none where it cannot be read or holds nothing."""
        if set(kinds) - {_SHORT, _LONG}:
            yield from self._saved(line, text, written)
            return
        cells = _cells(text, written)
        width = self.dialect.width
        if not any(cells):
            return
        if len(cells) < width:
            self._short.append(line)
        elif len(cells) > width:
            self._long.append(line)
        yield [*(cell or None for cell in cells[:width]), *[None] * (width - len(cells))]

    def _saved(self, line: int, text: str, written: Dialect) -> Iterator[Sequence[str | None]]:
        """The sound rows among the lines that a misplaced quote made one; the others are left out."""
        for at, held in enumerate(text.splitlines(), start=line):
            cells = _cells(held, written, strict=True)
            if not cells and (cells := _loosely(held, written)) and self._fits(cells):
                self._keep_quotes(at)
            if self._fits(cells):
                yield [cell or None for cell in cells]
            elif held.strip():
                self.leave_out(at)

    def _keep_quotes(self, line: int) -> None:
        """Notes a row that was read after all; how many cells it seemed to have no longer counts."""
        self._unmarked.append(line)
        self._long = [other for other in self._long if other != line]

    def _fits(self, cells: Sequence[str]) -> bool:
        """Whether these are the cells of a row: a line of a long text may have a delimiter or two by chance."""
        return len(cells) == self.dialect.width >= _FEWEST_SAVED and any(cells)

    def _refuse_too_many(self) -> None:
        bad = sorted([*self._lost, *self._short, *self._long])
        if self._lost and len(self._lost) > _MOST_BAD_SHARE * (self.rows + len(self._lost)):
            raise self._unreadable(
                f"line {self._lost[0]} of {self.file!r} has a quotation mark that is not closed or stands in the wrong place"
            )
        if len(bad) > max(1, _MOST_BAD_SHARE * self.rows):
            raise self._unreadable(
                f"line {bad[0]} of {self.file!r} has another number of cells than the header, as have {len(bad) - 1} more rows"
            )

    def _unreadable(self, what: str) -> SourceUnreadableError:
        return SourceUnreadableError(
            f"Table {self.table!r} cannot be read: {what}. Mend the file or export it again.",
            source=self.file,
            table=self.table,
            reason="UNREADABLE",
        )


def _part(lines: Sequence[int], one: str, several: str) -> str:
    if not lines:
        return ""
    named = ", ".join(str(line) for line in sorted(lines)[:_MOST_LINES_NAMED])
    more = " and others" if len(lines) > _MOST_LINES_NAMED else ""
    if len(lines) == 1:
        return f"1 row {one} (line {named})"
    return f"{len(lines):,} rows {several} (lines {named}{more})"


def _cells(text: str, written: Dialect, *, strict: bool = False) -> list[str]:
    signs = written.delimiter, written.quote, written.escape
    lines = io.StringIO(text, newline="")
    try:
        return next((row for row in parsed(lines, signs, spaced=False, strict=strict) if row), [])
    except csv.Error:
        return []


def _loosely(text: str, written: Dialect) -> list[str]:
    """The cells of a line where a quote ends a cell only before a delimiter or the end; none where one stays open."""
    quote, end = re.escape(written.quote), f"(?={re.escape(written.delimiter)}|$)"
    cell = re.compile(rf"{quote}(?P<quoted>.*?){quote}{end}|(?P<plain>(?!{quote}).*?){end}")
    cells, at = list[str](), 0
    while (found := cell.match(text, at)) is not None:
        quoted = found.group("quoted")
        held = found.group("plain") if quoted is None else quoted.replace(written.quote * 2, written.quote)
        cells.append(held.replace("\0", ""))
        if found.end() == len(text):
            return cells
        at = found.end() + len(written.delimiter)
    return []
