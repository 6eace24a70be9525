"""What a reader of files judged rather than knew, said so that a person may look: each doubt with its way out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from statistics import median

from schema_matching_pipeline.adapters.connectors.header import filled
from schema_matching_pipeline.model.source import TableTrouble

CODE = "READ_IN_DOUBT"
# A note fills a cell or two of a table that has more.
_MOST_NOTED = 2
_FEWEST_FILLED = 4
_FEW_SHORT = 2
_LAST = 5  # rows below which nobody writes totals or notes
# What the last rows of a table are called where they sum up the others.
_TOTALS = re.compile(
    r"(?:grand |sub|sub-)?(?:totals?|totale?|totaal|totalt)|sum|sums|summe|summa|(?:ins)?gesamt(?:summe|betrag)?|zwischensumme|average|avg|mean"
    r"|durchschnitt|mittelwert|somme|moyenne|suma|sumatoria|promedio|soma|somma|media|gemiddelde|celkem|razem|łącznie|итого|всего|σύνολο|toplam|合计|合計|总计|計",
    re.IGNORECASE,
)


def header_doubts(depth: int) -> Iterator[str]:
    """Whether a header was found, and in how many rows."""
    if depth == 0:
        yield (
            "No row was taken for a header, so that the columns are numbered. "
            "Where the first row names them, write names there that are no figures."
        )
    elif depth > 1:
        yield (
            f"The names of the columns are joined from {depth} rows. "
            "Where one of them alone is the header, take out the others."
        )


def division_doubts(parts: int) -> Iterator[str]:
    """Whether the file was divided into several tables."""
    if parts > 1:
        yield (
            f"This is one of {parts} tables that stand one below the other in the file. "
            "Where they are one, take out the rows between them."
        )


def short_doubts(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Whether a row or a few are shorter than the header, in a file so small that they look like its habit."""
    short = sum(filled(row) > 0 and len(row) < width for row in rows)
    if 0 < short <= _FEW_SHORT:
        yield f"{short} row{'s have' if short > 1 else ' has'} fewer cells than the header; what is missing there is empty."


def left_out_doubts(count: int) -> Iterator[str]:
    """Whether lines below the table were left out."""
    if count:
        yield (
            f"The last {count} line(s) were taken for notes below the table and left out. "
            "Where they are rows, write all their cells."
        )


def note_doubts(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Whether the last rows, below an empty one, look like notes to the table."""
    ends = [at for at, row in enumerate(rows) if not filled(row)]
    last = next((at for at in reversed(ends) if any(map(filled, rows[at:]))), None)
    if last is None:
        return
    below, above = [row for row in rows[last:] if filled(row)], [row for row in rows[:last] if filled(row)]
    if above and median(map(filled, above)) >= _FEWEST_FILLED and max(map(filled, below)) <= _MOST_NOTED:
        yield f"The last {len(below)} row(s) may be notes below the table. Where they are, take them out."


def total_doubts(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Whether the last rows sum up those above: a word for it, and fewer cells than the others."""
    rows = [row for row in rows if filled(row)]
    usual = median(map(filled, rows)) if rows else 0
    last = list(takewhile(lambda row: filled(row) < usual and _is_total(row), reversed(rows[-_LAST:])))
    if last:
        yield (
            f"The last {len(last)} row(s) may be totals of those above and are read like them. "
            "Where they are, take them out."
        )


def _is_total(row: Sequence[str]) -> bool:
    first = next((cell for cell in row if cell.strip()), "")
    return _TOTALS.fullmatch(first.strip(" :.=*")) is not None


def lone_doubts(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Whether the last rows of a sheet, whose empty rows are gone, look like notes: a cell each, below many."""
    last = list(takewhile(lambda row: filled(row) == 1, reversed(rows[-_LAST:])))
    if last and median(map(filled, rows)) >= _FEWEST_FILLED and not any(map(_is_total, last)):
        yield f"The last {len(last)} row(s) may be notes below the table. Where they are, take them out."


def doubt(table: str, file: str, said: Sequence[str]) -> TableTrouble | None:
    """The warning about one table; None where nothing is in doubt."""
    return TableTrouble(table=table, code=CODE, message=f"{' '.join(said)} File {file!r}.") if said else None
