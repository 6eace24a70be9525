"""Values that both sides hold."""

from __future__ import annotations

from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.overlap import sketch_overlap
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix


@SIGNALS.register("value_overlap")
def value_overlap(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How much of the distinct values is shared, by sketches of keyed hashes.

    Values that many columns hold (0, 1, yes, no) count little. Unknown where either side has no values.
    """
    return sketch_overlap(
        [column.sketch for column in columns.columns], [field.sketch for field in fields.columns]
    )
