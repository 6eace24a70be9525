"""A test of files looks into each: how it would be read, and what is wrong with it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.sources import files
from schema_matching_pipeline_tests.adapters.connectors.measuring import address


def test_each_file_is_told_with_its_dialect_tables_and_troubles(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "people.csv").write_bytes("id;name\n1;Zoë\n2;Bob\n".encode("cp1252"))
    (tmp_path / "broken.csv").write_text('id,note\n1,"Xanthippe\n2,x\n')
    (tmp_path / "cut.json").write_text('[{"id": "Xanthippe"}, {"id')
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("visits.jsonl", '{"id": 1}\n')
    found = sources.test(address(tmp_path))
    told = {file.file: file for file in found.files}
    assert (found.success, found.files_unseen, set(told)) == (
        True,
        0,
        {"broken.csv", "cut.json", "sub/people.csv", "visits.jsonl"},
    )
    people = told["sub/people.csv"]
    assert people.read_as == "delimited; cp1252, delimiter ';', quote '\"', header of 1 row(s)"
    assert [(table.name, table.columns) for table in people.tables] == [("people", ("id", "name"))]
    assert (people.troubles, told["visits.jsonl"].troubles) == ((), ())
    assert "line 2 of 'broken.csv' has a quotation mark that is not closed" in told["broken.csv"].troubles[0]
    assert "line 1 of 'cut.json' is not valid JSON" in told["cut.json"].troubles[0]
    assert "Xanthippe" not in found.model_dump_json()


def test_large_files_that_are_read_whole_are_left_to_the_profile(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,name\n1,Ann\n")
    for name in ("large.json", "large.zip"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(40 * 1024 * 1024)
    found = sources.test(address(tmp_path))
    assert (found.success, [file.file for file in found.files], found.files_unseen) == (
        True,
        ["people.csv"],
        2,
    )
    assert found.message == (
        "It answers; 1 file(s) looked at show 1 table(s) with 2 columns. 2 more file(s) were left to the profile."
    )


def test_large_files_are_looked_at_where_the_others_hold_no_table(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('[{"id": "Xanthippe"}, {"id')
    (tmp_path / "large.json").write_text("[" + " " * 33 * 1024 * 1024)
    refused = sources.test(address(tmp_path))
    assert (refused.success, refused.code, refused.files_unseen) == (False, "UNREADABLE", 0)
    assert refused.message.startswith("None of its 2 tables can be read. ")
    (tmp_path / "later.json").write_text("[" + " " * 33 * 1024 * 1024 + '{"id": 1}]')
    (tmp_path / "never.json").write_text("[" + " " * 34 * 1024 * 1024)
    found = sources.test(address(tmp_path))
    assert (found.success, found.files_unseen, [file.file for file in found.files if file.tables]) == (
        True,
        1,
        ["later.json"],
    )


def test_large_files_alone_are_looked_at_until_one_holds_a_table(sources: Sources, tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text("[" + " " * 33 * 1024 * 1024)
    refused = sources.test(address(tmp_path))
    assert (refused.success, refused.code, len(refused.files)) == (False, "UNREADABLE", 2)
    (tmp_path / "three.json").write_text("[" + " " * 34 * 1024 * 1024 + '{"id": 1}]')
    assert sources.test(address(tmp_path)).success


def test_broken_files_beside_what_a_test_leaves_are_no_source(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('[{"id": "Xanthippe"}, {"id')
    with (tmp_path / "large.zip").open("wb") as file:
        file.truncate(40 * 1024 * 1024)
    found = sources.test(address(tmp_path))
    assert (found.success, found.code, found.files_unseen) == (False, "UNREADABLE", 1)
    assert found.message.startswith(
        "None of the 1 file(s) looked at holds a table; 1 more were not looked at. Mend those, or keep them elsewhere. "
    )
    (tmp_path / "broken.json").unlink()
    left = sources.test(address(tmp_path))
    assert (left.success, left.files_unseen) == (True, 1)
    assert left.message == (
        "It answers, but none of its 1 file(s) was looked at: that takes longer than a test may. "
        "The profile shows whether they can be read."
    )


def test_looking_for_a_table_ends_when_its_time_is_over(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_SECONDS_TO_FIND_A_TABLE", 0.0)
    (tmp_path / "broken.json").write_text('[{"id": "Xanthippe"}, {"id')
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text("[" + " " * 33 * 1024 * 1024)
    found = sources.test(address(tmp_path))
    assert (found.success, found.code, len(found.files), found.files_unseen) == (False, "UNREADABLE", 1, 2)
