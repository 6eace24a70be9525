"""Several tables one below the other in one file: where each begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.header import (
    beginning,
    filled,
    is_figure,
    joined_names,
    words_over_figures,
)
from schema_matching_pipeline.adapters.connectors.spilled import SpilledTable, spill
from schema_matching_pipeline.model.source import SourceColumn

_Row = Sequence[str]
# Remarks are fewer, or fill now more and now fewer cells.
_FEWEST_ROWS = 5


def several_tables(rows: Sequence[_Row], name: str, folder: Path) -> tuple[SpilledTable, ...]:
    """The tables that stand in one file, numbered; none where there is only one."""
    parts = _parts(rows)
    if len(parts) < 2:
        return ()
    return tuple(_table(part, f"{name}_{turn}", folder) for turn, part in enumerate(parts, start=1))


def _parts(rows: Sequence[_Row]) -> list[list[_Row]]:
    """Rows by table: one begins below an empty row, with a header of its own; what is above the first is titles."""
    parts, titles = list[list[_Row]](), list[_Row]()
    for section in _sections(rows):
        body = _without_titles(section)
        if not body:
            titles += section
        elif not parts or _begins_table(body, parts[-1]):
            parts.append(body)
            titles = []
        else:
            parts[-1] += [*titles, *section]
            titles = []
    parts = [part for part in parts if len(part) > 1]
    return parts[1:] if len(parts) == 2 and not _is_table(parts[0], parts[1]) else parts


def _is_table(part: Sequence[_Row], below: Sequence[_Row]) -> bool:
    """Whether the first part is more than lines of remarks about the table below."""
    if words_over_figures(part[0], part[1:]) or _shares_names(part[0], below[0]):
        return True
    return len(part) >= _FEWEST_ROWS and len({filled(row) for row in part}) == 1


def _sections(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    section = list[_Row]()
    for row in rows:
        if filled(row):
            section.append(row)
        elif section:
            yield section
            section = []
    if section:
        yield section


def _without_titles(section: list[_Row]) -> list[_Row]:
    """The rows from the first on that fills more than one cell."""
    start = next((at for at, row in enumerate(section) if filled(row) > 1), len(section))
    return section[start:]


def _begins_table(section: Sequence[_Row], above: Sequence[_Row]) -> bool:
    """Whether a section has a header: words over figures, or names that the table above has too, in their places."""
    if len(section) < 2 or len(above) < 2 or any(is_figure(cell) for cell in section[0]):
        return False
    return _shares_names(section[0], above[0]) or words_over_figures(section[0], section[1:])


def _shares_names(row: _Row, other: _Row) -> bool:
    return any(cell.strip() and cell.strip() == own.strip() for cell, own in zip(row, other, strict=False))


def _table(rows: Sequence[_Row], name: str, folder: Path) -> SpilledTable:
    found = beginning(rows)
    header = rows[found.start : found.start + found.depth]
    body = rows[found.start + found.depth :]
    width = max(len(row) for row in rows)
    names = joined_names(header, width)
    used = [
        place
        for place in range(width)
        if any(place < len(row) and row[place].strip() for row in (*header, *body))
    ]
    arrays = [pa.array([_cell(row, place) for row in body], pa.string()) for place in used]
    kept = [names[place] for place in used]
    return SpilledTable(
        name=name,
        columns=tuple(
            SourceColumn(name=column, position=place, data_type="text") for place, column in enumerate(kept)
        ),
        row_estimate=len(body),
        parts=(spill(arrays, kept, folder),),
    )


def _cell(row: _Row, place: int) -> str | None:
    return (row[place] or None) if place < len(row) else None
