"""Formulas of a workbook whose results were never saved, as programs write them that do not calculate.

A reader sees empty cells there. They are counted in the sheets' XML as it streams by, so that no sheet is held twice.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from html import unescape
from typing import IO

from lxml import etree

_CHUNK = 1 << 20
_SHEETS, _RELATIONS, _CONTENT = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "content.xml"
_TARGET = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_TARGET = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
# Of rows in both formats, whatever stands before the name.
_ROW_END = b"row>"
# A formula, and behind it no value before the cell ends.
_EXCEL = re.compile(
    rb"<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_TABLE = re.compile(rb'<table:table\s[^<>]*?table:name="([^"]*)"')
_FORMULA = re.compile(rb"<table:table-cell\s(?=[^<>]*table:formula=)(?![^<>]*office:value-type=)[^<>]*>")
_REPEATED = re.compile(rb'table:number-columns-repeated="(\d+)"')


def unsaved_formulas(workbook: IO[bytes]) -> Mapping[str, int]:
    """How many formulas of each sheet have no result; only sheets that have some are named."""
    try:
        with zipfile.ZipFile(workbook) as archive:
            names = set(archive.namelist())
            if _SHEETS in names:
                counts = {
                    sheet: _count(archive, part) for sheet, part in _excel_sheets(archive) if part in names
                }
            elif _CONTENT in names:
                counts = _open_document(archive)
            else:
                return {}
    except (zipfile.BadZipFile, etree.LxmlError, KeyError, NotImplementedError):
        return {}
    return {sheet: count for sheet, count in counts.items() if count}


def _excel_sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Each sheet's name and where its cells are."""
    targets = {
        str(relation.get("Id")): str(relation.get("Target")) for relation in _elements(archive, _RELATIONS)
    }
    for element in _elements(archive, _SHEETS):
        if etree.QName(element).localname == "sheet":
            target = targets.get(str(element.get(_TARGET) or element.get(_STRICT_TARGET)), "")
            yield str(element.get("name")), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _elements(archive: zipfile.ZipFile, part: str) -> list[etree._Element]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return [
        element
        for element in etree.fromstring(archive.read(part), parser).iter()
        if isinstance(element.tag, str)
    ]


def _count(archive: zipfile.ZipFile, part: str) -> int:
    with archive.open(part) as file:
        return sum(len(_EXCEL.findall(text)) for text in _pieces(file))


def _open_document(archive: zipfile.ZipFile) -> Counter[str]:
    counts, sheet = Counter[str](), ""
    with archive.open(_CONTENT) as file:
        for text in _pieces(file):
            begun = [(found.start(), unescape(found.group(1).decode())) for found in _TABLE.finditer(text)]
            for cell in _FORMULA.finditer(text):
                while begun and begun[0][0] < cell.start():
                    sheet = begun.pop(0)[1]
                repeated = _REPEATED.search(cell.group())
                counts[sheet] += int(repeated.group(1)) if repeated else 1
            sheet = begun[-1][1] if begun else sheet
    return counts


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The text in pieces, each of whole rows."""
    held = b""
    while chunk := file.read(_CHUNK):
        held += chunk
        cut = held.rfind(_ROW_END) + len(_ROW_END)
        if cut >= len(_ROW_END):
            yield held[:cut]
            held = held[cut:]
    yield held
