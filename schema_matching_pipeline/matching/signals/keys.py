"""Keys and what foreign keys point to."""

from __future__ import annotations

import numpy as np

from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix

ONE_REFERS = 0.1  # one side points to another table, the other does not
ONE_IS_KEY = 0.2


@SIGNALS.register("keys")
def keys(columns: Side, fields: Side, evidence: Evidence) -> FloatMatrix:
    """Whether both are keys, or point to tables that fit each other; unknown for ordinary columns."""
    left, right = _keyness(columns), _keyness(fields)
    scores = np.full((len(left), len(right)), np.nan, dtype=np.float32)
    either = (left == 1)[:, None] | (right == 1)[None, :]
    known = ~np.isnan(left)[:, None] & ~np.isnan(right)[None, :]
    scores[either & known] = ONE_IS_KEY
    scores[(left == 1)[:, None] & (right == 1)[None, :]] = 1.0
    return _with_references(scores, columns, fields, evidence)


def _keyness(side: Side) -> FloatMatrix:
    return np.array([np.nan if c.in_key is None else float(c.in_key) for c in side.columns], dtype=np.float32)


def _with_references(scores: FloatMatrix, columns: Side, fields: Side, evidence: Evidence) -> FloatMatrix:
    targets, other_targets = _targets(columns), _targets(fields)
    refers, other_refers = targets >= 0, other_targets >= 0
    both = refers[:, None] & other_refers[None, :]
    fit = evidence.tables[np.maximum(targets, 0)][:, np.maximum(other_targets, 0)]
    scores = np.where(both, np.maximum(fit, ONE_REFERS), scores)
    either = refers[:, None] ^ other_refers[None, :]
    some_known = bool(refers.any() and other_refers.any())
    return np.asarray(np.where(either & some_known & np.isnan(scores), ONE_REFERS, scores), dtype=np.float32)


def _targets(side: Side) -> FloatMatrix:
    position = {table.name: index for index, table in enumerate(side.tables)}
    return np.array([position.get(column.refers_to or "", -1) for column in side.columns], dtype=np.intp)
