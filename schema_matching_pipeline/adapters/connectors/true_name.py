"""What kind of file something is by its first bytes, where its name says otherwise or nothing."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path

from schema_matching_pipeline.adapters.connectors.packing import PACKINGS, packing_of, unpacked_name

_HEAD_BYTES = 4096
_ZIPPED, _OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES = (
    (b"\x1f\x8b\x08", ".gz"),
    (b"BZh", ".bz2"),
    (b"\xfd7zXZ\0", ".xz"),
    (b"\x28\xb5\x2f\xfd", ".zst"),
    (b"PAR1", ".parquet"),
    (_OLD_WORKBOOK, ".xls"),
)
_PARTS = {"xl/workbook.xml": ".xlsx", "xl/workbook.bin": ".xlsb", "content.xml": ".ods"}
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_PARQUET = frozenset({".parquet", ".parq", ".pq"})
# Suffixes of cells, under which records written in plain text stand at times.
_TABLES = _WORKBOOKS | _PARQUET | {".csv", ".tsv", ".tab", ".psv", ".ssv", ".txt", ".dat", ".zip"}
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)*\{\s*\"(?:[^\"\\]|\\.)*\"\s*:")
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b")
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_LIST = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")
# What is no table whatever it is called; written in ASCII, so that it might be taken for text.
_NO_TABLES = (
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"%!PS", "a PostScript document"),
)
_JSON_LINES = frozenset({".jsonl", ".ndjson", ".jsonlines"})
# Prose is passed over in the one, not in the other.
_ANY_TEXT, _CELLS = ".txt", ".csv"


def true_name(path: Path, *, is_known: bool = True) -> str:
    """What a file should be called by what it holds; its own name where both agree or nothing can be told.

    Of a file whose suffix nobody knows, plain text counts as a delimited file.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return path.name
    unpacked, packing = unpacked_name(path), packing_of(path)
    suffix = Path(unpacked).suffix.lower()
    found = _signed(path, head)
    if found is None and (written := _written(head, suffix)):
        return f"{Path(unpacked).stem}{written}"
    if found is None:
        is_cells = _is_text(head, is_sure=not is_known) and not is_markup(head)
        return _of_text(path, suffix, is_known=is_known) if is_cells else path.name
    if found == packing:
        return path.name
    if found in PACKINGS:
        return f"{path.name}{found}"
    is_same = found == suffix or {found, suffix} <= _WORKBOOKS or {found, suffix} <= _PARQUET
    return path.name if is_same and not packing else f"{Path(unpacked).stem}{found}"


def is_markup(head: bytes) -> bool:
    """Whether a text begins as a web page or XML does."""
    return _MARKUP.match(head) is not None


def what_else(head: bytes) -> str | None:
    """What a text is that holds no table, in words; None where that cannot be told by its beginning."""
    if _PAGE.match(head):
        return "a web page"
    return next((what for mark, what in _NO_TABLES if head.startswith(mark)), None)


def _written(head: bytes, suffix: str) -> str | None:
    """The suffix for records that are written in plain text, where a file has another one."""
    if suffix in _JSON_LINES and _LIST.match(head):
        return ".json"
    if suffix not in _TABLES:
        return None
    # Excel has an XML of its own, of which only Excel makes a table.
    if _XML.match(head) and not _PAGE.search(head) and suffix not in _WORKBOOKS:
        return ".xml"
    return ".json" if _JSON.match(head) else None


def _of_text(path: Path, suffix: str, *, is_known: bool) -> str:
    unpacked = unpacked_name(path)
    if suffix in _WORKBOOKS | _PARQUET | {".zip"}:
        return f"{Path(unpacked).stem}{_CELLS}"
    return unpacked if is_known else f"{Path(unpacked).stem}{_ANY_TEXT}"


def _signed(path: Path, head: bytes) -> str | None:
    if head.startswith(_ZIPPED):
        return _zipped(path)
    return next((suffix for mark, suffix in _SIGNATURES if head.startswith(mark)), None)


def _zipped(path: Path) -> str:
    """A workbook is an archive too."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return path.suffix.lower()
    return next((suffix for part, suffix in _PARTS.items() if part in names), ".zip")


def _is_text(head: bytes, *, is_sure: bool) -> bool:
    """Whether nothing in it speaks against text; a sure one is UTF-8 or has a mark."""
    if head.startswith(_MARKS):
        return True
    return bool(head.strip()) and not _NO_TEXT.search(head) and not (is_sure and _breaks_utf8(head))


def _breaks_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return True
    return False
