"""The tables behind the assets, as the pages show them: where a phase's rows are, and what each column says."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from schema_matching_pipeline.model.pipeline import Phase

_NUMBER = "double precision"


def _described(table: str, **columns: str | tuple[str, str]) -> dict[str, object]:
    """A table of the registry and what its columns say: a text, or a type and a text."""
    pairs = ((name, said if isinstance(said, tuple) else ("text", said)) for name, said in columns.items())
    return {
        "dagster/table_name": f"smp.{table}",
        "dagster/column_schema": dg.TableSchema(
            columns=[dg.TableColumn(name, type=kind, description=text) for name, (kind, text) in pairs]
        ),
    }


_PLACE = {"table_name": "The client's table.", "column_name": "The client's column."}
_MAPPED = {
    "source_table": "The client's table.",
    "source_field": "The client's column.",
    "canonical_entity": "The canonical entity it means.",
    "canonical_field": "The canonical field it means.",
}

COLUMNS: Mapping[Phase, dict[str, object]] = {
    Phase.COLUMN_PROFILES: _described(
        "column_profiles",
        **_PLACE,
        value_type="The type its values have, whatever the source declares.",
        row_count=("bigint", "Rows of the table."),
        null_count=("bigint", "Rows without a value."),
        distinct_count=("bigint", "Different values; an estimate on large tables."),
        profile=("jsonb", "All figures, shapes and masked samples of the column."),
    ),
    Phase.QUALITY_LABELS: _described(
        "quality_labels",
        **_PLACE,
        label="good, empty, abandoned, misused or test_only.",
        reason="Why, in one sentence.",
        value=("jsonb", "The label with the figures behind it."),
    ),
    Phase.CLASSIFICATIONS: _described(
        "classifications",
        **_PLACE,
        semantic_type="What the column means.",
        confidence=(_NUMBER, "How surely, from 0 to 1."),
        source="What said so: the rules, the value bank or a language model.",
    ),
    Phase.MAPPINGS: _described(
        "field_mappings",
        **_MAPPED,
        confidence_score=(_NUMBER, "The calibrated confidence, from 0 to 1; 1 once a person decided."),
        required_threshold=(_NUMBER, "The confidence its entity demands."),
        disposition="auto_accepted, pending_review, approved, rejected, excluded or unmapped.",
    ),
    Phase.VALIDATION_REPORTS: _described(
        "mapping_validation_results",
        **_MAPPED,
        validation_type="What was asked of the data.",
        validation_status="What the answer was.",
        demanded=("boolean", "Whether the risk class of the entity demands it."),
        fail_count=("integer", "Rows it does not hold for."),
    ),
    Phase.PUBLISHED_MAPPINGS: _described(
        "published_mappings",
        version=("integer", "The mapping version it was published in."),
        **_MAPPED,
        decided_by="Who accepted it, where a person did.",
    ),
}

EMBEDDING_COLUMNS: Mapping[str, object] = _described(
    "mapping_embeddings",
    embedding_text="The names of the column, its entity and its field.",
    embedding_vector=("vector(1536)", "Its vector, of length one."),
    embedding_model="The model that made it; vectors of two models are never compared.",
)
