"""Lines around a table that are not of it: comments and facts above, notes below, rulers between header and rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

_Row = Sequence[str]

_RULER = re.compile(r"[\s|:+]*[-=_]{2,}[-=_\s|:+]*")
_COMMENT = re.compile(r"\s*(?:#|//)")
_SENTENCE = re.compile(r"\s*[(*#]|\S+\s+\S+|\S+:\s*$")
_FIGURE = re.compile(r"[\d.,:/+-]+")
# A note fills a cell, or two where it has a delimiter in it and the table many columns.
_MANY_COLUMNS = 4
_MOST_NOTES, _MOST_CLOSE = 12, 3
_MOST_FACTS = 12


def is_ruler(row: _Row) -> bool:
    """Whether a row does nothing but rule off the header.

    >>> is_ruler(["----", "---"]), is_ruler(["-----+----"]), is_ruler(["-", "-"]), is_ruler(["---", "x"])
    (True, True, False, False)
    """
    held = [cell for cell in row if cell.strip()]
    return bool(held) and all(_RULER.fullmatch(cell) for cell in held)


def lines_above(rows: Sequence[_Row]) -> int:
    """How many rows at the top are comments, or facts such as ``Period:,2023`` above an empty row."""
    comments = 0
    while comments < len(rows) and (not any(rows[comments]) or _COMMENT.match(rows[comments][0])):
        comments += 1
    comments = comments if any(map(any, rows[:comments])) and comments < len(rows) else 0
    # A header may begin with such a sign, too: it has the cells of the row below it.
    if comments and len(rows[comments - 1]) == len(rows[comments]) > 1 and comments == 1:
        comments = 0
    facts = comments
    while facts < len(rows) and facts < comments + _MOST_FACTS and _is_fact(rows[facts]):
        facts += 1
    is_closed = facts > comments and facts < len(rows) and not any(cell.strip() for cell in rows[facts])
    return facts if is_closed else comments


def notes_below(lines: Sequence[str], signs: tuple[str, str], width: int) -> int:
    """How many of the last lines that are not empty are notes below the table."""
    delimiter, quote = signs
    if width < 2:
        return 0
    held = [line for line in lines if line.strip()]
    # A comma in a sentence has a blank behind it; one between cells has none, unless that is how the table is written.
    is_spaced = sum(f"{delimiter} " in line for line in held) > len(held) / 2
    divided = re.compile(re.escape(delimiter) + ("" if is_spaced else r"(?!\s)"))
    places = [at for at, line in enumerate(lines) if not line.strip(f"{delimiter} \t\r\n")]
    count = 0
    for place in reversed(places):
        below = [line for line in lines[place:] if line.strip(f"{delimiter} \t\r\n")]
        if len(below) > _MOST_NOTES or len(below) == len(held):
            break
        if below[count:] and not all(_is_note(line, divided, quote, width) for line in below):
            break
        count = len(below)
    above = held[: len(held) - count]
    close = 0
    while close < min(_MOST_CLOSE, len(above) - 2) and _stands_close(above[-1 - close], delimiter, quote):
        close += 1
    return count + close if close < _MOST_CLOSE else count


def _is_fact(row: _Row) -> bool:
    return bool(row) and row[0].strip().endswith(":") and sum(bool(cell.strip()) for cell in row) <= 2


def _is_note(line: str, divided: re.Pattern[str], quote: str, width: int) -> bool:
    if quote in line:
        return False
    cells = [cell.strip() for cell in divided.split(line)]
    most = 2 if width >= _MANY_COLUMNS else 1
    return bool(cells[0]) and sum(map(bool, cells)) <= most and not _FIGURE.fullmatch(cells[0])


def _stands_close(line: str, delimiter: str, quote: str) -> bool:
    """Whether a line without any delimiter right below the rows is a sentence."""
    is_one = delimiter not in line.rstrip(f"{delimiter}\r\n") and quote not in line
    return is_one and _SENTENCE.match(line) is not None and not _FIGURE.fullmatch(line.strip())
