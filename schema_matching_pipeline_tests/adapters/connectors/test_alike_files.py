"""Files of one folder that hold the same kind of records: one per patient, per page, per part."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline_tests.adapters.connectors.measuring import address, measured, snapshot_of

_NAMES = ("Ann_Lee", "Bo_Ek", "Cy_Orr", "Dee_Poe")


def _rows(sources: Sources, location: object) -> dict[str, int | None]:
    return {table.name: table.row_estimate for table in snapshot_of(sources, location).tables}


def _bundle(number: int) -> dict[str, object]:
    """A patient with visits; of the last one a bill, too."""
    patient = {
        "resourceType": "Patient",
        "id": f"p{number}",
        "birthDate": f"198{number}-02-03",
        "gender": "female",
    }
    visits = [
        {"resourceType": "Visit", "id": f"v{number}{day}", "day": f"2020-01-0{day}", "reason": "cough"}
        for day in range(1, 3 + number)
    ]
    bills = (
        [{"resourceType": "Bill", "id": f"b{number}", "total": 12.5, "payer": "self"}] if number == 4 else []
    )
    entries = [{"fullUrl": f"urn:{number}", "resource": one} for one in (patient, *visits, *bills)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A file for each of four patients, called after them."""
    path = tmp_path / "clinic"
    path.mkdir()
    for number, name in enumerate(_NAMES, start=1):
        (path / f"{name}_{UUID(int=number * 7**40)}.json").write_text(json.dumps(_bundle(number)))
    return path


def test_files_of_one_patient_each_become_tables_called_after_what_is_in_them(
    sources: Sources, folder: Path
) -> None:
    assert _rows(sources, folder) == {"Bundle": 4, "Patient": 4, "Visit": 18, "Bill": 1}
    found = {column.name: dict(column.values) for column in measured(sources, folder, "Patient").columns}
    assert found["_parent_id"] == {"1": 1, "2": 1, "3": 1, "4": 1}
    assert found["birthDate"] == {f"198{number}-02-03": 1 for number in range(1, 5)}
    visits = {column.name: dict(column.values) for column in measured(sources, folder, "Visit").columns}
    assert visits["_parent_id"] == {"1": 3, "2": 4, "3": 5, "4": 6}


def test_that_files_are_read_as_one_is_told_without_their_names(sources: Sources, folder: Path) -> None:
    trouble = measured(sources, folder, "Bundle").trouble
    assert trouble is not None
    assert trouble.code == "FILES_JOINED"
    assert trouble.message == (
        "4 files of folder 'clinic' hold records of one kind and are read as one."
        " To read each by itself, add ?exports=apart to the path."
    )


def test_a_broken_file_among_them_is_told_with_its_line_and_the_others_are_read(
    sources: Sources, folder: Path
) -> None:
    next(folder.glob("Bo*")).write_text('{"resourceType": "Bundle",\n"entry": [')
    assert _rows(sources, folder) == {"Bundle": 3, "Patient": 3, "Visit": 14, "Bill": 1}
    trouble = measured(sources, folder, "Bundle").trouble
    assert trouble is not None
    assert trouble.code == "SOURCE_UNREADABLE"
    assert trouble.message.startswith(
        "3 files of folder 'clinic' hold records of one kind and are read as one."
    )
    assert "line 2 of 'Bo_Ek_" in trouble.message
    assert snapshot_of(sources, folder).troubles == ()


def test_each_is_read_by_itself_where_the_path_says_so(sources: Sources, folder: Path) -> None:
    found = _rows(sources, f"{folder}?exports=apart")
    assert [rows for name, rows in found.items() if name.endswith("Patient")] == [1, 1, 1, 1]


def test_a_test_of_the_source_tells_the_files_together(sources: Sources, folder: Path) -> None:
    [found] = sources.test(address(folder)).files
    assert (found.file, found.read_as) == ("4 files of folder 'clinic'", "json")
    assert [table.name for table in found.tables] == ["Bundle", "Patient", "Visit", "Bill"]


def test_single_records_of_several_kinds_in_a_folder_become_a_table_for_each_kind(
    sources: Sources, tmp_path: Path
) -> None:
    for number in range(1, 5):
        for place, entry in enumerate(_bundle(number)["entry"]):  # type: ignore[arg-type, var-annotated]  # a list
            (tmp_path / f"{UUID(int=(number * 9 + place) * 7**40)}.json").write_text(
                json.dumps(entry["resource"])
            )
    assert _rows(sources, tmp_path) == {"Patient": 4, "Visit": 18, "Bill": 1}


def _page(number: int) -> str:
    return json.dumps([{"id": number, "town": "Oslo", "stays": [{"day": number}]}])


