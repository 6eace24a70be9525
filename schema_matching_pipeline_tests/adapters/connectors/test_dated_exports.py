"""Dated exports of one table in a folder."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline_tests.adapters.connectors.measuring import measured, snapshot_of


def _names(sources: Sources, location: object) -> list[str]:
    return sorted(table.name for table in snapshot_of(sources, location).tables)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three exports: a column comes with the second, another goes with the third, which is a workbook."""
    (tmp_path / "patients_2024-01.csv").write_text("id,a,b,c,d,e,old\n1,a,b,c,d,e,x\n2,a,b,c,d,e,x\n")
    (tmp_path / "patients_2024-02.csv").write_text("id,a,b,c,d,e,old,new\n3,a,b,c,d,e,x,y\n")
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(["id", "a", "b", "c", "d", "e", "new"])
    workbook.worksheets[0].append(["4", "a", "b", "c", "d", "e", "z"])
    workbook.save(tmp_path / "patients_20240301.xlsx")
    return tmp_path


def test_exports_of_one_table_become_one_with_every_column(sources: Sources, folder: Path) -> None:
    found = measured(sources, folder, "patients")
    values = {column.name: dict(column.values) for column in found.columns}
    assert (found.row_count, values["id"]) == (4, {"1": 1, "2": 1, "3": 1, "4": 1})
    assert (values["old"], values["new"]) == ({"x": 3}, {"y": 1, "z": 1})
    assert list(values) == ["id", "a", "b", "c", "d", "e", "new", "old"]


def test_columns_that_come_and_go_are_told_with_the_export(sources: Sources, folder: Path) -> None:
    trouble = measured(sources, folder, "patients").trouble
    assert trouble is not None
    assert trouble.code == "EXPORTS_JOINED"
    assert trouble.message == (
        "3 dated exports are read as one table, 'patients_2024-01.csv' to 'patients_20240301.xlsx'."
        " Columns that appear with 'patients_2024-02.csv': 'new'."
        " Columns that vanish with 'patients_20240301.xlsx': 'old'."
        " To read each as a table of its own, add ?exports=apart to the path."
    )


def test_exports_stay_apart_where_the_path_says_so(sources: Sources, folder: Path) -> None:
    assert _names(sources, f"{folder}?exports=apart") == [
        "patients_2024-01",
        "patients_2024-02",
        "patients_20240301",
    ]


def test_a_bad_row_of_an_export_is_told_with_its_file(sources: Sources, tmp_path: Path) -> None:
    rows = "".join(f"{number},x\n" for number in range(60))
    (tmp_path / "log_2024-01.csv").write_text(f"id,name\n{rows}1,2,3\n")
    (tmp_path / "log_2024-02.csv").write_text(f"id,name\n{rows}")
    trouble = measured(sources, tmp_path, "log").trouble
    assert trouble is not None
    assert trouble.code == "ROWS_UNREADABLE"
    assert "(line 62). File 'log_2024-01.csv'" in trouble.message


@pytest.mark.parametrize(
    ("files", "tables"),
    [
        ({"a_2024.csv": "id,x,y\n1,2,3\n", "a_2025.csv": "key,u,v\n1,2,3\n"}, ["a_2024", "a_2025"]),
        ({"a_2024.csv": "id,x\n1,2\n", "b_2025.csv": "id,x\n1,2\n"}, ["a_2024", "b_2025"]),
        ({"a_1.csv": "id,x\n1,2\n", "a_2.csv": "id,x\n1,2\n"}, ["a_1", "a_2"]),
        (
            {"a.csv": "id,x\n1,2\n", "a_2024.csv": "id,x\n1,2\n", "a_2025.csv": "id,x\n1,2\n"},
            ["a", "a_2024", "a_2025"],
        ),
        ({"31-12-2024 a.csv": "id,x\n1,2\n", "01-02-2025 a.csv": "id,x\n1,2\n"}, ["a"]),
        ({"a 2024-01-01T10.csv": "id,x\n1,2\n", "a 2024-01-01T11.csv": "id,x\n1,2\n"}, ["a"]),
        ({"2024Q1.csv": "id,x\n1,2\n", "2024Q2.csv": "id,x\n1,2\n"}, ["folder"]),
    ],
    ids=[
        "other columns",
        "other names",
        "no date",
        "name taken",
        "day first",
        "time of day",
        "nothing but quarters",
    ],
)
def test_only_dates_in_the_name_and_like_columns_join_files(
    files: dict[str, str], tables: list[str], sources: Sources, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    assert _names(sources, folder) == tables


def test_of_exports_that_hold_all_rows_again_the_newest_is_the_table(
    sources: Sources, tmp_path: Path
) -> None:
    for month in range(1, 4):
        _write_people(tmp_path / f"people_2024-0{month}.csv", range(30 + month), town="Oslo")
    found = measured(sources, tmp_path, "people")
    assert found.row_count == 33
    assert found.trouble is not None
    assert found.trouble.code == "EXPORTS_REPEATED"
    assert found.trouble.message == (
        "'people_2024-03.csv' is read alone: it holds the rows of the 2 older export(s) again."
        " To read each as a table of its own, add ?exports=apart to the path."
    )


def test_numbers_that_begin_anew_in_each_export_make_no_row_a_repeated_one(
    sources: Sources, tmp_path: Path
) -> None:
    _write_people(tmp_path / "people_2024-01.csv", range(30), town="Oslo")
    _write_people(tmp_path / "people_2024-02.csv", range(30), town="Bergen", shift=50)
    assert measured(sources, tmp_path, "people").row_count == 60


def _write_people(file: Path, numbers: range, *, town: str, shift: int = 0) -> None:
    rows = "".join(f"{number},name {number + shift},{town}\n" for number in numbers)
    file.write_text(f"id,name,town\n{rows}")


def test_an_export_that_cannot_be_read_is_told_and_the_others_are_read(
    sources: Sources, tmp_path: Path
) -> None:
    for month in (1, 2):
        _write_people(
            tmp_path / f"people_2024-0{month}.csv", range(month * 100, month * 100 + 30), town="Oslo"
        )
    (tmp_path / "people_2024-03.csv").write_text('id,name,town\n1,"Ann\n')
    found = measured(sources, tmp_path, "people")
    assert found.row_count == 60
    assert found.trouble is not None
    assert found.trouble.code == "SOURCE_UNREADABLE"
    assert (
        "Not read, or not to its end: Table 'people_2024-03' cannot be read: line 2" in found.trouble.message
    )
