"""Descriptions and comments in words."""

from __future__ import annotations

from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.text import text_similarity
from schema_matching_pipeline.matching.words import FloatMatrix


@SIGNALS.register("description")
def description(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How alike the descriptions are: words, their synonyms and pieces of words, rare ones weighing more.

    Unknown where either side has no description.
    """
    return text_similarity(
        [column.description for column in columns.columns],
        [field.description for field in fields.columns],
    )
