"""Where a source can tell that a table is what it was, and where it must not claim to."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.ports import KnownByContent
from schema_matching_pipeline_tests.adapters.connectors.measuring import address

Practice = Callable[[str], str]


def marks(sources: Sources, location: object) -> dict[str, str]:
    with sources.open(address(location)) as source:
        assert isinstance(source, KnownByContent)
        return dict(source.content_marks())


def test_a_file_that_changed_under_an_old_time_and_size_is_seen(sources: Sources, tmp_path: Path) -> None:
    kept, edited = tmp_path / "kept.csv", tmp_path / "edited.csv"
    for file in (kept, edited):
        file.write_text("id,name\n1,a\n2,b\n")
    time, before = edited.stat().st_mtime, marks(sources, tmp_path)
    edited.write_text("id,name\n1,a\n2,c\n")
    os.utime(edited, (time, time))
    after = marks(sources, tmp_path)
    assert after["kept"] == before["kept"]
    assert after["edited"] != before["edited"]


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_database_file_is_known_by_its_bytes(kind: str, sources: Sources, practice: Practice) -> None:
    location = practice(kind)
    first, again = marks(sources, location), marks(sources, location)
    assert first == again
    assert set(first) == {"patients", "visits"}


def test_rows_that_stand_only_in_the_log_of_sqlite_change_the_mark(sources: Sources, tmp_path: Path) -> None:
    file = tmp_path / "t.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = wal")
        database.execute("CREATE TABLE t (x INTEGER)")
        before = marks(sources, file)
        database.execute("INSERT INTO t VALUES (1)")
        database.commit()
        assert marks(sources, file) != before


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_server_never_claims_that_nothing_changed(kind: str, sources: Sources, practice: Practice) -> None:
    assert marks(sources, practice(kind)) == {}


def test_another_key_makes_another_mark(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name\n1,a\n")
    assert marks(sources, tmp_path) != marks(Sources(b"another key", ProfilePolicy()), tmp_path)


def test_a_listing_stays_the_same_until_a_file_comes_goes_or_is_written(
    tmp_path: Path, sources: Sources
) -> None:
    def listed() -> str | None:
        return sources.listing_mark(address(str(tmp_path)))

    (tmp_path / "a.csv").write_text("id\n1\n")
    marks = [listed(), listed()]
    (tmp_path / "notes.docx").write_text("of no table")
    marks.append(listed())
    assert len(set(marks)) == 1
    for change in (
        lambda: (tmp_path / "b.csv").write_text("id\n1\n"),
        lambda: (tmp_path / "b.csv").write_text("id\n2\n3\n"),
        lambda: (tmp_path / "b.csv").rename(tmp_path / "c.csv"),
        (tmp_path / "c.csv").unlink,
    ):
        change()
        marks.append(listed())
    assert len(set(marks[2:6])) == 4
    assert marks[6] == marks[0]


def test_what_has_no_files_is_not_listed(sources: Sources) -> None:
    assert sources.listing_mark(address("postgresql://reader@127.0.0.1:1/clinic")) is None


def test_a_listing_of_a_folder_that_is_gone_is_refused(tmp_path: Path, sources: Sources) -> None:
    with pytest.raises(SourceError):
        sources.listing_mark(address(str(tmp_path / "nowhere")))
