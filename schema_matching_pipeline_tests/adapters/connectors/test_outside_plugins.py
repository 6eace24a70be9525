"""Formats and sources of other packages come in by entry point; a broken one is named and the others go on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "fixed-width"
version = "1.0"
[project.entry-points."schema_matching_pipeline.adapters.connectors.formats"]
fixed = "fixed_width.formats"
torn = "fixed_width.nowhere"
[project.entry-points."schema_matching_pipeline.adapters.connectors.sources"]
fixed = "fixed_width.sources"
[tool.setuptools]
packages = ["fixed_width"]
"""
_FORMAT = '''
import pyarrow as pa
from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables
from schema_matching_pipeline.adapters.connectors.spilled import SpilledTable, spill
from schema_matching_pipeline.model.source import SourceColumn

class FixedWidth:
    """Reads files of one value a line."""
    suffixes = (".fix",)
    def tables(self, path, name, setup):
        values = pa.array([{}[line] if line == "bad" else line for line in path.read_text().split()])
        column = SourceColumn(name="value", position=0, data_type="text")
        return FileTables((SpilledTable(name, (column,), len(values), (spill([values], ["value"], setup.folder),)),))

FORMATS.register("fixed")(FixedWidth())
'''
_SOURCE = '''
from contextlib import contextmanager
from pathlib import Path
from schema_matching_pipeline.adapters.connectors.catalog import SOURCES
from schema_matching_pipeline.adapters.connectors.sources.files import OpenFiles

class Drawer:
    """Opens drawer://FOLDER."""
    def claims(self, location):
        return location.startswith("drawer://")
    @contextmanager
    def open(self, address, setup):
        opened = OpenFiles(Path(address.location.get_secret_value().removeprefix("drawer://")), setup)
        yield opened
        opened.local.close()

SOURCES.register("drawer")(Drawer())
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package was installed that the test has built."""
    package, target = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("target")
    (package / "fixed_width").mkdir()
    (package / "pyproject.toml").write_text(_PROJECT)
    for name, text in (("__init__", ""), ("formats", _FORMAT), ("sources", _SOURCE)):
        (package / "fixed_width" / f"{name}.py").write_text(text)
    # The steps of a build front end, with the tool that is installed: no other is fetched.
    build = f"import setuptools.build_meta as b; print(b.build_wheel({str(target)!r}))"
    subprocess.run([sys.executable, "-c", build], cwd=package, check=True, capture_output=True)
    [wheel] = target.glob("*.whl")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(target)], check=True)
    return target


def _profiled(source: str, installed: Path, home: Path) -> tuple[dict[str, int], list[str], str]:
    """The rows by table, the troubles, and what was said beside."""
    found = subprocess.run(
        [sys.executable, "-m", "schema_matching_pipeline.entrances.cli.main", "profile", source, "--json"],
        env=os.environ | {"PYTHONPATH": str(installed), "SMP_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    measured = json.loads(found.stdout)["profile"]
    rows = {table["name"]: table["row_count"] for table in measured["tables"]}
    return rows, [trouble["message"] for trouble in measured["troubles"]], found.stderr


def test_a_format_and_a_source_of_another_package_are_profiled_and_a_broken_plug_in_is_named(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "codes.fix").write_text("a b c")
    (tmp_path / "worse.fix").write_text("bad")
    (tmp_path / "sound.csv").write_text("id,name\n1,Ann\n")
    rows, troubles, said = _profiled(f"drawer://{tmp_path}", installed, tmp_path / "home")
    assert rows == {"codes": 3, "sound": 1}
    [trouble] = troubles
    assert trouble == (
        "The plug-in 'fixed_width.formats' failed on 'worse.fix' (KeyError). Tell its makers, or remove its package;"
        " without it the file is passed over."
    )
    assert "The plug-in 'torn' of the package 'fixed-width' cannot be loaded (ModuleNotFoundError)" in said
    assert "pip uninstall fixed-width" in said
