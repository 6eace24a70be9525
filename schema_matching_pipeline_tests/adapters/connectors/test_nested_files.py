"""JSON, YAML and XML: records at any size in bounded memory, and files made to do harm."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline_tests.adapters.connectors.measuring import measured, snapshot_of


def _values(sources: Sources, path: Path, table: str) -> dict[str, dict[str, int]]:
    return {column.name: dict(column.values) for column in measured(sources, path, table).columns}


def _trouble(sources: Sources, path: Path) -> str:
    [trouble] = snapshot_of(sources, path).troubles
    return trouble.message


def test_yaml_keeps_as_text_what_only_looks_like_something_else(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text(
        '- {id: 007, agrees: no, alive: true, born: 2001-02-03, fee: 1.50, code: "12", note: ~}\n'
    )
    table = snapshot_of(sources, tmp_path).tables[0]
    assert {column.name: column.data_type for column in table.columns} == {
        "id": "text", "agrees": "text", "alive": "boolean", "born": "text", "fee": "number", "code": "text", "note": "empty",
    }  # fmt: skip
    values = _values(sources, tmp_path, "people")
    assert (values["id"], values["agrees"], values["born"]) == ({"007": 1}, {"no": 1}, {"2001-02-03": 1})


def test_yaml_documents_in_one_file_are_records_of_one_table(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "people.yml").write_text("id: 1\nname: Ann\n---\nid: 2\nname: Bob\n")
    assert _values(sources, tmp_path, "people") == {"id": {"1": 1, "2": 1}, "name": {"Ann": 1, "Bob": 1}}


def test_what_yaml_names_by_an_anchor_is_there_where_it_is_repeated(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("- &first {id: 1, town: Rome}\n- {<<: *first, id: 2}\n- *first\n")
    assert _values(sources, tmp_path, "t") == {"id": {"1": 2, "2": 1}, "town": {"Rome": 3}}


def test_lists_of_mappings_in_yaml_are_a_table_with_a_reference(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("- id: a\n  visits:\n  - day: 1\n  - day: 2\n- id: b\n  visits: []\n")
    parent, child = snapshot_of(sources, tmp_path).tables
    assert (parent.name, child.name) == ("t", "t_visits")
    assert [key.referred_table for key in child.foreign_keys] == ["t"]
    assert _values(sources, tmp_path, "t_visits") == {"_parent_id": {"1": 2}, "day": {"1": 1, "2": 1}}


_BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{inner}'] * 10)}]\n"
    for inner, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_BOMB, "unfolds to far more than it holds"),
        ("a: " + "[" * 300 + "]" * 300, "is nested more than 200 deep"),
        ("- a: 1\n- {b: [\n", "line 3 of 't.yaml' is not valid YAML"),
        ("- *nobody\n", "names something by an anchor that stands nowhere above"),
    ],
    ids=["aliases of aliases", "depth", "broken", "no anchor"],
)
def test_yaml_that_is_broken_or_made_to_do_harm_is_refused_in_words(
    text: str, said: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "t.yaml").write_text(text)
    assert said in _trouble(sources, tmp_path)


@pytest.mark.parametrize("ends", [("[", "]"), ('{"total": 2, "entry": [', "]}")], ids=["array", "object"])
def test_a_large_json_document_is_read_without_being_held(
    ends: tuple[str, str], sources: Sources, tmp_path: Path
) -> None:
    record = json.dumps({"id": 1, "visits": [{"day": 1}], "note": "x" * 100_000})
    text = ends[0] + ",\n".join([record] * 600) + ends[1]
    (tmp_path / "t.json").write_text('[{"a": 1}]')
    snapshot_of(sources, tmp_path)  # what is imported on first use is no part of the reading
    (tmp_path / "t.json").write_text(text)
    tracemalloc.start()
    tables = snapshot_of(sources, tmp_path).tables
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The text and its tree would be more than twice the file.
    assert peak < 0.5 * len(text)
    assert [table.row_estimate for table in tables][-2:] == [600, 600]


def test_lists_in_a_json_object_lead_to_the_object(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(
        '{"total": 2, "tags": ["a", 1], "entry": [{"k": "x"}, {"k": "y"}], "none": []}'
    )
    parent, child = snapshot_of(sources, tmp_path).tables
    assert ([column.name for column in parent.columns], parent.primary_key) == (
        ["_id", "total", "tags", "none"],
        ("_id",),
    )
    assert [column.name for column in child.columns] == ["_parent_id", "k"]
    assert child.foreign_keys[0].referred_table == "t"


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1},\n]',
        '[{"a": 1}\n{"a": 2}]',
        '[{"a": 1},\n',
        '{"a": 1,\n}',
        '{"a": [1],\n"b"}',
        '[{"a": 1}]\nx',
    ],
    ids=["comma at the end", "no comma", "cut", "comma in an object", "no value", "more behind"],
)
def test_broken_json_is_told_with_its_line(text: str, sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(text)
    assert "line 2 of 't.json' is not valid JSON" in _trouble(sources, tmp_path)


def test_a_figure_and_a_word_are_whole_wherever_the_text_is_cut(sources: Sources, tmp_path: Path) -> None:
    rows = [{"number": 1234567, "true": True, "text": 'é"\\' * (place % 7)} for place in range(40_000)]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    values = _values(sources, tmp_path, "t")
    assert (values["number"], values["true"]) == ({"1234567": 40_000}, {"true": 40_000})


def test_xml_records_deep_in_a_file_are_read_one_by_one(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.xml").write_text(
        '<export made="today"><head><site>A</site></head><all><day>5</day>'
        '<person id="1"><name>Ann</name><visit d="1"/><visit d="2"/></person><person id="2"><name>Bob</name></person>'
        "<last>x</last></all></export>"
    )
    tables = snapshot_of(sources, tmp_path).tables
    assert [table.name for table in tables] == ["t", "t_all_person", "t_all_person_visit"]
    assert [key.referred_table for table in tables for key in table.foreign_keys] == ["t", "t_all_person"]
    assert _values(sources, tmp_path, "t") == {
        "_id": {"1": 1}, "made": {"today": 1}, "head.site": {"A": 1}, "all.day": {"5": 1}, "all.last": {"x": 1},
    }  # fmt: skip
    assert _values(sources, tmp_path, "t_all_person")["name"] == {"Ann": 1, "Bob": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><r><a v="&b;"/><a v="1"/></r>',
            "declares entities",
        ),
        (
            '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]><r><a>&e;</a><a>1</a></r>',
            "declares entities",
        ),
        ("<a>" * 50_000 + "</a>" * 50_000, "nests elements more than 200 deep"),
    ],
    ids=["entities of entities", "outside entity", "depth"],
)
def test_xml_made_to_do_harm_is_refused_in_words(
    text: str, said: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "t.xml").write_text(text)
    assert said in _trouble(sources, tmp_path)


def test_xml_with_a_type_of_its_own_and_nothing_outside_is_read(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.xml").write_text(
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/none.dtd" [<!ELEMENT r (a*)>]><r><a><b>1</b></a><a><b>2</b></a></r>'
    )
    assert _values(sources, tmp_path, "t") == {"b": {"1": 1, "2": 1}}


_BUNDLE = {
    "kindOf": "Bundle",
    "entry": [
        {"url": "a", "item": {"kindOf": "Patient", "id": "p1", "born": "1980-02-03", "name": [{"last": "Lee"}]}},
        {"url": "b", "item": {"kindOf": "Visit", "id": "v1", "patient": "p1", "day": "2020-01-01", "name": [{"of": "x"}]}},
        {"url": "c", "item": {"kindOf": "Visit", "id": "v2", "patient": "p1", "day": "2020-02-01", "url": "own"}},
        {"url": "d", "item": {"kindOf": "Visit", "id": "v3", "patient": "p1", "day": "2020-03-01"}},
    ],
}  # fmt: skip


def test_records_of_one_list_are_a_table_for_each_kind_they_name(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "Ann Lee.json").write_text(json.dumps(_BUNDLE))
    tables = {table.name: table for table in snapshot_of(sources, tmp_path).tables}
    assert {name: [column.name for column in table.columns] for name, table in tables.items()} == {
        "Bundle": ["_id", "kindOf"],
        "Patient": ["_id", "_parent_id", "kindOf", "id", "born", "url"],
        "Patient_name": ["_parent_id", "last"],
        "Visit": ["_id", "_parent_id", "kindOf", "id", "patient", "day", "url", "@url"],
        "Visit_name": ["_parent_id", "of"],
    }
    assert [key.referred_table for key in tables["Visit"].foreign_keys] == ["Bundle"]
    assert [key.referred_table for key in tables["Visit_name"].foreign_keys] == ["Visit"]
    assert _values(sources, tmp_path, "Visit")["url"] == {"own": 1, "b": 1, "d": 1}


def test_kinds_may_differ_in_an_object_beside_the_text_that_names_them(
    sources: Sources, tmp_path: Path
) -> None:
    people = [
        {"type": "people", "id": number, "data": {"born": "1980", "town": "Oslo"}} for number in range(3)
    ]
    bills = [{"type": "bills", "id": 7, "data": {"sum": 12, "day": "2020-01-02"}}]
    (tmp_path / "t.json").write_text(json.dumps([*people, *bills]))
    tables = snapshot_of(sources, tmp_path).tables
    assert {table.name: [column.name for column in table.columns] for table in tables} == {
        "people": ["type", "id", "data.born", "data.town"],
        "bills": ["type", "id", "data.sum", "data.day"],
    }


@pytest.mark.parametrize("first", [1, 499, 700])
def test_kinds_are_told_however_late_the_second_one_comes(
    first: int, sources: Sources, tmp_path: Path
) -> None:
    people = [{"type": "person", "born": f"{year}"} for year in range(first)]
    firms = [{"type": "firm", "vat": "x", "seat": "y"}] * 3
    lines = "\n".join(json.dumps(record) for record in (*people, *firms))
    (tmp_path / "customers.jsonl").write_text(lines)
    assert {table.name: table.row_estimate for table in snapshot_of(sources, tmp_path).tables} == {
        "person": first,
        "firm": 3,
    }


@pytest.mark.parametrize(
    "records",
    [
        [{"id": n, "sex": "mf"[n % 2], "a": 1, "b": 2} | ({"births": 1} if n % 2 else {}) for n in range(20)],
        [{"name": name, name: 1, f"{name}2": 2} for name in ("one", "two", "three", "four")],
        [{"kind": "xy"[n % 2], "a": 1} for n in range(20)],
        [{"kind": n % 2} | ({"a": 1, "b": 2} if n % 2 else {"c": 1, "d": 2}) for n in range(20)],
        [
            {"type": "string", "name": "a", "title": "x", "hint": "y"},
            {"type": "date", "name": "b", "title": "x", "format": "z"},
            {"type": "date", "name": "c", "title": "x", "format": "z"},
            {"type": "string", "name": "d", "title": "x", "hint": "y", "limits": {"most": 1, "least": 0}},
        ],
        [{"kind": "x", "a": 1}, {"b": 2, "c": 3}, {"kind": "y", "d": 1}, {"kind": "y", "d": 1}],
    ],
    ids=["a flag with a column of its own", "a text for each record", "like records", "a figure", "descriptions of columns", "not all named"],
)  # fmt: skip
def test_records_that_no_text_divides_into_kinds_are_one_table(
    records: list[dict[str, object]], sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "t.json").write_text(json.dumps(records))
    assert [table.name for table in snapshot_of(sources, tmp_path).tables] == ["t"]


def test_kinds_of_the_same_name_in_two_files_stay_apart(sources: Sources, tmp_path: Path) -> None:
    for name in ("east", "west"):
        (tmp_path / f"{name}.json").write_text(json.dumps(_BUNDLE))
    tables = {table.name: table for table in snapshot_of(sources, tmp_path).tables}
    assert {"Patient", "Patient_name", "west_Patient", "west_Patient_name"} < {*tables}
    assert tables["west_Patient_name"].foreign_keys[0].referred_table == "west_Patient"
    assert tables["west_Patient"].foreign_keys[0].referred_table == "west_Bundle"


def test_lines_that_are_no_json_are_left_out_and_told_with_their_numbers(
    sources: Sources, tmp_path: Path
) -> None:
    lines = [f'{{"id": {number}}}' for number in range(60)]
    lines[6], lines[59] = '{"id": ', '{"id": 5'
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    found = measured(sources, tmp_path, "t")
    assert found.row_count == 58
    assert found.trouble is not None
    assert found.trouble.code == "ROWS_UNREADABLE"
    assert (
        found.trouble.message == "2 line(s) of 't.jsonl' are not valid JSON and were left out (line 7, 60)."
    )


def test_many_lines_that_are_no_json_make_the_file_unreadable(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"id": 1}\nid,2\nid,3\n{"id": 4}\n')
    assert "line 2 of 't.jsonl' is not valid JSON" in _trouble(sources, tmp_path)


@pytest.mark.parametrize(
    ("name", "text"), [("t.json", "[]"), ("t.yaml", "[]"), ("t.xml", "<a/>"), ("t.json", "{}")]
)
def test_a_file_without_a_record_is_told(name: str, text: str, sources: Sources, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert "holds no table: there are no rows of cells or records in it" in _trouble(sources, tmp_path)


def test_a_yaml_file_that_is_nothing_but_a_text_is_no_table(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("id,name\n1,x\n")
    assert "'t.yaml' holds a text and no records" in _trouble(sources, tmp_path)


def test_json_is_read_in_the_encoding_that_it_has(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_bytes('[{"town": "Málaga"}]'.encode("utf-16"))
    assert _values(sources, tmp_path, "t") == {"town": {"Málaga": 1}}


def test_persons_are_no_kinds_of_records(sources: Sources, tmp_path: Path) -> None:
    ann = [{"who": "Ann Lee", "pulse": 1, "day": 2}] * 3
    bob = [{"who": "Bob Ray", "weight": 3, "height": 4}] * 3
    (tmp_path / "l.json").write_text(json.dumps([*ann, *bob]))
    assert [table.name for table in snapshot_of(sources, tmp_path).tables] == ["l"]


def test_kinds_that_are_written_alike_are_tables_of_their_own(sources: Sources, tmp_path: Path) -> None:
    kinds = [("A b", "p"), ("A-b", "q"), ("A/b", "r")]
    records = [{"kind": kind, f"{own}1": 1, f"{own}2": 2, f"{own}3": 3} for kind, own in kinds] * 3
    (tmp_path / "l.json").write_text(json.dumps(records))
    tables = snapshot_of(sources, tmp_path).tables
    assert len({table.name for table in tables}) == 3
    assert {table.row_estimate for table in tables} == {3}


def test_a_list_in_a_kind_is_not_mixed_with_a_kind_of_that_name(sources: Sources, tmp_path: Path) -> None:
    wide = [{"kind": "a_b", "x1": 1, "x2": 2, "x3": 3}] * 3
    nested = [{"kind": "a", "y1": 1, "y2": 2, "y3": 3, "b": [{"z": 1}, {"z": 2}]}] * 3
    (tmp_path / "l.json").write_text(json.dumps([*wide, *nested]))
    rows = {table.name: table.row_estimate for table in snapshot_of(sources, tmp_path).tables}
    assert sorted(rows_there or 0 for rows_there in rows.values()) == [3, 3, 6]
