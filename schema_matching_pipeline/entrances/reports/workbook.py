"""Rows of text as an Excel workbook in which nothing runs: names are texts, whatever they begin with."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from schema_matching_pipeline.canon.visible import visible

LONGEST = 32_767
"""No cell of Excel holds more letters."""
NUMERIC = "confidence"
"""How the names of columns end that hold numbers."""
_WIDTH = 24


def to_xlsx(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """The rows as a workbook of one sheet, the header fixed and filtered.

    What would be run as a formula is a text, and stays one when the cell is edited. Signs that a workbook cannot
    hold are spelled out; what no cell holds is cut.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, _ in enumerate(header):
        sheet.column_dimensions[_letter(place)].width = _WIDTH
    sheet.append([_cell(sheet, name, is_head=True) for name in header])
    for row in rows:
        sheet.append([_valued(sheet, name, cell) for name, cell in zip(header, row, strict=True)])
    sheet.auto_filter.ref = f"A1:{_letter(len(header) - 1)}{len(rows) + 1}"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _valued(sheet: WriteOnlyWorksheet, name: str, text: str) -> Cell | float | None:
    if not text:
        return None
    return float(text) if name.endswith(NUMERIC) else _cell(sheet, text)


def _cell(sheet: WriteOnlyWorksheet, text: str, *, is_head: bool = False) -> Cell:
    cell = WriteOnlyCell(sheet, value="")
    cell.value = visible(text)[:LONGEST]
    cell.data_type = "s"
    cell.quotePrefix = True
    if is_head:
        cell.font = Font(bold=True)
    return cell


def _letter(place: int) -> str:
    """The name of a column, of which there are fewer than there are letters."""
    return chr(ord("A") + place)
