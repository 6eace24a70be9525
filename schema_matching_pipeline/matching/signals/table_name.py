"""Names of tables and entities."""

from __future__ import annotations

from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix


@SIGNALS.register("table_name")
def table_name(columns: Side, fields: Side, evidence: Evidence) -> FloatMatrix:
    """How well the table's name fits the entity's name or one of its synonyms."""
    return evidence.tables[columns.table_index][:, fields.table_index]
