from __future__ import annotations

from typing import Any

import dagster as dg
import psycopg
import pytest

from schema_matching_pipeline.entrances.orchestration.columns import COLUMNS
from schema_matching_pipeline.entrances.orchestration.shown import check_result, materialized
from schema_matching_pipeline.model.check import CheckSeverity, CheckVerdict
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable

DESK = "https://desk.example"


def test_a_phase_shows_counts_tables_and_what_waits():
    shown = materialized(
        PhaseSummary(
            phase=Phase.MAPPINGS,
            client="acme",
            counts=(("columns_proposed", 12), ("mean_confidence", 0.75)),
            tables=(
                SummaryTable(
                    title="Least certain", header=("column", "field"), rows=(("t.a", "x.b"),), left_out=4
                ),
                SummaryTable(title="Nothing in it", header=("column",), rows=()),
            ),
            version="v1",
            seconds=1.23456,
        ),
        DESK,
    )
    metadata: dict[str, Any] = dict(shown.metadata or {})
    table = metadata.pop("least_certain")
    assert {name: value.value for name, value in metadata.items()} == {
        "dagster/row_count": 12,
        "columns_proposed": 12,
        "mean_confidence": 0.75,
        "seconds": 1.235,
        "least_certain_left_out": 4,
        "desk": f"{DESK}/clients/acme",
        "review_queue": f"[What waits for acme]({DESK}/review?client=acme), or `smp review list acme`",
    }
    assert [record.data for record in table.records] == [{"column": "t.a", "field": "x.b"}]
    assert shown.data_version == dg.DataVersion("v1")


def test_a_table_is_cut_to_fifty_rows_and_short_cells():
    rows = tuple((str(number), "x" * 1000) for number in range(80))
    summary = PhaseSummary(
        phase=Phase.MAPPINGS,
        client="acme",
        counts=(),
        tables=(SummaryTable(title="Long", header=("n", "n"), rows=rows),),
    )
    metadata: dict[str, Any] = dict(materialized(summary, DESK).metadata or {})
    table = metadata["long"]
    assert len(table.records) == 50
    assert table.records[0].data == {"n": "0", "n 1": "x" * 300}


@pytest.mark.parametrize(
    ("severity", "shown"),
    [
        (CheckSeverity.WARN, dg.AssetCheckSeverity.WARN),
        (CheckSeverity.ERROR, dg.AssetCheckSeverity.ERROR),
    ],
)
def test_a_check_shows_figure_threshold_worst_rows_and_what_to_do(severity, shown):
    result = check_result(
        CheckVerdict(
            name="mapping_threshold",
            asset=Phase.MAPPINGS,
            passed=False,
            severity=severity,
            actual=2,
            threshold=0,
            message="2 mappings wait for a steward.",
            worst=SummaryTable(title="Lowest", header=("column", "confidence"), rows=(("t.a", "0.61"),)),
            what_to_do="Run `smp review list acme`.",
        ),
        DESK,
        "acme",
    )
    metadata: dict[str, Any] = dict(result.metadata)
    table = metadata.pop("lowest")
    assert {name: value.value for name, value in metadata.items()} == {
        "actual": 2.0,
        "desk": f"{DESK}/clients/acme#check-mapping_threshold",
        "threshold": 0.0,
        "what_to_do": "Run `smp review list acme`.",
    }
    assert [record.data for record in table.records] == [{"column": "t.a", "confidence": "0.61"}]
    assert (result.passed, result.severity) == (False, shown)
    assert result.description == "2 mappings wait for a steward."
    assert (result.asset_key, result.check_name) == (dg.AssetKey("mappings"), "mapping_threshold")


def test_the_shown_columns_are_those_of_the_registry_s_tables(owner_url):
    for described in COLUMNS.values():
        schema, table = str(described["dagster/table_name"]).split(".")
        with psycopg.connect(owner_url.replace("+psycopg", "")) as connection:
            stored: dict[str, str] = dict(connection.execute(_STORED, (schema, table)).fetchall())
        shown: Any = described["dagster/column_schema"]
        assert {column.name: column.type for column in shown.columns}.items() <= stored.items()


_STORED = """
select column_name, replace(replace(data_type, 'character varying', 'text'), 'numeric', 'double precision')
from information_schema.columns where table_schema = %s and table_name = %s
"""
