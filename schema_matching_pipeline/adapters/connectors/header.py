"""Where a table begins among rows of text, which rows name its columns, and what the columns are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_FIGURE = re.compile(
    r"[-+$€£¥(]*[\d.,]*\d[\d.,]*(?:[eE][-+]?\d+)?[)%€]*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?|\d{1,2}:\d{2}(?::\d{2}.*)?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[^@\s]+@[^@\s]+\.\w+|https?://\S+",
    re.IGNORECASE,
)
_NOTHING = frozenset({"", "-", "--", "?", "n/a", "na", "nan", "null", "none", "unknown", "missing", "\\n"})
# A title fills a cell or two; a header most of the cells of the table's rows.
_HEADER_SHARE = 0.6
_FIGURE_SHARE = 0.8
_DISTINCT_SHARE = 0.75
# Names may repeat more where none of them is a value below.
_DISTINCT_NAMES_SHARE = 0.6
_DEEPEST_HEADER = 4
_FEWEST_GROUPS = 3
_MANY_WORDS = 5

_Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Beginning:
    """``start``: the row that begins the table; ``depth``: how many rows name its columns, from there on."""

    start: int
    depth: int


def table_width(rows: Sequence[_Row]) -> int:
    """The number of cells that most rows have; of equals the first met."""
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    return widths.most_common(1)[0][0] if widths else 1


def beginning(rows: Sequence[_Row]) -> Beginning:
    """Where the table begins, below titles and empty rows."""
    width = table_width(rows)
    need = _HEADER_SHARE * min(width, _most_filled(rows, width))
    first = next((at for at, row in enumerate(rows) if len(row) >= width and filled(row) >= need), 0)
    if len(rows[first]) != width and (later := _better_start(rows, first, width, need)) is not None:
        return Beginning(later, _depth(rows, later))
    above = first - 1
    # Rows that end with a delimiter have a cell more than their header.
    if (
        above >= 0
        and len(rows[above]) in {width - 1, width - 2}
        and min(filled(rows[above]), width - 1) >= max(2, need)
        and not any(is_figure(cell) for cell in rows[above])
        and not (
            looks_like_header(rows[first], rows[first + 1 :]) and _column_of_figures_any(rows[first + 1 :])
        )
    ):
        return Beginning(above, _depth(rows, above, sure=True))
    return _with_groups(rows, Beginning(first, _depth(rows, first)), width)


def filled(row: _Row) -> int:
    """How many cells of a row hold something."""
    return sum(bool(cell.strip()) for cell in row)


def is_figure(cell: str) -> bool:
    """Whether a cell holds a number, a day, a time or an address: what no column is called."""
    return _FIGURE.fullmatch(cell.strip()) is not None


def joined_names(header: Sequence[_Row], width: int) -> tuple[str, ...]:
    """One name a column from all rows of a header; a group's name stands over each of its columns.

    A header that was written twice says each name once.

    >>> joined_names([["id", "name", ""], ["", "given", "family"]], 3)
    ('id', 'name given', 'name family')
    >>> joined_names([["id", "name"], ["id", "name"]], 2)
    ('id', 'name')
    """
    levels = [_spread(row, header[place + 1 :], width) for place, row in enumerate(header)]
    return distinct_names(
        [" ".join(filter(None, dict.fromkeys(level[place] for level in levels))) for place in range(width)]
    )


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


def looks_like_header(row: _Row, following: Sequence[_Row]) -> bool:
    """Whether a row names columns: words, no figures, while some column below it holds figures.

    Where nothing below holds figures either, a row of distinct short words is taken for a header.
    """
    cells = [cell.strip() for cell in row]
    others = [other for other in following if list(other) != list(row)]
    if following and not others:
        return False
    following = others
    held = [cell for cell in cells if cell]
    if not held or any(is_figure(cell) for cell in held):
        return bool(following) and (
            _only_years(cells)
            or _only_numbered(cells, following)
            or _numbers_words(cells, following)
            or _but_for_one(cells, following)
        )
    if any(_is_column_of_figures(following, place) for place in range(len(cells)) if cells[place]):
        return True
    below = {cell.strip() for other in following for cell in other}
    repeated = sum(cell in below for cell in held)
    least = _DISTINCT_SHARE if repeated else _DISTINCT_NAMES_SHARE
    return len(set(held)) >= least * len(held) and repeated <= (1 - _DISTINCT_SHARE) * len(held)


def words_over_figures(row: _Row, following: Sequence[_Row]) -> bool:
    """Whether a row holds a word where rows below hold figures."""
    return any(_is_column_of_figures(following, place) for place, cell in enumerate(row) if cell.strip())


def _most_filled(rows: Sequence[_Row], width: int) -> int:
    return max((filled(row) for row in rows if len(row) == width), default=width)


def _better_start(rows: Sequence[_Row], first: int, width: int, need: float) -> int | None:
    """A header of the table's own width below a title that is wider by chance."""
    for at in range(first + 1, min(first + 3, len(rows))):
        row = rows[at]
        if len(row) == width and filled(row) >= need and _is_sure_header(row, rows[at + 1 :]):
            return at
    return None


