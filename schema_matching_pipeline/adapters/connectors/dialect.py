"""How a delimited file is written: encoding, delimiter, quotes, where the header is."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from schema_matching_pipeline.adapters.connectors.header import (
    Beginning,
    beginning,
    joined_names,
    table_width,
)
from schema_matching_pipeline.adapters.connectors.notes import is_ruler, lines_above, notes_below
from schema_matching_pipeline.adapters.connectors.packing import opened, packing_of
from schema_matching_pipeline.adapters.connectors.text_encoding import decoded, encoding_of

if TYPE_CHECKING:
    from _csv import Reader

_SAMPLE_BYTES = 256 * 1024
_TAIL_BYTES = 4 * 1024
_END_BYTES = 16 * 1024
_LINES_AT_END = 60
_SAMPLE_ROWS = 400
_DELIMITERS = (",", ";", "\t", "|", "~", "^", "\x1f", "\x01", " ")
# Signs that stand in every text: they divide cells only where each row has as many of them, below words.
_SELDOM = (":", "#", "*", "&", "@", "%", "!", "$", "=", "/", "\\", "\xa6", "\xa7", "\xac", "\xb7")
_SELDOM_EVENNESS = 0.98
_NAME = re.compile(r"\s*[\"']?[^\W\d][\w .()-]*[\"']?\s*")
# Blanks stand in every text: only rows that all have the same number of them are cells between blanks.
_BLANK_EVENNESS = 0.95
_BLANK_SCORE = 0.5
_FEWEST_ROWS = 3
# Below this share of rows of one width nothing divides the file into a table.
_LEAST_EVENNESS = 0.4
# Short rows are the habit of a file from this share on, below it they are mistakes.
_RAGGED_SHARE = 0.05
_DEEPEST_RULER = 12


@dataclass(frozen=True, slots=True)
class Dialect:
    """One file's way of writing rows.

    ``skip`` counts the rows before the first one with data, empty ones included. ``line_end`` is told only where
    a cell of the first rows holds a line break: a reader would take that one for the end of rows. ``spaced``:
    a blank follows each delimiter, before the quotes. ``ragged``: short rows are the habit of the file.
    ``uneven``: no delimiter makes a table of it. ``surplus``: lines of rows in the sample that end in an empty
    cell more than the others have. ``hollow``: there are rows of empty cells, at the end above all. ``recurs``: a
    row of the sample begins as the header does. ``header_rows``: how many rows name the columns. ``notes``: how many of
    the last lines that are not empty are notes below the table.
    """

    encoding: str
    delimiter: str
    quote: str
    escape: str
    skip: int
    line_end: str | None
    header: tuple[str, ...] | None
    width: int
    ragged: bool
    bytes_a_row: float
    spaced: bool = False
    uneven: bool = False
    surplus: tuple[int, ...] = ()
    hollow: bool = False
    recurs: bool = False
    header_rows: int = 1
    notes: int = 0


@dataclass(frozen=True, slots=True)
class _Split:
    """Cells under one way to divide rows."""

    delimiter: str
    quote: str
    escape: str
    spaced: bool
    rows: list[list[str]]
    evenness: float
    score: float


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The dialect of a file; ``rows``: all of them, where the whole file is small enough to be seen."""

    dialect: Dialect
    rows: tuple[tuple[str, ...], ...] | None


def sniff(path: Path) -> Sniffed | None:
    """How a file is written, or None where it holds no row at all.

    Raises:
        OSError: it cannot be read.
        UnicodeError: it is not text.
    """
    with opened(path) as file:
        head = bytes(file.read(_SAMPLE_BYTES))
    encoding = encoding_of(path, head)
    text = decoded(head, encoding)
    if not text.strip("\0 \t\r\n\ufeff,;"):
        return None
    is_cut = len(head) == _SAMPLE_BYTES
    split = _best_split(text, is_cut=is_cut)
    rows = None if is_cut else tuple(tuple(row) for row in _whole(text, split))
    notes = _notes(_end_of(path, encoding) if is_cut else text, split)
    if rows is not None and notes:
        rows = _without_last(rows, notes)
        if len(rows) < len(split.rows):
            split = replace(split, rows=split.rows[: len(rows)])
    dialect = replace(_dialect(text, encoding, split), notes=notes)
    hollow = _has_hollow_rows(text) or (is_cut and _has_hollow_rows(_tail(path)))
    recurs = _recurs(dialect.header, rows or split.rows)
    return Sniffed(replace(dialect, hollow=hollow, recurs=recurs), rows)


