"""Sources and formats of other packages come in by entry point."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_FORMAT = '''
import pyarrow as pa
from schema_matching_pipeline.adapters.connectors.catalog import FORMATS, FileTables
from schema_matching_pipeline.adapters.connectors.spilled import SpilledTable, spill
from schema_matching_pipeline.model.source import SourceColumn

class FixedWidth:
    """Reads files of one value a line."""
    suffixes = (".fix",)
    def tables(self, path, name, setup):
        values = pa.array(path.read_text().split())
        column = SourceColumn(name="value", position=0, data_type="text")
        return FileTables((SpilledTable(name, (column,), len(values), (spill([values], ["value"], setup.folder),)),))

FORMATS.register("fixed")(FixedWidth())
'''
_USE = """
import sys
from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.source import SourceAddress
with Sources(b"k", ProfilePolicy()).open(SourceAddress(location=sys.argv[1])) as source:
    print([(table.name, table.row_estimate) for table in source.snapshot().tables])
"""


def test_a_format_from_another_package_is_found(tmp_path: Path) -> None:
    package, data = tmp_path / "package", tmp_path / "data"
    information = package / "fixed_width-1.0.dist-info"
    information.mkdir(parents=True)
    data.mkdir()
    (package / "fixed_width.py").write_text(_FORMAT)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: fixed-width\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        "[schema_matching_pipeline.adapters.connectors.formats]\nfixed = fixed_width\n"
    )
    (data / "codes.fix").write_text("a b c")
    found = subprocess.run(
        [sys.executable, "-c", _USE, str(data)],
        env={"PYTHONPATH": str(package)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout == "[('codes', 3)]\n"
