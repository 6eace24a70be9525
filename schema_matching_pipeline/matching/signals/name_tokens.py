"""Names, token by token."""

from __future__ import annotations

from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix


@SIGNALS.register("name_tokens")
def name_tokens(_columns: Side, _fields: Side, evidence: Evidence) -> FloatMatrix:
    """The words of both names found in each other.

    Words count as found when they are equal, of one stem, synonyms, translations, one the abbreviation of
    the other (by the lists, by its beginning, by its letters in order), or spelled alike. Rare words weigh more.
    """
    return evidence.names
