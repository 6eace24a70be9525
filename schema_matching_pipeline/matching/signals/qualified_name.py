"""Names together with the names of their tables."""

from __future__ import annotations

from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix


@SIGNALS.register("qualified_name")
def qualified_name(_columns: Side, _fields: Side, evidence: Evidence) -> FloatMatrix:
    """As for name tokens, but a word may also be found in the other side's table name.

    So ``patients.id`` fits ``patient.patient_id``, and ``claim.claim_status`` fits ``claim.status``.
    """
    return evidence.qualified_names
