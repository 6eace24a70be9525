"""Files under names that do not say what they hold: what counts is the content."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline_tests.adapters.connectors.measuring import (
    address,
    column,
    measured,
    snapshot_of,
)

_TEXT = b"id;code\n1;007\n2;008\n"


def _workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["id", "code"], [1, "007"], [2, "008"]):
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": [1, 2], "code": ["007", "008"]}), out)
    return out.getvalue()


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("people.csv", _TEXT)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.csv", _workbook()),
        ("people.xls", _workbook()),
        ("people.xlsx.gz", gzip.compress(_workbook())),
        ("people.xls", _TEXT),
        ("people.xls", _TEXT.decode().encode("utf-16")),
        ("people.csv", gzip.compress(_TEXT)),
        ("people.csv.gz", _TEXT),
        ("people.csv", _archive()),
        ("people.txt", _parquet()),
    ],
    ids=[
        "a workbook called csv",
        "a new workbook called xls",
        "a packed workbook",
        "text called xls",
        "Unicode text called xls",
        "packed but not called so",
        "called packed but plain",
        "an archive called csv",
        "Parquet called txt",
    ],
)
def test_a_file_is_read_as_what_it_holds(name: str, content: bytes, sources: Sources, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    found = measured(sources, tmp_path, "people")
    assert (found.row_count, dict(column(found, "code").values)) == (2, {"007": 1, "008": 1})


def test_a_file_whose_suffix_nobody_knows_is_read_where_it_is_named_itself(
    sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "people.unl").write_bytes(_TEXT)
    assert measured(sources, tmp_path / "people.unl", "people").row_count == 2


@pytest.mark.parametrize(
    "text", ["<html><table><tr><td>1</td></tr></table></html>", "<?xml version='1.0'?><a/>"]
)
def test_a_web_page_called_a_workbook_is_refused_with_the_way_out(
    text: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "people.xls").write_text(text)
    [trouble] = snapshot_of(sources, tmp_path).troubles
    assert trouble.message == (
        "The file 'people.xls' is a web page or XML under the name of a workbook. "
        "Open it in a spreadsheet program and save it as xlsx."
    )


def test_prose_under_an_unknown_suffix_is_no_table(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# Notes\n\nNothing here, as one sees.\n")
    outcome = sources.test(address(tmp_path / "notes.md"))
    assert (outcome.success, outcome.code) == (False, "NO_TABLE_INSIDE")
