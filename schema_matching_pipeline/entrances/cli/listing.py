"""Rows under a header on any terminal: a table where its words fit side by side, else a paragraph a row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

READABLE = 16  # a longer text in a narrower column than this reads badly
A_LINE = 40  # a longer text has a line of its own where a row is a paragraph
BETWEEN = 3  # signs between two columns


class Listing:
    """Rows with a title and a header; the columns numbered in ``right`` hold figures. No word is broken to fit."""

    def __init__(
        self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int]
    ) -> None:
        self._title, self._header, self._rows, self._right = title, header, rows, right

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        columns = [[name, *(row[place] for row in self._rows)] for place, name in enumerate(self._header)]
        widths = fitting_widths(columns, options.max_width)
        if widths is None:
            yield Text(self._title, style="bold")
            yield from self._paragraphs()
        else:
            yield self._table(widths)

    def _table(self, widths: Sequence[int]) -> Table:
        drawn = Table(
            title=Text(self._title),
            title_justify="left",
            title_style="bold",
            header_style="dim",
            show_edge=False,
            pad_edge=False,
        )
        for place, (name, width) in enumerate(zip(self._header, widths, strict=True)):
            drawn.add_column(name, justify="right" if place in self._right else "left", width=width)
        for row in self._rows:
            drawn.add_row(*map(Text, row))
        return drawn

    def _paragraphs(self) -> Iterator[RenderableType]:
        for first, *others in self._rows:
            yield Text(first, style="bold")
            told = [(name, cell) for name, cell in zip(self._header[1:], others, strict=True) if cell]
            for is_long, together in groupby(told, key=lambda each: cell_len(each[1]) > A_LINE):
                parts = [Text.assemble((f"{name}: " if name else "", "dim"), cell) for name, cell in together]
                for line in parts if is_long else [Text("; ").join(parts)]:
                    yield Padding(line, (0, 0, 0, 2), expand=False)


def fitting_widths(columns: Sequence[Sequence[str]], room: int) -> tuple[int, ...] | None:
    """A width for each column, its header first, that breaks no word; None where there is no room for all of them.

    >>> fitting_widths([["who", "grace"], ["why", "she said so twice over"]], 80)
    (5, 22)
    >>> fitting_widths([["who", "grace"], ["why", "she said so twice over"]], 26)
    (5, 18)
    >>> fitting_widths([["who", "grace"], ["why", "she said so twice over"]], 20) is None
    True
    """
    wanted = [_longest(cells, "\n") for cells in columns]
    widths = [max(_longest(cells, None), min(_longest(cells[1:], "\n"), READABLE)) for cells in columns]
    left = room - sum(widths) - BETWEEN * (len(columns) - 1)
    if left < 0:
        return None
    missing = sorted(range(len(columns)), key=lambda place: wanted[place] - widths[place])
    for done, place in enumerate(missing):
        given = min(wanted[place] - widths[place], left // (len(missing) - done))
        widths[place] += given
        left -= given
    return tuple(widths)


def _longest(cells: Sequence[str], parted_by: str | None) -> int:
    """The width of the longest line; of the longest word where no sign parts them."""
    return max((cell_len(part) for cell in cells for part in cell.split(parted_by)), default=0)
