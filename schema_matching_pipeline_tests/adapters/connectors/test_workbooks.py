"""Workbooks as people make them: titles, merged headers, days, shares, several sheets, passwords."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import openpyxl
import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline_tests.adapters.connectors.measuring import measured, snapshot_of


def _values(sources: Sources, path: Path, table: str) -> dict[str, dict[str, int]]:
    return {column.name: dict(column.values) for column in measured(sources, path, table).columns}


def test_days_times_and_shares_are_what_the_sheet_holds_below_titles_and_merged_names(
    sources: Sources, tmp_path: Path
) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (["Report"], [], ["Patient", None, "Visit"], ["id", "born", "start", "share"]):
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    sheet.merge_cells("A3:B3")
    sheet.merge_cells("C3:D3")
    sheet.append(["007", date(1980, 5, 1), time(8, 30), 0.125])
    sheet.append(["008", date(1981, 5, 1), time(9, 30), 0.5])
    for line in (5, 6):
        sheet.cell(line, 4).number_format = "0.0%"
    workbook.save(tmp_path / "book.xlsx")
    assert _values(sources, tmp_path, "book") == {
        "Patient id": {"007": 1, "008": 1},
        "Patient born": {"1980-05-01": 1, "1981-05-01": 1},
        "Visit start": {"08:30:00": 1, "09:30:00": 1},
        "Visit share": {"0.125": 1, "0.5": 1},
    }


def test_a_sheet_each_is_a_table_each(sources: Sources, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].title = "people"
    workbook.worksheets[0].append(["id", "name"])
    workbook.worksheets[0].append([1, "Ann"])
    other = workbook.create_sheet("visits")
    other.cell(4, 3, "day")
    other.cell(4, 4, "fee")
    other.cell(5, 3, date(2024, 1, 2))
    other.cell(5, 4, 1.5)
    workbook.save(tmp_path / "book.xlsx")
    assert [table.name for table in snapshot_of(sources, tmp_path).tables] == ["book_people", "book_visits"]
    assert _values(sources, tmp_path, "book_visits") == {"day": {"2024-01-02": 1}, "fee": {"1.5": 1}}


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (["Total", None, None, 912.5], "may be totals of those above and are read like them"),
        (["Source: the desk"], "may be notes below the table"),
        (["0250", "Ann", date(1980, 1, 1), 4.5], None),
    ],
    ids=["totals", "a note", "a row"],
)
def test_a_row_below_a_sheet_that_is_none_of_its_rows_is_in_doubt(
    last: list[object], said: str | None, sources: Sources, tmp_path: Path
) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["id", "name", "born", "fee"])
    for number in range(250):
        sheet.append([f"{number:04}", "Ann", date(1980, 1, 1), 3.65])
    sheet.append([])
    sheet.append(last)
    workbook.save(tmp_path / "book.xlsx")
    trouble = measured(sources, tmp_path, "book").trouble
    assert (trouble is not None) is (said is not None)
    assert trouble is None or f"The last 1 row(s) {said}" in trouble.message


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_the_older_kinds_of_workbook_give_figures_and_days(
    suffix: str, sources: Sources, shared_clients: Path
) -> None:
    path = shared_clients / "frictionless_data" / "raw" / f"table-with-ints-floats-dates.{suffix}"
    table = snapshot_of(sources, path).tables[0]
    assert [(column.name, column.data_type) for column in table.columns][:3] == [
        ("Int", "number"),
        ("Float", "number"),
        ("Date", "date"),
    ]


def test_a_workbook_with_a_password_says_so(sources: Sources, shared_clients: Path) -> None:
    [trouble] = snapshot_of(
        sources, shared_clients / "messytables" / "raw" / "encrypted_no_password.xls"
    ).troubles
    assert trouble.message.endswith("is encrypted. Save it without a password.")


@pytest.mark.parametrize("namespace", ["", "x:"], ids=["plain", "with a prefix"])
def test_formulas_without_a_saved_result_are_counted_with_their_sheet(
    namespace: str, sources: Sources, tmp_path: Path
) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "fees & more"
    sheet.append(["id", "fee", "tax", "total"])
    for number in range(1, 4):
        sheet.append([number, 10.5, f"=B{number + 1}*0.2", f"=B{number + 1}<C{number + 1}"])
    workbook.create_sheet("plain").append(["only words"])
    workbook.save(tmp_path / "book.xlsx")
    _rewrite(tmp_path / "book.xlsx", "xl/worksheets/sheet1.xml", lambda text: _saved(text, namespace))
    trouble = measured(sources, tmp_path, "book_fees & more").trouble
    assert trouble is not None
    assert trouble.code == "FORMULAS_UNSAVED"
    assert trouble.message == (
        "5 formula(s) of sheet 'fees & more' have no saved result and are read as empty. Open the workbook in a"
        " spreadsheet program, let it calculate, and save it. File 'book.xlsx'."
    )


def test_formulas_of_an_open_document_without_a_result_are_counted(sources: Sources, tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="{}" {}><text:p>{}</text:p></table:table-cell>'
    words = "".join(cell.format("string", "", name) for name in ("id", "fee", "total"))
    lost = '<table:table-cell table:formula="of:=[.B2]" table:number-columns-repeated="2"/>'
    kept = cell.format("float", 'office:value="3" table:formula="of:=[.A2]"', "3")
    one = cell.format("float", 'office:value="1"', "1")
    rows = f"<table:table-row>{words}</table:table-row>" + "".join(
        f"<table:table-row>{one}{more}</table:table-row>" for more in (lost, kept * 2)
    )
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    content = f'<office:document-content{names}><office:body><office:spreadsheet><table:table table:name="fees">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    with zipfile.ZipFile(tmp_path / "book.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)
    trouble = measured(sources, tmp_path, "book").trouble
    assert trouble is not None
    assert trouble.message.startswith("2 formula(s) of sheet 'fees' have no saved result")


def _saved(text: str, namespace: str) -> str:
    """One of the formulas with a result, as a program that calculates leaves it, and the elements under a prefix."""
    text = re.sub(r"(<f>[^<]*</f>)<v\s*(?:/>|></v>)", r"\1<v>2.1</v>", text, count=1)
    if not namespace:
        return text
    text = text.replace('xmlns="', 'xmlns:x="')
    return re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", text)


def _rewrite(path: Path, part: str, change: Callable[[str], str]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
