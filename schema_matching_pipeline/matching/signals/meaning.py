"""Semantic types of both sides."""

from __future__ import annotations

import numpy as np

from schema_matching_pipeline.canon.semantic_types import semantic_types
from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix

SAME_FAMILY = 0.6  # both days, both amounts of money, both telephone numbers ...


@SIGNALS.register("meaning")
def meaning(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """Whether the column's semantic type is the field's: 1 the same, 0.6 of one family, else 0."""
    family = {kind.name: kind.family for kind in semantic_types()}
    left = [column.semantic_type for column in columns.columns]
    right = [field.semantic_type for field in fields.columns]
    same = _equal(left, right)
    related = _equal([family.get(name or "") for name in left], [family.get(name or "") for name in right])
    scores = np.where(same, 1.0, np.where(related, SAME_FAMILY, 0.0)).astype(np.float32)
    scores[[index for index, name in enumerate(left) if name is None], :] = np.nan
    scores[:, [index for index, name in enumerate(right) if name is None]] = np.nan
    return scores


def _equal(left: list[str | None], right: list[str | None]) -> FloatMatrix:
    return np.asarray(
        np.array([name or "" for name in left])[:, None] == np.array([name or "-" for name in right])[None, :]
    )
