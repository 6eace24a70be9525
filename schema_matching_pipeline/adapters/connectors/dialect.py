"""How a delimited file is written: encoding, delimiter, quotes, where the header is."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_BYTES = 256 * 1024
_SAMPLE_ROWS = 400
_DELIMITERS = (",", ";", "\t", "|", "~", "^", "\x1f")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FIGURE = re.compile(
    r"[+-]?[\d.,]*\d[\d.,]*%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[^@\s]+@[^@\s]+\.\w+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One file's way of writing rows.

    ``skip`` counts the rows before the first one with data, empty ones included. ``line_end`` is told only where
    a cell of the first rows holds a line break: a reader would take that one for the end of rows.
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


def sniff(path: Path) -> Dialect | None:
    """The dialect of a file, or None where it holds no row at all.

    Raises:
        OSError: it cannot be read.
        UnicodeError: it is not text.
    """
    head = _head(path)
    encoding = _encoding(path, head)
    text = _decoded(head, encoding)
    if not text.strip():
        return None
    delimiter, quote = _best_split(text)
    rows = _rows(text, delimiter, quote)
    return _dialect(text, encoding, delimiter, quote, rows)


def unclosed_quote(path: Path, dialect: Dialect) -> int | None:
    """The line where a cell begins whose quote is never closed; None where all are.

    Closed quotes come in pairs, so that most files are only counted through.
    """
    if dialect.escape != dialect.quote or not _has_odd_quotes(path, dialect.quote.encode()):
        return None
    begun = 1
    with _opened(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
        try:
            for _ in reader:
                begun = reader.line_num + 1
        except csv.Error as error:
            return begun if "end of data" in str(error) else None
    return None


def _has_odd_quotes(path: Path, quote: bytes) -> bool:
    with _opened(path) as raw:
        return sum(chunk.count(quote) for chunk in iter(lambda: raw.read(1 << 20), b"")) % 2 == 1


def _opened(path: Path) -> gzip.GzipFile | io.BufferedReader:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """Column names, trimmed, with nameless ones numbered by place and repeated ones numbered by turn.

    >>> distinct_names(["id", "", "name", "name"])
    ('id', 'column_2', 'name', 'name_2')
    """
    given = [name.strip() or f"column_{place}" for place, name in enumerate(names, start=1)]
    reserved, used = set(given), set[str]()
    result: list[str] = []
    for name in given:
        unique, turn = name, 1
        while unique in used or (turn > 1 and unique in reserved):
            turn += 1
            unique = f"{name}_{turn}"
        used.add(unique)
        result.append(unique)
    return tuple(result)


def looks_like_header(row: Sequence[str], following: Sequence[Sequence[str]]) -> bool:
    """Whether a row names columns: words, no figures, while some column below it holds figures.

    Where nothing below holds figures either, a row of distinct short words is taken for a header.
    """
    cells = [cell.strip() for cell in row]
    filled = [cell for cell in cells if cell]
    if not filled or any(_FIGURE.fullmatch(cell) for cell in filled):
        return _only_years(filled) and bool(following)
    if any(_column_of_figures(following, place) for place in range(len(cells))):
        return True
    below = {cell.strip() for other in following for cell in other}
    repeated = sum(cell in below for cell in filled)
    return len(set(filled)) >= 0.8 * len(filled) and repeated <= 0.2 * len(filled)


def _only_years(cells: Sequence[str]) -> bool:
    """A header of a cross table: words with years among them."""
    figures = [cell for cell in cells if _FIGURE.fullmatch(cell)]
    years = [cell for cell in figures if re.fullmatch(r"(?:19|20)\d\d", cell)]
    return bool(figures) and len(years) == len(figures) and len(figures) < len(cells)


def _column_of_figures(rows: Sequence[Sequence[str]], place: int) -> bool:
    cells = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
    figures = sum(_FIGURE.fullmatch(cell) is not None for cell in cells)
    return bool(cells) and figures >= 0.8 * len(cells)


def _head(path: Path) -> bytes:
    with _opened(path) as file:
        return bytes(file.read(_SAMPLE_BYTES))


def _encoding(path: Path, head: bytes) -> str:
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if b"\0" in head[:4096]:
        return _utf16(head)
    return "utf-8" if _is_utf8(path) else _one_byte(head)


def _utf16(head: bytes) -> str:
    """Which half of each pair of bytes is empty tells the order; an even mixture is no text at all."""
    even, odd = head[:4096:2].count(0), head[1:4096:2].count(0)
    if max(even, odd) < 4 * (min(even, odd) + 1):
        return "utf-8"
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _opened(path) as file:
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _one_byte(head: bytes) -> str:
    try:
        head.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _decoded(head: bytes, encoding: str) -> str:
    """The sample as text; a character cut in two at its end is left out."""
    return codecs.getincrementaldecoder(encoding)().decode(head)


def _best_split(text: str) -> tuple[str, str]:
    """The delimiter and quote under which most rows have the same number of cells."""
    quotes = ("'", '"') if _is_single_quoted(text) else ('"',)
    scored = [
        (_evenness(_rows(text, delimiter, quote)), -place, delimiter, quote)
        for place, delimiter in enumerate(_DELIMITERS)
        if delimiter in text
        for quote in quotes
    ]
    if not scored or max(scored)[0] == 0:
        return ",", '"'
    _, _, delimiter, quote = max(scored)
    return delimiter, quote


def _is_single_quoted(text: str) -> bool:
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|]|\r?$)", text, re.MULTILINE))
    return single > len(re.findall(r'(?:^|[,;\t|])"', text, re.MULTILINE))


def _rows(text: str, delimiter: str, quote: str) -> list[list[str]]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        return rows
    # The last row of a cut sample is cut itself.
    return rows[:-1] if len(text) > _SAMPLE_BYTES // 2 and len(rows) > 1 and reader.line_num else rows


def _evenness(rows: Sequence[Sequence[str]]) -> float:
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width == 1:
        return 0.0
    first = next((len(row) for row in rows if len(row) > 1), 0)
    return (count / widths.total()) ** 2 * math.log2(width + 1) * (1.0 if first == width else 0.3)


def _dialect(text: str, encoding: str, delimiter: str, quote: str, rows: list[list[str]]) -> Dialect:
    width = _table_width(rows)
    start = next((place for place, row in enumerate(rows) if len(row) >= width and any(row)), 0)
    header = rows[start]
    body = [row for row in rows[start + 1 :] if any(cell.strip() for cell in row)]
    named = looks_like_header(header, body)
    widest = max((len(row) for row in ([header, *body])), default=width)
    names = distinct_names([*header, *[""] * (widest - len(header))]) if named else None
    return Dialect(
        encoding=encoding,
        delimiter=delimiter,
        quote=quote,
        escape="\\" if _is_backslashed(text, quote) else quote,
        skip=start + int(named),
        line_end=_misleading_line_end(text, delimiter, quote, start + 1),
        header=names,
        width=widest,
        ragged=any(len(row) != widest for row in (body if named else [header, *body])),
        bytes_a_row=max(1.0, len(text) / max(1, len(rows))),
    )


def _table_width(rows: Sequence[Sequence[str]]) -> int:
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    return max(widths.items(), key=lambda item: (item[1], item[0]))[0] if widths else 1


def _is_backslashed(text: str, quote: str) -> bool:
    return re.search(rf"[^\\]\\{quote}(?![,;\t|\r\n])", text) is not None and f"{quote}{quote}" not in text


def _misleading_line_end(text: str, delimiter: str, quote: str, rows: int) -> str | None:
    """What ends the first rows, where they take more lines than there are rows."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote)
    for _ in range(rows):
        next(reader)
    if reader.line_num == rows:
        return None
    last = lines[reader.line_num - 1]
    return next((end for end in ("\r\n", "\n") if last.endswith(end)), None)
