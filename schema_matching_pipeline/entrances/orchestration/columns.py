"""The tables behind the assets, as the pages show them: where a phase's rows are, and what each column says."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from schema_matching_pipeline.model.pipeline import Phase


def _described(table: str, **columns: str) -> dict[str, object]:
    return {
        "dagster/table_name": f"smp.{table}",
        "dagster/column_schema": dg.TableSchema(
            columns=[dg.TableColumn(name, description=text) for name, text in columns.items()]
        ),
    }


_COLUMN = {"table_name": "The client's table.", "column_name": "The client's column."}

COLUMNS: Mapping[Phase, dict[str, object]] = {
    Phase.COLUMN_PROFILES: _described(
        "column_profiles",
        **_COLUMN,
        profile="Counts, type, shapes, keys and masked samples of the column.",
        fingerprint="Stays the same while the content does not drift.",
    ),
    Phase.QUALITY_LABELS: _described(
        "quality_labels",
        **_COLUMN,
        label="good, empty, abandoned, misused or test_only.",
        evidence="The figures behind the label.",
    ),
    Phase.CLASSIFICATIONS: _described(
        "classifications",
        **_COLUMN,
        semantic_type="What the column means.",
        confidence="How surely, from 0 to 1.",
    ),
    Phase.MAPPINGS: _described(
        "field_mappings",
        source_table="The client's table.",
        source_column="The client's column.",
        canonical_entity="The canonical entity it is proposed for.",
        canonical_field="The canonical field it is proposed for.",
        confidence_score="The calibrated confidence, from 0 to 1.",
        disposition="auto_accepted, pending_review, approved, rejected, excluded or unmapped.",
    ),
    Phase.VALIDATION_REPORTS: _described(
        "mapping_validation_results",
        **_COLUMN,
        expectation="What was asked of the data.",
        status="passed, failed, or why it could not be asked.",
        demanded="Whether the risk class of the entity demands it.",
    ),
    Phase.PUBLISHED_MAPPINGS: _described(
        "published_mappings",
        source_table="The client's table.",
        source_column="The client's column.",
        canonical_entity="The canonical entity.",
        canonical_field="The canonical field.",
        version="The mapping version that is in force.",
    ),
}
