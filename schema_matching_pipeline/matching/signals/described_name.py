"""Names together with what is said about the field."""

from __future__ import annotations

from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix


@SIGNALS.register("described_name")
def described_name(_columns: Side, _fields: Side, evidence: Evidence) -> FloatMatrix:
    """As for name tokens, but a word of the column may also be found in the field's description.

    So ``Histologic_Type`` fits a field whose description speaks of the histologic diagnosis. Only words that are equal,
    of one stem or synonyms count there: in a long text something is always spelled alike.
    """
    return evidence.described_names
