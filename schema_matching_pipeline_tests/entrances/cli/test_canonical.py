"""``smp canonical``: models from every form they come in, and every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal

YAML = """\
name: from_yaml
entities:
  - name: person
    risk_class: critical
    fields:
      - {name: id, type: integer, primary_key: true}
      - {name: born, type: date}
"""
SQL = "CREATE TABLE person (id INTEGER PRIMARY KEY, born DATE);"
JSON_SCHEMA = """\
{"title": "person", "type": "object",
 "properties": {"id": {"type": "integer"}, "born": {"type": "string", "format": "date"}}}
"""
BENCH = """\
{"tables": [{"name": "person", "columns": [
  {"name": "id", "type": "integer"}, {"name": "born", "type": "date"}]}]}
"""
THREE_MISTAKES = """\
name: broken
entities:
  - name: patient
    risk_class: terrible
    fields:
      - name: id
        type: nonsense
      - name: practice_id
        type: integer
        references: nowhere.id
"""


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("model.yaml", YAML),
        ("model.sql", SQL),
        ("model.json", JSON_SCHEMA),
        ("folder/schema.json", BENCH),
    ],
    ids=["YAML", "SQL DDL", "JSON Schema", "bench folder"],
)
def test_a_model_is_imported_listed_and_shown(file: str, text: str, smp: Terminal, tmp_path: Path) -> None:
    path, name = tmp_path / file, f"model_{next(smp.names)}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    given = path.parent if file.startswith("folder") else path
    imported = smp("canonical", "import", given, "--name", name, "--json")
    assert (imported.code, imported.json["version"]) == (0, 1)
    listed = {model["name"]: model for model in smp("canonical", "list", "--json").json}
    assert (listed[name]["entities"], listed[name]["fields"]) == (1, 2)
    (person,) = smp("canonical", "show", name, "--json").json["entities"]
    assert [field["name"] for field in person["fields"]] == ["id", "born"]
    assert person["fields"][1]["type"] == "date"
    shown = smp("canonical", "show", name)
    assert (shown.code, shown.err) == (0, "")
    assert "born" in shown.out


def test_a_key_is_shown_as_a_key_and_as_required(smp: Terminal, tmp_path: Path) -> None:
    name = f"model_{next(smp.names)}"
    (tmp_path / "model.yaml").write_text(YAML)
    assert smp("canonical", "import", tmp_path / "model.yaml", "--name", name).code == 0
    lines = smp("canonical", "show", name).out.splitlines()
    assert [" key, required " in line for line in lines if line.startswith(("id ", "born "))] == [True, False]


def test_the_same_content_is_no_new_version_and_other_content_is(smp: Terminal, tmp_path: Path) -> None:
    name = f"model_{next(smp.names)}"
    versions = []
    for text in (YAML, YAML, YAML.replace("born", "date_of_birth")):
        (tmp_path / "model.yaml").write_text(text)
        versions.append(
            smp("canonical", "import", tmp_path / "model.yaml", "--name", name, "--json").json["version"]
        )
    assert versions == [1, 1, 2]


def test_three_mistakes_are_told_at_once_each_with_its_line(smp: Terminal, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(THREE_MISTAKES)
    before = smp("canonical", "list").out
    said = smp("canonical", "import", tmp_path / "broken.yaml", "--json")
    assert (said.code, said.out) == (2, "")
    mistakes = said.fault["details"]["mistakes"]
    assert [mistake.split(":")[0] for mistake in mistakes] == ["line 4", "line 7", "line 10"]
    assert ["terrible" in mistakes[0], "nonsense" in mistakes[1], "nowhere.id" in mistakes[2]] == [True] * 3
    people = smp("canonical", "import", tmp_path / "broken.yaml").err
    assert people.startswith("Error: Canonical model 'broken' has 3 mistake(s):\n  - line 4:")
    assert smp("canonical", "list").out == before


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("m.yaml", b"entities: [", "line 1"),
        ("m.yaml", b"\xff\xfe\x00", "not UTF-8"),
        ("m.sql", b"CREATE TABLE a (id int,", "line 1"),
        ("m.json", b'{"type": 3', "line 1"),
        ("m.txt", b"", "Known endings: .yaml"),
    ],
    ids=["cut YAML", "bytes", "cut DDL", "cut JSON", "unknown ending"],
)
def test_a_file_that_is_no_model_says_so(
    file: str, content: bytes, told: str, smp: Terminal, tmp_path: Path
) -> None:
    (tmp_path / file).write_bytes(content)
    said = smp("canonical", "import", tmp_path / file)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