@pytest.mark.parametrize(
    ("files", "tables"),
    [
        (
            {"visits-page-1.json": _page(1), "visits-page-2.json": _page(2)},
            {"visits-page": 2, "visits-page_stays": 2},
        ),
        ({"part-00000.jsonl": _page(1)[1:-1], "part-00001.jsonl": _page(2)[1:-1]}, {"part": 2, "part_stays": 2}),
        (
            {name: f"name: {name}\nborn: 1990\ntown: Rome\nvisits:\n- day: 1\n" for name in ("ann.yaml", "bo.yaml", "cy.yaml")},
            {"folder": 3, "folder_visits": 3},
        ),
        (
            {
                "ann-0001.xml": "<p><name>Ann</name><visit><day>1</day></visit></p>",
                "bo-0002.xml": "<p><name>Bo</name><visit><day>1</day></visit><visit><day>2</day></visit></p>",
            },
            {"folder_document": 2, "folder": 3},
        ),
        (
            {f"{name}.json": '[{"code": "a", "name": "b"}]' for name in ("country", "currency", "unit", "race")},
            {"country": 1, "currency": 1, "race": 1, "unit": 1},
        ),
        (
            {f"{name}.json": '{"count": 1, "next": null, "results": [{"id": 1, "name": "x"}]}' for name in ("a", "b", "c")},
            {"a": 1, "a_results": 1, "b": 1, "b_results": 1, "c": 1, "c_results": 1},
        ),
        (
            {"order_1.json": '[{"id": 1, "sum": 2, "day": 3}]', "order_2.json": '[{"key": 1, "town": "x", "zip": 2}]'},
            {"order_1": 1, "order_2": 1},
        ),
        (
            {"orders-0001.json": _page(1), "orders-0002.json": _page(2), "people-0001.json": _page(1), "people-0002.json": _page(1)},
            {"orders": 2, "orders_stays": 2, "people": 2, "people_stays": 2},
        ),
        (
            {f"Icd_{version}.json": '[{"code": "a", "name": "b"}]' for version in (9, 10)},
            {"Icd_10": 1, "Icd_9": 1},
        ),
    ],
    ids=["pages", "parts", "yaml", "xml", "lists of codes", "envelopes", "other names", "two things", "versions"],
)  # fmt: skip
def test_what_is_read_as_one_has_one_shape_and_names_that_say_so(
    files: dict[str, str], tables: dict[str, int], sources: Sources, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    assert _rows(sources, folder) == tables


def test_a_large_list_of_records_goes_with_the_small_ones(sources: Sources, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    large = ",".join(f'{{"id": {number}, "note": "{"n" * 1000}"}}' for number in range(9_000))
    (folder / "part_1.json").write_text(f"[{large}]")
    (folder / "part_2.json").write_text('[{"id": 9000, "note": "n"}]')
    table = measured(sources, folder, "part")
    assert table.row_count == 9_001


def test_xml_records_lead_to_the_file_they_are_of(sources: Sources, tmp_path: Path) -> None:
    for number, visits in enumerate((1, 2), start=1):
        inner = "<visit><day>1</day></visit>" * visits
        (tmp_path / f"p{number}.xml").write_text(f"<p><name>n{number}</name><all>{inner}</all></p>")
    found = measured(sources, tmp_path, "p_all_visit")
    assert dict(found.columns[0].values) == {"1": 1, "2": 2}


def test_xml_records_in_files_of_any_name_are_read(sources: Sources, tmp_path: Path) -> None:
    for number, name in enumerate(("north", "south", "west")):
        (tmp_path / f"{name}.xml").write_text(f"<station><code>{number}</code><beds>7</beds></station>")
    assert sum(rows or 0 for rows in _rows(sources, tmp_path).values()) == 3


@pytest.mark.parametrize("names", [("Ann_Lee_{0}", "Bob_Ray_{0}"), ("Ann_Lee_{1}", "Ann_Lee_{2}")])
def test_no_table_of_several_files_is_called_after_a_person(
    names: tuple[str, ...], sources: Sources, tmp_path: Path
) -> None:
    folder = tmp_path / "clinic"
    folder.mkdir()
    for number in (1, 2):
        for name in names:
            file = folder / f"{name.format(number, UUID(int=number * 7**40), UUID(int=number * 5**50))}.json"
            file.write_text(json.dumps([{"id": file.stem[-3:], "ward": number, "beds": 2}]))
    assert _rows(sources, folder) == {"clinic": 4}


def test_of_a_file_that_breaks_off_no_record_is_kept(sources: Sources, tmp_path: Path) -> None:
    records = [{"id": f"{number}", "ward": "east", "note": "x" * 40} for number in range(10)]
    for number in (1, 2, 3):
        (tmp_path / f"stay_{number}.json").write_text(json.dumps(records)[: None if number != 2 else -60])
    assert _rows(sources, tmp_path) == {"stay": 20}
    trouble = measured(sources, tmp_path, "stay").trouble
    assert trouble is not None
    assert "stay_2.json" in trouble.message
    assert trouble.message.startswith("2 files")
