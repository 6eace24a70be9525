"""Names letter by letter."""

from __future__ import annotations

import numpy as np
from rapidfuzz.distance import Indel, JaroWinkler, LCSseq
from rapidfuzz.process import cdist

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix

SHORTENED = 0.9  # all letters of the shorter name in order in the longer one, same first letter


@SIGNALS.register("spelling")
def spelling(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How alike the names are as strings, without separators: edits, common beginning, letters left out.

    Finds ``lstnm`` for ``last_name`` where no list knows the abbreviation.
    """
    names = ["".join(name_tokens(column.name)) for column in columns.columns]
    others = ["".join(name_tokens(field.name)) for field in fields.columns]
    alike = cdist(names, others, scorer=Indel.normalized_similarity, dtype=np.float32)
    start = cdist(names, others, scorer=JaroWinkler.similarity, dtype=np.float32)
    return np.asarray(np.maximum((alike + start) / 2, _shortened(names, others)), dtype=np.float32)


def _shortened(names: list[str], others: list[str]) -> FloatMatrix:
    common = cdist(names, others, scorer=LCSseq.similarity, dtype=np.int32)
    lengths, other_lengths = (np.array([len(name) for name in side]) for side in (names, others))
    shorter = np.minimum.outer(lengths, other_lengths)
    longer = np.maximum(np.maximum.outer(lengths, other_lengths), 1)
    first = (
        np.array([name[:1] for name in names])[:, None] == np.array([name[:1] for name in others])[None, :]
    )
    in_order = (common == shorter) & first & (shorter > len("ab"))
    return np.asarray(np.where(in_order, SHORTENED * np.sqrt(shorter / longer), 0.0), dtype=np.float32)
