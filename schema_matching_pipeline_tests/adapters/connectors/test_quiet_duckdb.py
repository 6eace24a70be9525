from __future__ import annotations

from pathlib import Path

import duckdb

from schema_matching_pipeline.adapters.connectors.quiet_duckdb import connect_duckdb

CONNECTORS = Path(connect_duckdb.__code__.co_filename).parent


def test_no_connection_draws_a_progress_bar(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "some.duckdb")).close()
    for path in (None, tmp_path / "some.duckdb"):
        with connect_duckdb(path) as connection:
            shown = connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()
        assert shown == [(False,)]


def test_no_connector_opens_duckdb_in_another_way() -> None:
    opening = [path.name for path in CONNECTORS.rglob("*.py") if "duckdb.connect(" in path.read_text("utf-8")]
    assert opening == ["quiet_duckdb.py"]
