"""Files as people export them: dialects, encodings, headers, broken rows."""

# ruff: noqa: DTZ001 - moments of a client's data have no zone

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.errors import SourceUnreadableError
from schema_matching_pipeline.model.profile import PlanKind
from schema_matching_pipeline_tests.adapters.connectors.measuring import (
    a_plan,
    address,
    column,
    measured,
    snapshot_of,
)

pytestmark = pytest.mark.no_cover  # reads hundreds of files the same way, which tracing makes twice as slow


def _columns(sources: Sources, path: Path) -> list[str]:
    return [column.name for column in snapshot_of(sources, path).tables[0].columns]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "pipe"])
def test_the_delimiter_is_found(delimiter: str, sources: Sources, tmp_path: Path) -> None:
    rows = [("id", "name", "amount"), ("1", "Smith", "1,5"), ("2", "Jones", "2,5")]
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in rows]
    (tmp_path / "t.csv").write_text("\n".join(delimiter.join(row) for row in quoted))
    found = measured(sources, tmp_path)
    assert [column.name for column in found.columns] == ["id", "name", "amount"]
    numbers = column(found, "amount").numbers
    assert numbers is not None
    assert (numbers.minimum, numbers.maximum) == (1.5, 2.5)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_the_encoding_is_found(encoding: str, sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("größe,ort\r\n5,Köln\r\n6,Düsseldorf\r\n".encode(encoding))
    found = measured(sources, tmp_path)
    assert [column.name for column in found.columns] == ["größe", "ort"]
    assert dict(column(found, "ort").values) == {"Köln": 1, "Düsseldorf": 1}


def test_repeated_and_missing_names_are_numbered(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name,,name\n1,a,b,c\n")
    assert _columns(sources, tmp_path) == ["id", "name", "column_3", "name_2"]


def test_a_file_without_header_gets_numbered_columns(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("1,Smith,2020-01-05\n2,Jones,2021-02-06\n3,Brown,2021-03-07\n")
    found = measured(sources, tmp_path)
    assert [column.name for column in found.columns] == ["column_1", "column_2", "column_3"]
    assert found.row_count == 3


def test_a_header_of_words_over_words_is_still_a_header(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("surname,city\nSmith,Oxford\nJones,York\n")
    assert _columns(sources, tmp_path) == ["surname", "city"]


def test_titles_above_the_header_are_passed_over(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "Export of 2024\n\nid;name;born\n1;Smith;1970-01-02\n2;Jones;1980-03-04\n"
    )
    found = measured(sources, tmp_path)
    assert ([column.name for column in found.columns], found.row_count) == (["id", "name", "born"], 2)


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("inside", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_no_row_is_lost_below_a_name_that_holds_a_line_break(
    inside: str, ends: str, sources: Sources, tmp_path: Path
) -> None:
    rows = ["title", f'id,"date{inside}of birth"', "1,1970-01-02", f'2,"x{inside}y"', "3,1980-03-04", ""]
    (tmp_path / "t.csv").write_bytes(ends.join(rows).encode())
    found = measured(sources, tmp_path)
    assert ([column.name for column in found.columns], found.row_count) == (
        ["id", f"date{inside}of birth"],
        3,
    )


def test_short_rows_are_filled_with_nulls(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name,city\n1,a,b\n2,c\n3,d,e\n4,f,g\n")
    assert column(measured(sources, tmp_path), "city").null_count == 1


def test_a_row_that_is_short_far_below_the_beginning_is_found_too(sources: Sources, tmp_path: Path) -> None:
    rows = [f"{number},name,city" for number in range(60_000)]
    (tmp_path / "t.csv").write_text("\n".join(["id,name,city", *rows, "x,y", *rows]))
    found = measured(sources, tmp_path)
    assert (found.row_count, column(found, "city").null_count) == (120_001, 1)


def test_line_breaks_and_quotes_within_cells_are_kept(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('id,note\n1,"first\nsecond"\n2,"says ""no"""\n')
    assert dict(column(measured(sources, tmp_path), "note").values) == {"first\nsecond": 1, 'says "no"': 1}


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz", "zst"])
def test_a_packed_file_is_read(packing: str, sources: Sources, tmp_path: Path) -> None:
    text = b"id,code\n1,007\n"
    packed: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zst": lambda plain: pa.compress(plain, "zstd", asbytes=True),
    }
    (tmp_path / f"visits.csv.{packing}").write_bytes(packed[packing](text))
    found = measured(sources, tmp_path, "visits")
    assert column(found, "code").values == (("007", 1),)


@pytest.mark.parametrize(
    "text",
    [
        'id,note\n0,y\n1,"never closed\n2,x\n3,z\n',
        'id,note,more\n0,y\n1,"never closed,z\n2,x,y\n',
        'id,note\n1,"never closed\n',
    ],
    ids=["even rows", "short rows", "last row"],
)
def test_a_quote_that_is_never_closed_takes_no_rows_away_in_silence(
    text: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(SourceUnreadableError, match="has a quotation mark that is not closed"):
        measured(sources, tmp_path)


@pytest.mark.parametrize("short", ["", "x,y\n"], ids=["even rows", "a short row above"])
@pytest.mark.parametrize("packing", ["", ".gz"], ids=["plain", "packed"])
def test_a_row_with_a_quote_never_closed_is_left_out_with_its_line_and_the_rest_is_read(
    short: str, packing: str, sources: Sources, tmp_path: Path
) -> None:
    rows = "".join(f"{number},name,city\n" for number in range(5_000))
    text = f'id,name,city\n{rows}{short}9,"open,x\n{rows}'.encode()
    (tmp_path / f"t.csv{packing}").write_bytes(gzip.compress(text) if packing else text)
    found = measured(sources, tmp_path, "t", PlanKind.MEDIUM)
    line = 5_003 if short else 5_002
    assert found.row_count == 10_000 + bool(short)
    assert found.trouble is not None
    assert f"1 row could not be read and was left out (line {line})" in found.trouble.message


def test_a_lone_quote_inside_a_cell_is_part_of_it(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('id,size,more\n1,5" disk\n2,3 disk,x\n3,"8"" disk",y\n')
    assert measured(sources, tmp_path).row_count == 3


def test_broken_quoting_names_file_and_line_and_others_go_on(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "broken.csv").write_text('id,name\n1,Smith\n2,"secret value"x\n3,Jones\n')
    (tmp_path / "sound.csv").write_text("id,name\n1,Smith\n")
    with sources.open(address(tmp_path)) as source:
        broken, sound = source.snapshot().tables
        with pytest.raises(SourceUnreadableError) as raised:
            source.measure(a_plan(broken))
        assert source.measure(a_plan(sound)).row_count == 1
    assert str(raised.value) == (
        "Table 'broken' cannot be read: line 3 of 'broken.csv' has a quotation mark that is not closed or stands in the"
        " wrong place. Mend the file or export it again."
    )
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("t.json", '[{"a": 1},\n{"a": ]', 2),
        ("t.jsonl", '{"a": 1}\n{"a": secret}\n', 2),
        ("t.xml", "<rows>\n<row><a>1</a></row>\n<row><a>secret</row>\n</rows>", 3),
    ],
    ids=["json", "json lines", "xml"],
)
def test_a_malformed_file_is_a_trouble_with_its_line(
    name: str, content: str, line: int, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    (tmp_path / "sound.csv").write_text("id,name\n1,Smith\n")
    snapshot = snapshot_of(sources, tmp_path)
    assert [table.name for table in snapshot.tables] == ["sound"]
    [trouble] = snapshot.troubles
    assert (trouble.table, trouble.code) == ("t", "SOURCE_UNREADABLE")
    assert f"line {line} of '{name}'" in trouble.message
    assert "secret" not in trouble.message


@pytest.mark.parametrize("name", ["t.parquet", "t.xlsx", "t.xls", "t.csv.gz", "t.json.gz"])
def test_a_file_of_rubbish_is_a_trouble(name: str, sources: Sources, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\x00\x01 rubbish \xff\xfe" * 20)
    (tmp_path / "sound.csv").write_text("id,name\n1,Smith\n")
    snapshot = snapshot_of(sources, tmp_path)
    assert ([table.name for table in snapshot.tables], [trouble.table for trouble in snapshot.troubles]) == (
        ["sound"],
        ["t"],
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("x,y", "1 row has fewer cells than the header (line 32)"),
        ("x,,y,z", "1 row has more cells than the header, which were cut (line 32)"),
        ("x,,y,", "1 row has more cells than the header, which were cut (line 32)"),
        ('x,"y"y,z', "1 row could not be read and was left out (line 32)"),
    ],
    ids=["short", "long", "long and empty at its end", "misplaced quote"],
)
def test_a_single_bad_row_is_reported_with_its_line_and_the_rest_is_read(
    row: str, said: str, sources: Sources, tmp_path: Path
) -> None:
    sound = [f"{number},name,city" for number in range(30)]
    (tmp_path / "t.csv").write_text("\n".join(["id,name,city", *sound, row, *sound, ""]))
    found = measured(sources, tmp_path)
    assert found.trouble is not None
    assert (found.trouble.table, found.trouble.code) == ("t", "ROWS_UNREADABLE")
    assert found.trouble.message == f"{said}. File 't.csv'."
    assert found.row_count == (60 if "left out" in said else 61)


@pytest.mark.parametrize(
    ("rows", "lines", "kept"),
    [
        (['x,"y,z "w"'], "(line 32)", 60),
        (['x,y,"', 'v,"w",z'], "(line 32)", 61),
        (['x,y,"', 'v,"w",z,', 'v,"w",'], "(lines 32, 33)", 61),
    ],
    ids=["odd within its line", "takes a line with it", "takes a line with it that is bad too"],
)
def test_a_stray_quote_costs_its_own_row_alone(
    rows: list[str], lines: str, kept: int, sources: Sources, tmp_path: Path
) -> None:
    sound = [f"{number},name,city" for number in range(30)]
    (tmp_path / "t.csv").write_text("\n".join(["id,name,city", *sound, *rows, *sound, ""]))
    found = measured(sources, tmp_path)
    assert found.trouble is not None
    assert found.trouble.message.endswith(
        f"could not be read and {'was' if 'line ' in lines else 'were'} left out {lines}. File 't.csv'."
    )
    assert found.row_count == kept


def test_quotes_inside_a_quoted_cell_that_nothing_marks_are_kept_and_told(
    sources: Sources, tmp_path: Path
) -> None:
    rows = [f'{number},"Boots, plain",x' for number in range(20)]
    rows[4], rows[7] = '4,"Boots, 10" lined",x', '7,"a ""b"" and 5" of it",""'
    (tmp_path / "t.csv").write_text("\n".join(("id,name,note", *rows)))
    found = measured(sources, tmp_path)
    assert dict(column(found, "name").values) == {
        "Boots, plain": 18,
        'Boots, 10" lined': 1,
        'a "b" and 5" of it': 1,
    }
    assert found.trouble is not None
    assert found.trouble.message == (
        "2 rows have quotation marks inside a quoted cell that nothing marks, which were kept (lines 6, 9). File 't.csv'."
    )


def test_many_bad_rows_make_the_table_unreadable(sources: Sources, tmp_path: Path) -> None:
    sound, bad = [f"{number},name,city" for number in range(600)], ["1,2,3,4,5"] * 60
    (tmp_path / "t.csv").write_text("\n".join(["id,name,city", *sound, *bad, ""]))
    with pytest.raises(SourceUnreadableError, match=r"line 602 of 't\.csv' has another number of cells"):
        measured(sources, tmp_path)


def test_the_header_once_more_within_the_table_is_no_row(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name,city\n1,a,b\n2,c,d\nid,name,city\n3,e,f\n")
    found = measured(sources, tmp_path)
    assert (found.row_count, found.trouble is not None) == (3, True)


@pytest.mark.parametrize("packing", ["", ".gz"], ids=["plain", "packed"])
@pytest.mark.parametrize(
    "header", ["id,name,day", '"id","name","day"', "Title\n\nid,name,day"], ids=["plain", "quoted", "titled"]
)
def test_the_header_once_more_is_no_row_however_far_below_and_however_large_the_file(
    header: str, packing: str, sources: Sources, tmp_path: Path
) -> None:
    rows = "".join(f"{number},name of it,monday\n" for number in range(20_000))
    text = f"{header}\n{rows}{header.splitlines()[-1]}\n1,x,y\n".encode()
    (tmp_path / f"t.csv{packing}").write_bytes(gzip.compress(text) if packing else text)
    found = measured(sources, tmp_path, "t", PlanKind.MEDIUM)
    assert found.row_count == 20_001
    assert found.trouble is not None
    assert "the header is repeated 1 times" in found.trouble.message


def test_another_table_below_with_other_columns_is_refused_not_joined(
    sources: Sources, tmp_path: Path
) -> None:
    rows = [f"{number},name,city" for number in range(30)]
    (tmp_path / "t.csv").write_text("\n".join(["id,name,city", *rows, "id,name,street", *rows, ""]))
    with pytest.raises(SourceUnreadableError, match=r"row 31 of 't\.csv' begins another table"):
        measured(sources, tmp_path)


def test_tables_below_one_another_are_tables_of_their_own(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "Visits,,\nday,place,cost\n2024-01-02,York,5\n2024-01-03,Bath,6\n,,\nGifts,,\ngiver,,value\nAnn,,7\nBob,,8\n"
    )
    tables = snapshot_of(sources, tmp_path).tables
    assert [
        (table.name, [column.name for column in table.columns], table.row_estimate) for table in tables
    ] == [
        ("t_1", ["day", "place", "cost"], 2),
        ("t_2", ["giver", "value"], 2),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Report,,\n,,\nid,name,born\n1,Ann,1970-01-02\n2,Bob,1980-03-04\n", ["id", "name", "born"]),
        ("id,name,born\nno.,text,day\n1,Ann,1970-01-02\n2,Bob,1980-03-04\n", ["id no.", "name text", "born day"]),
        ("id,stay,,rate\n,from,to,\n1,2020-01-02,2020-01-03,5\n2,2020-01-04,2020-01-05,6\n", ["id", "stay from", "stay to", "rate"]),
        ("place,2019,2020\nnorth,yes,no\nsouth,no,yes\n", ["place", "2019", "2020"]),
        ('"id", "name", "note"\n1, "Ann", "a, b"\n2, "Bob", "c"\n', ["id", "name", "note"]),
        ("id name born\n1 Ann 1970\n2 Bob 1980\n3 Cid 1990\n", ["id", "name", "born"]),
    ],
    ids=["title with delimiters", "two rows", "groups", "years", "blanks before quotes", "between blanks"],
)  # fmt: skip
def test_the_header_is_found(text: str, names: list[str], sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    found = measured(sources, tmp_path)
    assert [column.name for column in found.columns] == names
    assert found.row_count == (3 if "Cid" in text else 2)


def test_rows_without_any_value_are_no_rows(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name\n1,a\n,\n\n2,b\n,\n")
    assert measured(sources, tmp_path).row_count == 2


def test_quotes_may_be_written_with_a_backslash(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('id,note\n1,"5\\" disk, new"\n2,"says \\"no\\""\n')
    assert dict(column(measured(sources, tmp_path), "note").values) == {'5" disk, new': 1, 'says "no"': 1}


def test_lines_that_end_in_different_ways_are_read(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"id,name\r\n1,a\n2,b\r\n3,c\r4,d\n")
    assert dict(column(measured(sources, tmp_path), "name").values) == {"a": 1, "b": 1, "c": 1, "d": 1}


@pytest.mark.parametrize("encoding", ["big5", "cp1251"])
def test_the_encoding_of_another_script_is_found_by_its_letters(
    encoding: str, sources: Sources, tmp_path: Path
) -> None:
    word = {"big5": "國家公園管理處提供的服務", "cp1251": "Пациент пришёл на приём утром"}[encoding]
    (tmp_path / "t.csv").write_bytes(
        "\n".join(["id,note", *(f"{n},{word} {n}" for n in range(40))]).encode(encoding)
    )
    assert dict(column(measured(sources, tmp_path), "note").values)[f"{word} 1"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty: there is no header and no row in it"),
        ("\n\n", "is empty: there is no header and no row in it"),
        (
            "one two, three\nfour; five six\nseven, eight, nine, ten\na, b, c, d, e, f\n",
            "no delimiter divides its rows into the same number of cells",
        ),
    ],
    ids=["no byte", "empty lines", "prose"],
)
def test_a_file_without_rows_of_cells_is_refused_in_words(
    text: str, said: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(text)
    [trouble] = snapshot_of(sources, tmp_path).troubles
    assert said in trouble.message


def test_files_of_one_name_in_several_folders_become_several_tables(sources: Sources, tmp_path: Path) -> None:
    for folder in ("north", "south"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "visits.csv").write_text("id,name\n1,Smith\n")
    (tmp_path / "visits.tsv").write_text("id\tname\n1\tSmith\n")
    assert [table.name for table in snapshot_of(sources, tmp_path).tables] == [
        "north_visits_csv",
        "south_visits_csv",
        "visits_tsv",
    ]


def test_a_file_name_with_a_pattern_in_it_is_just_a_name(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "visits [2024]*.csv").write_text("id,name\n1,Smith\n")
    assert measured(sources, tmp_path, "visits [2024]*").row_count == 1


def test_prose_is_no_table(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("This folder holds exports.\nNothing else.\n")
    (tmp_path / "sound.csv").write_text("id,name\n1,Smith\n")
    assert [table.name for table in snapshot_of(sources, tmp_path).tables] == ["sound"]


def test_nested_objects_become_dotted_columns_and_lists_become_tables(
    sources: Sources, tmp_path: Path
) -> None:
    document = [
        {"name": {"given": "Ann", "family": "Lee"}, "tags": ["a", "b"], "visits": [{"on": "2020-01-01"}]},
        {
            "name": {"given": "Bob"},
            "active": True,
            "visits": [{"on": "2021-01-01", "cost": 5.50}, {"on": None}],
        },
    ]
    (tmp_path / "people.json").write_text(json.dumps(document))
    people = measured(sources, tmp_path, "people")
    visits = measured(sources, tmp_path, "people_visits")
    assert [(c.name, c.values) for c in people.columns] == [
        ("_id", (("1", 1), ("2", 1))),
        ("name.given", (("Ann", 1), ("Bob", 1))),
        ("name.family", (("Lee", 1),)),
        ("tags", (('["a", "b"]', 1),)),
        ("active", (("true", 1),)),
    ]
    assert [(c.name, c.values) for c in visits.columns] == [
        ("_id", (("1", 1), ("2", 1), ("3", 1))),
        ("_parent_id", (("2", 2), ("1", 1))),
        ("on", (("2020-01-01", 1), ("2021-01-01", 1))),
        ("cost", (("5.5", 1),)),
    ][1:]


def test_an_object_of_arrays_is_a_table_each(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text('{"patients": [{"id": 1}, {"id": 2}], "visits": [{"id": 7}]}')
    tables = snapshot_of(sources, tmp_path).tables
    assert [(table.name, table.row_estimate) for table in tables] == [
        ("export_patients", 2),
        ("export_visits", 1),
    ]
    assert tables[0].foreign_keys == ()


def test_xml_attributes_elements_and_repetitions_are_told_apart(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "people.xml").write_text(
        '<p:people xmlns:p="urn:x"><p:person id="1"><p:name>Ann</p:name><p:phone>5</p:phone></p:person>'
        '<p:person id="2"><p:name>Bob</p:name><p:phone>6</p:phone><p:phone>7</p:phone></p:person></p:people>'
    )
    people = measured(sources, tmp_path, "people")
    assert {c.name: dict(c.values) for c in people.columns} == {
        "id": {"1": 1, "2": 1},
        "name": {"Ann": 1, "Bob": 1},
        "phone": {'["5"]': 1, '["6", "7"]': 1},
    }


def test_a_sheet_may_begin_with_titles_and_hold_mixed_cells(sources: Sources, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (["Export"], [], ["id", "when", "mixed", "day"]):
        sheet.append(row)
    sheet.append([1, datetime(2024, 1, 2, 3, 4), "007", date(2024, 1, 2)])
    sheet.append([2, datetime(2024, 1, 3, 3, 4), 7, date(2024, 1, 3)])
    workbook.save(tmp_path / "book.xlsx")
    found = measured(sources, tmp_path, "book")
    assert {c.name: [text for text, _ in c.values] for c in found.columns} == {
        "id": ["1", "2"],
        "when": ["2024-01-02 03:04:00", "2024-01-03 03:04:00"],
        "mixed": ["007", "7"],
        "day": ["2024-01-02", "2024-01-03"],
    }


def test_empty_sheets_make_no_tables(sources: Sources, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(["id", "name"])
    workbook.worksheets[0].append([1, "Ann"])
    workbook.create_sheet("nothing")
    workbook.save(tmp_path / "book.xlsx")
    assert [table.name for table in snapshot_of(sources, tmp_path).tables] == ["book"]


@pytest.mark.parametrize(("copies", "doubted"), [(1, True), (40, False)], ids=["few letters", "many letters"])
def test_an_encoding_guessed_from_few_letters_is_a_warning(
    copies: int, doubted: bool, sources: Sources, tmp_path: Path
) -> None:
    text = "id,name\n" + "1,Леонид\n2,Татьяна\n3,Владимир\n" * copies
    (tmp_path / "t.csv").write_bytes(text.encode("cp1251"))
    trouble = measured(sources, tmp_path).trouble
    assert (trouble is not None and trouble.code == "READ_IN_DOUBT") is doubted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2024-01-02,5.0\n2,2024-01-03,6.5\n", "No row was taken for a header"),
        ("Patient,,Visit\nid,born,fee\n" + "1,2020,5.0\n" * 5, "are joined from 2 rows"),
        ("id,fee\n1,2\n2,3\n\nday,visits,rooms\n2024-01-01,5,6\n2024-01-02,7,8\n", "This is one of 2 tables"),
        (
            "id,born,fee,room\n1,2020,5.0,9\n2,2021,6.5,8\n\nSource: the desk,,,\n",
            "The last 1 line(s) were taken for notes below the table and left out",
        ),
        (
            "id,born,fee,room\n1,2020,5.0,9\n2,2021,6.5\n",
            "1 row has fewer cells than the header",
        ),
        (
            "id,born,fee,room\n" + "1,2020,5.0,9\n" * 5 + "Summe:,,25.0,\nDurchschnitt,,5.0,\n",
            "The last 2 row(s) may be totals of those above",
        ),
    ],
    ids=["no header", "a header of two rows", "two tables", "notes below", "a short row", "totals"],
)
def test_what_is_judged_rather_than_known_about_a_file_is_a_warning(
    text: str, said: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(text)
    trouble = measured(sources, tmp_path).trouble
    assert trouble is not None
    assert (trouble.code, trouble.message.endswith("File 't.csv'."), said in trouble.message) == (
        "READ_IN_DOUBT",
        True,
        True,
    )


def test_a_row_that_is_only_called_total_is_none(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("kind,born,fee\n" + "part,2020,5.0\n" * 5 + "total,2020,25.0\n")
    assert measured(sources, tmp_path).trouble is None


def test_a_plain_table_carries_no_warning(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,born,fee,room\n1,2020,5.0,9\n\n2,2021,6.5,8\n")
    assert measured(sources, tmp_path).trouble is None


_PLACES = "town,land,kind\nOslo,Norway,coast\nBern,Switzerland,inland\nRome,Italy,inland\n"


@pytest.mark.parametrize(
    "text",
    [
        f"# written by a program\n# version 3, second try\n{_PLACES}",
        f"Office:,Bern\nPeriod:,2023\n\n{_PLACES}",
        _PLACES.replace("kind\n", "kind\n----,-----,---\n"),
        _PLACES.replace(",", " | ").replace("kind\n", "kind\n-----+-----+----\n") + "(3 rows)\n",
        f"{_PLACES}\nSource: the office, 2024\n",
        f"{_PLACES}\nSource: the office\nNo liability, however, is accepted.\n",
        f"{_PLACES}Source: the office\n",
        f"{_PLACES}\n(3 rows affected)\n",
        f"{_PLACES},,\nSource: the office,,\n",
    ],
    ids=[
        "comments above",
        "facts above",
        "a ruler",
        "a printed table",
        "a note",
        "two notes",
        "a note right below",
        "a count",
        "a note with empty cells",
    ],
)
def test_lines_around_a_table_are_no_rows_of_it(text: str, sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    found = measured(sources, tmp_path)
    assert [column.name.strip() for column in found.columns] == ["town", "land", "kind"]
    assert {value.strip() for value, _ in found.columns[0].values} == {"Oslo", "Bern", "Rome"}
    assert found.row_count == 3


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (f"{_PLACES}Bath\n", 4),
        (f"{_PLACES}\nBath,England,inland\n", 4),
        (_PLACES.replace("coast", '"by the sea\n\nand the fjord"'), 3),
        ("#id,name\n1,x\n2,y\n", 2),
        ("fee\n12\n\n13\n", 2),
    ],
    ids=[
        "a cut row",
        "an empty line within",
        "an empty line in a cell",
        "a sign in the header",
        "one column",
    ],
)
def test_rows_that_look_like_notes_stay(text: str, rows: int, sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    assert measured(sources, tmp_path).row_count == rows


def test_notes_below_a_large_table_are_left_out(sources: Sources, tmp_path: Path) -> None:
    rows = "".join(f"{number},Oslo,{number % 7}\n" for number in range(60_000))
    text = f"id,town,fee\n{rows}\nSource: the office, 2024\n"
    (tmp_path / "t.csv").write_text(text)
    assert measured(sources, tmp_path).row_count == 60_000


@pytest.mark.parametrize("delimiter", [":", "#", "*", "¦", "§", "&", "="])
def test_a_sign_that_seldom_divides_cells_is_found_where_each_row_has_as_many_of_it(
    delimiter: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(_PLACES.replace(",", delimiter))
    assert [column.name for column in measured(sources, tmp_path).columns] == ["town", "land", "kind"]


@pytest.mark.parametrize(
    "text",
    ["time\n12:30\n08:15\n09:00\n", "mail\na@b.org\nc@d.org\ne@f.org\n", "http://a.org\nhttp://b.org\nhttp://c.org\n", "day\n1/2/2020\n2/3/2020\n4/5/2020\n"],
    ids=["times", "addresses", "links", "days"],
)  # fmt: skip
def test_one_column_whose_values_have_signs_in_them_stays_one(
    text: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(text)
    assert len(measured(sources, tmp_path).columns) == 1


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850", "cp1250"])
def test_western_words_are_read_in_the_code_page_in_which_they_are_words(
    encoding: str, sources: Sources, tmp_path: Path
) -> None:
    words = (
        ["Łódź", "Gdańsk", "Żary"] if encoding == "cp1250" else ["Müller", "Zürich", "Chloé", "García", "São"]
    )
    (tmp_path / "t.csv").write_bytes(
        "\n".join(["id,word", *(f"1,{word}" for word in words)]).encode(encoding)
    )
    found = measured(sources, tmp_path)
    assert {value for value, _ in found.columns[1].values} == {*words}


def test_lines_that_end_in_different_ways_are_rows_each(sources: Sources, tmp_path: Path) -> None:
    rows = [f'{number},"a, b",x' + ("\r\n", "\n")[number % 3 == 0] for number in range(60)]
    (tmp_path / "t.csv").write_bytes("".join(["id,note,kind\n", *rows]).encode())
    assert measured(sources, tmp_path).row_count == 60


def test_a_table_of_words_above_another_one_is_not_taken_for_remarks(
    sources: Sources, tmp_path: Path
) -> None:
    words = "town,land\n" + "Oslo,Norway\nBern,Switzerland\nRome,Italy\nLyon,France\nBath,England\n"
    (tmp_path / "t.csv").write_text(f"{words}\nitem,weight,price\na,1.5,3\nb,2.5,4\n")
    assert [table.row_estimate for table in snapshot_of(sources, tmp_path).tables] == [5, 2]


def test_columns_that_are_called_by_their_numbers_have_a_header(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("0,1,2\nx,1.5,y\nz,2.5,w\n")
    found = measured(sources, tmp_path)
    assert ([column.name for column in found.columns], found.row_count) == (["0", "1", "2"], 2)