def _with_groups(rows: Sequence[_Row], found: Beginning, width: int) -> Beginning:
    """The header with the rows right above it that name groups of columns; a title fills fewer cells."""
    start = found.start
    while found.depth and start and len(rows[start - 1]) == width and _names_groups(rows[start - 1]):
        start -= 1
    return Beginning(start, found.depth + found.start - start)


def _names_groups(row: _Row) -> bool:
    return filled(row) >= _FEWEST_GROUPS and not any(is_figure(cell) for cell in row)


def _is_sure_header(row: _Row, following: Sequence[_Row]) -> bool:
    return looks_like_header(row, following) and _column_of_figures_any(following)


def _column_of_figures_any(rows: Sequence[_Row]) -> bool:
    return any(
        _is_column_of_figures(rows, place) for place in range(max((len(row) for row in rows), default=0))
    )


def _depth(rows: Sequence[_Row], start: int, *, sure: bool = False) -> int:
    """How many rows of the header there are; none where the first row is data."""
    rest = rows[start + 1 :]
    if not sure and not looks_like_header(rows[start], rest):
        return 0
    depth = 1
    while depth < _DEEPEST_HEADER and start + depth + 1 < len(rows) and _goes_on(rows, start + depth):
        depth += 1
    return depth


def _goes_on(rows: Sequence[_Row], at: int) -> bool:
    """Whether a row below a header is part of it: words over columns of figures, and no figure anywhere."""
    row, below = rows[at], [other for other in rows[at + 1 :] if filled(other)]
    if len(below) < 2 or any(is_figure(cell) for cell in row) or not filled(row):
        return False
    figures = [place for place in range(len(row)) if _is_column_of_figures(below, place)]
    words = [place for place in figures if row[place].strip().casefold() not in _NOTHING]
    return bool(words) and len(words) >= min(2, len(figures)) and len(words) >= 0.5 * len(figures)


def _spread(row: _Row, lower: Sequence[_Row], width: int) -> list[str]:
    """The cells of an upper row, each also over the nameless columns to its right that a lower row names."""
    result, last = list[str](), ""
    for place in range(width):
        cell = row[place].strip() if place < len(row) else ""
        named_below = any(place < len(other) and other[place].strip() for other in lower)
        last = cell or (last if named_below else "")
        result.append(cell or last)
    return result


def _only_years(cells: _Row) -> bool:
    """A header of a cross table: years, beside words or below an empty corner."""
    figures = [cell for cell in cells if is_figure(cell)]
    years = [cell for cell in figures if re.fullmatch(r"(?:19|20)\d\d", cell)]
    return bool(figures) and len(years) == len(figures) and not is_figure(cells[0])


def _only_numbered(cells: _Row, rows: Sequence[_Row]) -> bool:
    """Columns that are called by their number, from nought or one, above rows that are not."""
    if len(cells) < _FEWEST_GROUPS:
        return False
    numbered = ([str(at + first) for at in range(len(cells))] for first in (0, 1))
    return any(list(cells) == names for names in numbered) and not any(
        _numbers_follow(cells, row) for row in rows[:1]
    )


def _numbers_follow(cells: _Row, row: _Row) -> bool:
    """Whether a row counts on, as in a table of figures."""
    return len(row) == len(cells) and all(cell.strip().isdigit() for cell in row)


def _but_for_one(cells: _Row, rows: Sequence[_Row]) -> bool:
    """Words over figures, with one figure among many words: a name can be a number."""
    figures = sum(is_figure(cell) for cell in cells)
    words = [
        place for place, cell in enumerate(cells) if cell.casefold() not in _NOTHING and not is_figure(cell)
    ]
    over = sum(_is_column_of_figures(rows, place) for place in words)
    return figures == 1 and len(words) >= _MANY_WORDS and over >= 2


def _numbers_words(cells: _Row, rows: Sequence[_Row]) -> bool:
    """A word and then whole numbers, over columns that hold no figure at all."""
    numbered = [place for place, cell in enumerate(cells) if cell.isdigit()]
    below = [row[place].strip() for row in rows for place in numbered if place < len(row)]
    return (
        not is_figure(cells[0])
        and len(numbered) >= max(2, len(cells) - 1)
        and any(below)
        and not any(is_figure(cell) for cell in below)
    )


def _is_column_of_figures(rows: Sequence[_Row], place: int) -> bool:
    cells = [row[place].strip() for row in rows if place < len(row)]
    cells = [cell for cell in cells if cell.casefold() not in _NOTHING]
    figures = sum(is_figure(cell) for cell in cells)
    return bool(cells) and figures >= _FIGURE_SHARE * len(cells)
