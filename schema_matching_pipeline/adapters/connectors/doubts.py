"""What a reader of files judged rather than knew, said so that a person may look: each doubt with its way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from schema_matching_pipeline.adapters.connectors.header import filled
from schema_matching_pipeline.model.source import TableTrouble

CODE = "READ_IN_DOUBT"
# A note fills a cell or two of a table that has more.
_MOST_NOTED = 2
_FEWEST_FILLED = 4
_FEW_SHORT = 2


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


def doubt(table: str, file: str, said: Sequence[str]) -> TableTrouble | None:
    """The warning about one table; None where nothing is in doubt."""
    return TableTrouble(table=table, code=CODE, message=f"{' '.join(said)} File {file!r}.") if said else None