def unclosed_quote(path: Path, dialect: Dialect) -> int | None:
    """The line where a cell begins whose quote is never closed; None where all are.

    Closed quotes come in pairs, so that most files are only counted through.
    """
    if dialect.escape != dialect.quote or not _has_odd_quotes(path, dialect.quote.encode()):
        return None
    begun = 1
    with opened(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
        try:
            for _ in reader:
                begun = reader.line_num + 1
        except csv.Error as error:
            return begun if "end of data" in str(error) else None
    return None


def _has_odd_quotes(path: Path, quote: bytes) -> bool:
    with opened(path) as raw:
        return sum(chunk.count(quote) for chunk in iter(lambda: raw.read(1 << 20), b"")) % 2 == 1


def _tail(path: Path) -> str:
    """The end of a file that is not packed; hollow rows are delimiters alone, in any encoding that reaches here."""
    with path.open("rb") as file:
        file.seek(-min(_TAIL_BYTES, path.stat().st_size), io.SEEK_END)
        return file.read().decode("latin-1")


def _end_of(path: Path, encoding: str) -> str:
    """The last lines of a file that is too large to be seen as a whole; nothing of a packed one, or of wide characters."""
    if packing_of(path) or encoding.startswith(("utf-16", "utf-32")):
        return ""
    with path.open("rb") as file:
        file.seek(-min(_END_BYTES, path.stat().st_size), io.SEEK_END)
        return file.read().partition(b"\n")[2].decode(encoding, "replace")


def _notes(text: str, split: _Split) -> int:
    lines = io.StringIO(text, newline="").readlines()[-_LINES_AT_END:]
    return notes_below(lines, (split.delimiter, split.quote), table_width(split.rows))


def _without_last(rows: tuple[tuple[str, ...], ...], count: int) -> tuple[tuple[str, ...], ...]:
    """The rows above the last so many that hold something."""
    end = len(rows)
    while count and end:
        end -= 1
        count -= any(cell.strip() for cell in rows[end])
    return rows[:end]


def _recurs(header: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> bool:
    return header is not None and sum(bool(row) and row[0].strip() == header[0] for row in rows) > 1


def _has_hollow_rows(text: str) -> bool:
    return re.search(r"^[,;\t|~^ ]+\r?$", text, re.MULTILINE) is not None


def _best_split(text: str, *, is_cut: bool) -> _Split:
    """The delimiter and quote under which most rows have the same number of cells."""
    quotes = ("'", '"') if _is_single_quoted(text) else ('"',)
    splits = [
        _split(text, delimiter, quote, is_cut=is_cut)
        for delimiter in _DELIMITERS
        if delimiter in text
        for quote in quotes
    ]
    splits = [split for split in splits if split.score > 0]
    if not any(split.evenness >= _SELDOM_EVENNESS for split in splits):
        splits += _seldom_splits(text, quotes, is_cut=is_cut)
    # The first of equals: the list of delimiters is in order of how usual they are.
    return max(splits, key=lambda split: split.score, default=_split(text, ",", '"', is_cut=is_cut))


def _seldom_splits(text: str, quotes: Sequence[str], *, is_cut: bool) -> Iterator[_Split]:
    """Ways to divide rows by signs that are seldom meant so."""
    first = text.lstrip("\ufeff\r\n").partition("\n")[0]
    for delimiter in (sign for sign in _SELDOM if sign in first):
        for quote in quotes:
            split = _split(text, delimiter, quote, is_cut=is_cut)
            names = next((row for row in split.rows if any(row)), [])
            is_even = split.evenness >= _SELDOM_EVENNESS and len(split.rows) >= _FEWEST_ROWS
            if is_even and len(names) == len(set(names)) and all(map(_NAME.fullmatch, names)):
                yield split


def _split(text: str, delimiter: str, quote: str, *, is_cut: bool) -> _Split:
    escape = "\\" if _is_backslashed(text, delimiter, quote) else quote
    spaced = delimiter != " " and _is_spaced(text, delimiter, quote)
    rows = _rows(text, (delimiter, quote, escape), spaced=spaced, is_cut=is_cut)
    evenness, score = _evenness(rows)
    score *= 1.0 - _share_torn(rows, quote)
    if delimiter == " ":
        score = _BLANK_SCORE * score if evenness >= _BLANK_EVENNESS and len(rows) >= _FEWEST_ROWS else 0.0
    return _Split(delimiter, quote, escape, spaced, rows, evenness, score)


def _is_single_quoted(text: str) -> bool:
    if "'" not in text:  # found out far sooner than that no cell is quoted so
        return False
    single = len(re.findall(r"(?:^|[,;\t|])'(?:[^'\r\n]|'')*'(?=[,;\t|]|\r?$)", text, re.MULTILINE))
    return single > len(re.findall(r'(?:^|[,;\t|])"', text, re.MULTILINE))


def _is_backslashed(text: str, delimiter: str, quote: str) -> bool:
    """Whether quotes within quoted cells are written with a backslash, and never doubled there."""
    if f"\\{quote}" not in text:
        return False
    end = re.escape(delimiter)
    escaped = re.search(rf"[^\\]\\{quote}(?!{end}|[\r\n]|$)", text)
    before_end = re.search(rf"[^\\]\\{quote}{quote}(?:{end}|[\r\n]|$)", text)
    doubled = re.search(rf"[^{end}\r\n{quote}\\]{quote}{quote}[^{quote}]", text)
    return bool(before_end) or (escaped is not None and doubled is None)


def _is_spaced(text: str, delimiter: str, quote: str) -> bool:
    """Whether quotes stand a blank behind the delimiter."""
    if f" {quote}" not in text:
        return False
    spaced = len(re.findall(rf"{re.escape(delimiter)} +{quote}", text))
    return spaced > len(re.findall(rf"{re.escape(delimiter)}{quote}", text))


def _rows(text: str, signs: tuple[str, str, str], *, spaced: bool, is_cut: bool) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in parsed(io.StringIO(text.replace("\0", ""), newline=""), signs, spaced=spaced):
            rows.append(row)
            if len(rows) > _SAMPLE_ROWS:
                return rows[:-1]
    except csv.Error:
        return rows
    # The last row of a cut sample is cut itself.
    return rows[:-1] if is_cut and len(rows) > 1 else rows


def parsed(
    lines: Iterable[str], signs: tuple[str, str, str], *, spaced: bool, strict: bool = False
) -> Reader:
    """A reader of rows under a delimiter, a quote and an escape; a strict one stops at a misplaced quote."""
    csv.field_size_limit(2**31 - 1)
    delimiter, quote, escape = signs
    backslashed = escape != quote
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote,
        escapechar=escape if backslashed else None,
        doublequote=not backslashed,
        skipinitialspace=spaced,
        strict=strict,
    )


def _evenness(rows: Sequence[Sequence[str]]) -> tuple[float, float]:
    """The share of rows of the usual width, and how good a division into cells that is."""
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    if not widths:
        return 0.0, 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    evenness = count / widths.total()
    if width == 1:
        return evenness, 0.0
    first = next((len(row) for row in rows if len(row) > 1), 0)
    return evenness, evenness**2 * math.log2(width + 1) * (1.0 if first == width else 0.7)


def _share_torn(rows: Sequence[Sequence[str]], quote: str) -> float:
    """The share of rows in which a quoted cell of another delimiter is torn or swallowed."""
    inside = re.compile(rf"{quote}[,;\t|]{quote}")
    torn = sum(any(inside.search(cell) for cell in row) for row in rows)
    return torn / len(rows) if rows else 0.0


def _dialect(text: str, encoding: str, split: _Split) -> Dialect:
    rows = split.rows
    found = _beginning(rows)
    header = [row for row in rows[found.start : found.start + found.depth] if not is_ruler(row)]
    body = [row for row in rows[found.start + found.depth :] if any(cell.strip() for cell in row)]
    width = _width(header, body)
    short = sum(len(row) < width for row in body)
    return Dialect(
        encoding=encoding,
        delimiter=split.delimiter,
        quote=split.quote,
        escape=split.escape,
        skip=found.start + found.depth,
        line_end=_misleading_line_end(text, split, found.start + max(1, found.depth)),
        header=joined_names(header, width) if header else None,
        width=width,
        ragged=short > _RAGGED_SHARE * len(body),
        bytes_a_row=max(1.0, len(text) / max(1, len(rows))),
        spaced=split.spaced,
        uneven=split.evenness < _LEAST_EVENNESS and len(body) > 2,
        surplus=_surplus(text, split, found.start + found.depth, width),
        header_rows=len(header),
    )


def _beginning(rows: Sequence[Sequence[str]]) -> Beginning:
    """Where the table begins below comments; a ruler below its header is part of that."""
    above = lines_above(rows)
    ruler = next(
        (at for at in range(above, min(above + _DEEPEST_RULER, len(rows))) if is_ruler(rows[at])), None
    )
    if ruler is None:
        found = beginning(rows[above:])
        return Beginning(above + found.start, found.depth)
    found = beginning([*rows[above:ruler], *rows[ruler + 1 :]])
    start, depth = above + found.start, found.depth
    is_below = start + depth == ruler or (depth == 0 and start == ruler)
    if start < ruler < start + depth or (is_below and depth):
        return Beginning(start, depth + 1)
    # Words over words: the ruler tells which row is the header.
    return Beginning(max(above, ruler - 1), 2 if ruler > above else 1)


def _width(header: Sequence[Sequence[str]], body: Sequence[Sequence[str]]) -> int:
    """The cells of a row; the few rows that are longer are mistakes unless many are."""
    usual = max((len(row) for row in header), default=0) or table_width(body)
    longer = [len(row) for row in body if len(row) > usual]
    are_many = len(longer) > max(1, _RAGGED_SHARE * len(body)) or len(longer) == len(body)
    return max(longer) if longer and are_many else usual


def _surplus(text: str, split: _Split, skip: int, width: int) -> tuple[int, ...]:
    """The lines of rows that end in empty cells beyond the width."""
    reader = _reader(text, split)
    lines = [
        reader.line_num
        for place, row in enumerate(reader)
        if place >= skip and len(row) > width and not any(row[width:])
    ]
    return tuple(lines) if len(lines) <= _RAGGED_SHARE * len(split.rows) else ()


def _whole(text: str, split: _Split) -> list[list[str]]:
    try:
        return list(_reader(text, split))
    except csv.Error:
        return []


def _reader(text: str, split: _Split) -> Reader:
    signs = split.delimiter, split.quote, split.escape
    return parsed(io.StringIO(text.replace("\0", ""), newline=""), signs, spaced=split.spaced)


def _misleading_line_end(text: str, split: _Split, rows: int) -> str | None:
    """What ends the first rows, where they take more lines than there are rows."""
    lines = list(io.StringIO(text, newline=""))
    reader = _reader(text, split)
    for _ in range(rows):
        next(reader, None)
    if reader.line_num == rows:
        return None
    last = lines[reader.line_num - 1]
    return next((end for end in ("\r\n", "\n") if last.endswith(end)), None)
