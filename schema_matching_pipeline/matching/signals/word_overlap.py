"""Words inside the values that both sides hold."""

from __future__ import annotations

from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.overlap import sketch_overlap
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix


@SIGNALS.register("word_overlap")
def word_overlap(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How much of the words in the values is shared: finds texts that are alike but never equal."""
    return sketch_overlap(
        [column.word_sketch for column in columns.columns], [field.word_sketch for field in fields.columns]
    )
