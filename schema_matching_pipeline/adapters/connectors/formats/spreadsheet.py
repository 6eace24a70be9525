"""Excel and OpenDocument workbooks: each sheet with cells is a table.

The header is looked for below titles and empty rows; merged cells above it name groups of columns. Numbers lose the point that only the workbook's
arithmetic put there, days stay days; cells written as text stay as they are.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, canonical_text, kind_of_arrow
from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables, Setup
from schema_matching_pipeline.adapters.connectors.doubts import (
    doubt,
    header_doubts,
    lone_doubts,
    total_doubts,
)
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault, translated
from schema_matching_pipeline.adapters.connectors.header import joined_names, looks_like_header
from schema_matching_pipeline.adapters.connectors.packing import opened, refuse_out_of_proportion
from schema_matching_pipeline.adapters.connectors.spilled import SpilledTable, spill
from schema_matching_pipeline.adapters.connectors.true_name import is_markup
from schema_matching_pipeline.adapters.connectors.unsaved_formulas import unsaved_formulas
from schema_matching_pipeline.adapters.connectors.value_array import as_array, spoken
from schema_matching_pipeline.errors import SourceUnreadableError
from schema_matching_pipeline.model.source import SourceColumn, TableTrouble

_INSPECTED_ROWS = 200
_LAST_ROWS = 10
_HEADER_SHARE = 0.6
_HEAD_BYTES = 4096
# A single merged cell is a title.
_FEWEST_GROUPS = 2

_Rows = list[list[object]]


class _Groups(list[object]):
    """A row of names of groups of columns, each over all of its columns."""


class Spreadsheet:
    """Reads workbooks."""

    suffixes: tuple[str, ...] = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """A table a sheet, named after the file and, where there are several, the sheet.

        Raises:
            SourceError: the workbook cannot be opened.
        """
        with translated(path.name, table=name):
            held = _content(path, name)
            sheets, troubles = _sheets(path, name, held)
            tables = [
                _table(name if len(sheets) == 1 else f"{name}_{sheet}", path, rows, setup)
                for sheet, rows in sheets.items()
            ]
            _warn(sheets, unsaved_formulas(held), name, path, setup)
        return FileTables(tuple(table for table in tables if table), troubles)


FORMATS.register("spreadsheet")(Spreadsheet())


def _content(path: Path, name: str) -> io.BytesIO:
    with opened(path) as file:
        held = io.BytesIO(file.read())
    if is_markup(held.getvalue()[:_HEAD_BYTES]):
        raise SourceUnreadableError(
            f"The file {path.name!r} is a web page or XML under the name of a workbook. "
            "Open it in a spreadsheet program and save it as xlsx.",
            source=path.name,
            table=name,
            reason="UNREADABLE",
        )
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(held) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())
        refuse_out_of_proportion(path.name, len(held.getvalue()), unpacked)
    held.seek(0)
    return held


def _sheets(path: Path, name: str, held: io.BytesIO) -> tuple[dict[str, _Rows], tuple[TableTrouble, ...]]:
    """The sheets that have cells, and those that cannot be read."""
    sheets, troubles = dict[str, _Rows](), list[TableTrouble]()
    with _workbook(path, held) as workbook:
        for sheet in workbook.sheet_names:
            try:
                rows = _rows(workbook.get_sheet_by_name(sheet))
            except CalamineError:
                error = fault(Trouble.UNREADABLE, f"Sheet {sheet!r} of {path.name!r}")
                troubles.append(TableTrouble(table=f"{name}_{sheet}", code=error.code, message=str(error)))
                continue
            filled = [row for row in rows if any(cell is not None for cell in row)]
            if filled:
                sheets[sheet] = filled
    return sheets, tuple(troubles)


def _warn(
    sheets: Mapping[str, _Rows], unsaved: Mapping[str, int], name: str, path: Path, setup: Setup
) -> None:
    """Reports formulas without a result, before what else is in doubt about the sheet; empty cells say nothing."""
    for sheet, count in unsaved.items():
        table = f"{name}_{sheet}" if sheet in sheets and len(sheets) > 1 else name
        said = (
            f"{count:,} formula(s) of sheet {sheet!r} have no saved result and are read as empty. "
            "Open the workbook in a spreadsheet program, let it calculate, and save it."
        )
        also = setup.reports.get(table)
        setup.reports[table] = TableTrouble(
            table=table,
            code="FORMULAS_UNSAVED",
            message=f"{said} {also.message}" if also else f"{said} File {path.name!r}.",
        )


def _workbook(path: Path, held: io.BytesIO) -> CalamineWorkbook:
    """By what it holds: older programs name every workbook .xls."""
    try:
        return CalamineWorkbook.from_filelike(held)
    except CalamineError:
        # The reader that the suffix asks for knows what is wrong: a password above all.
        return CalamineWorkbook.from_path(path)


def _rows(sheet: CalamineSheet) -> _Rows:
    """The cells; a row of several cells merged side by side names groups of columns, each over all of them."""
    rows: _Rows = [[_cell(cell) for cell in row] for row in sheet.to_python()]
    top, left = sheet.start or (0, 0)
    groups: dict[int, list[tuple[int, int]]] = {}
    for (first, begin), (last, end) in sheet.merged_cell_ranges or ():
        if first == last and end > begin:
            groups.setdefault(first - top, []).append((begin - left, end - left))
    for at, spans in groups.items():
        if len(spans) < _FEWEST_GROUPS or not 0 <= at < len(rows):
            continue
        rows[at] = _Groups(rows[at])
        for begin, end in spans:
            rows[at][begin : end + 1] = [rows[at][begin]] * len(rows[at][begin : end + 1])
    return rows


def _cell(cell: object) -> object:
    return None if isinstance(cell, str) and not cell.strip() else cell


def _table(name: str, path: Path, rows: _Rows, setup: Setup) -> SpilledTable | None:
    """The table of one sheet, from its header on; none where only titles are left."""
    start = _first_row(rows)
    groups = next(place for place, row in enumerate(rows[start:]) if not isinstance(row, _Groups))
    words = _in_words(rows[start : start + _INSPECTED_ROWS])
    named = groups > 0 or looks_like_header(words[0], words[1:])
    header = words[: groups + 1] if named else []
    body = rows[start + len(header) :]
    used = [
        place
        for place in range(len(words[0]))
        if any(row[place] for row in header) or any(row[place] is not None for row in body)
    ]
    if not used:
        return None
    ends = words[len(header) :] + _in_words(body[_INSPECTED_ROWS - len(header) :][-_LAST_ROWS:])
    said = (*header_doubts(len(header)), *total_doubts(ends), *lone_doubts(ends))
    if doubted := doubt(name, path.name, said):
        setup.reports[name] = doubted
    names = joined_names([[row[place] for place in used] for row in header], len(used))
    arrays = [as_array([row[place] for row in body]) for place in used]
    texts = [canonical_text(array, kind_of_arrow(array.type)) for array in arrays]
    return SpilledTable(
        name=name,
        columns=tuple(
            SourceColumn(name=column, position=place, data_type=_type_word(array))
            for place, (column, array) in enumerate(zip(names, arrays, strict=True))
        ),
        row_estimate=len(body),
        parts=(spill(texts, names, setup.folder),),
    )


def _in_words(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    return [[spoken(cell) or "" for cell in row] for row in rows]


def _first_row(rows: Sequence[Sequence[object]]) -> int:
    """The first row about as wide as the table; titles above it fill a cell or two."""
    filled = [sum(cell is not None for cell in row) for row in rows[:_INSPECTED_ROWS]]
    return next(place for place, count in enumerate(filled) if count >= _HEADER_SHARE * max(filled))


def _type_word(array: pa.Array) -> str:
    kind = kind_of_arrow(array.type)
    return "number" if kind in {Kind.INTEGER, Kind.NUMBER} else str(kind)
