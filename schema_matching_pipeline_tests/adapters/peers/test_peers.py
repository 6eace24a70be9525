"""Every peer finds what is plain, keeps to the columns of the task, and says what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema_matching_pipeline.adapters.peers import PEERS
from schema_matching_pipeline.errors import MissingDataError
from schema_matching_pipeline.model.bench import TaskSide
from schema_matching_pipeline.model.source import SourceColumn, SourceSnapshot, SourceTable


def a_side(folder: Path, table: str, *columns: str) -> TaskSide:
    listed = tuple(
        SourceColumn(name=name, data_type="text", position=place) for place, name in enumerate(columns)
    )
    return TaskSide(folder=folder, tables=SourceSnapshot(tables=(SourceTable(name=table, columns=listed),)))


@pytest.mark.parametrize("name", ["names (rapidfuzz)", "COMA"])
def test_a_peer_finds_the_same_name_among_the_columns_of_the_task(name: str, tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("surname,town\nMiller,York\nSmith,Leeds\n")
    source = a_side(tmp_path, "patients", "surname", "town")
    target = a_side(tmp_path / "nowhere", "person", "postal_code", "surname")
    found = list(PEERS[name](source, target))
    assert {column for column, _, _ in found} <= set(source.columns)
    assert {field for _, field, _ in found} <= set(target.columns)
    assert all(0.0 <= score <= 1.0 for *_, score in found)
    column, field, _ = max(found, key=lambda one: one[2])
    assert (column.column, field.column) == ("surname", "surname")


def test_coma_with_instances_names_the_word_lists_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nltk

    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    source = a_side(tmp_path, "patients", "surname")
    with pytest.raises(MissingDataError, match=r"python -m nltk\.downloader stopwords$"):
        list(PEERS["COMA with instances"](source, source))


def test_coma_with_instances_scores_no_pair_above_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cosine of these rows with themselves comes out a hair above 1."""
    import nltk

    (tmp_path / "corpora" / "stopwords").mkdir(parents=True)
    (tmp_path / "corpora" / "stopwords" / "english").write_text("the\nof\n")
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    (tmp_path / "paint.csv").write_text("colour\nwhite red\npink grey teal\nblack gold\n")
    side = a_side(tmp_path, "paint", "colour")
    assert [score for *_, score in PEERS["COMA with instances"](side, side)] == [1.0]
