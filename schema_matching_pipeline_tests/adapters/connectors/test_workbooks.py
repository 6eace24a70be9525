"""Workbooks as people make them: titles, merged headers, days, shares, several sheets, passwords."""

from __future__ import annotations

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
