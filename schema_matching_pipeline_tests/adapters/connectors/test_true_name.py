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


_CSV_SAID = "is read as delimited (.csv): that is what it holds, whatever its name says."
_RECORDS = b'[{"id": 1, "code": "007"}, {"id": 2, "code": "008"}]'
_XML = b'<?xml version="1.0"?><all><one><code>007</code></one><one><code>008</code></one></all>'


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("people.xlsx", _TEXT, _CSV_SAID),
        ("people.parquet", _TEXT, _CSV_SAID),
        ("people.csv", _workbook(), "is read as spreadsheet (.xlsx): that"),
        ("people.csv", _RECORDS, "is read as json (.json): that"),
        ("people.txt", _RECORDS[1:-1].replace(b"}, {", b"}\n{"), "is read as json (.json): that"),
        ("people.jsonl", _RECORDS, "is read as json (.json): that"),
        ("people.csv", _XML, "is read as xml (.xml): that"),
        ("people.csv", gzip.compress(_TEXT), "is read as delimited (.csv.gz): that"),
    ],
    ids=[
        "text called xlsx",
        "text called parquet",
        "a workbook called csv",
        "JSON called csv",
        "lines of JSON called txt",
        "an array called jsonl",
        "XML called csv",
        "packed but not called so",
    ],
)
def test_a_file_that_is_not_what_it_is_called_is_told_with_what_it_was_read_as(
    name: str, content: bytes, said: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    found = measured(sources, tmp_path, "people")
    assert dict(column(found, "code").values) == {"007": 1, "008": 1}
    assert found.trouble is not None
    assert found.trouble.code == "FILE_MISNAMED"
    assert found.trouble.message.startswith(f"File {name!r} {said}")
    [check] = sources.test(address(tmp_path)).files
    assert check.troubles[0].startswith(f"File {name!r} {said}")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html>\n<html><body><table><tr><td>1, 2</td></tr></table></body></html>", "a web page"),
        (b"%PDF-1.4\n1 0 obj, 2\n2 0 obj, 3\n", "a PDF document"),
    ],
    ids=["a web page", "a PDF document"],
)
def test_what_is_no_table_under_the_name_of_one_is_refused(
    content: bytes, what: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_bytes(content)
    [trouble] = snapshot_of(sources, tmp_path).troubles
    assert trouble.message == (
        f"The file 'people.csv' is {what}, whatever its name says. Export the table itself."
    )


@pytest.mark.parametrize("suffix", ["csv", "json", "jsonl", "yaml", "xml", "xlsx", "parquet", "zip"])
def test_an_empty_file_is_told_as_such(suffix: str, sources: Sources, tmp_path: Path) -> None:
    (tmp_path / f"people.{suffix}").touch()
    [trouble] = snapshot_of(sources, tmp_path).troubles
    assert "is empty: there is no header and no row in it" in trouble.message


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
