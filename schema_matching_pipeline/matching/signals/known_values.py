"""Values that a field is known to hold: listed by the model, or verified at earlier clients."""

from __future__ import annotations

import numpy as np

from schema_matching_pipeline.canon.value_bank import values_by_field
from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.overlap import sketch_overlap
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix
from schema_matching_pipeline.model.canonical import FieldRef, FieldType

CHANCE = 0.1  # less in common is chance
_SPEAKING = frozenset({FieldType.STRING, FieldType.TEXT, FieldType.CODE})


@SIGNALS.register("known_values")
def known_values(columns: Side, fields: Side, evidence: Evidence) -> FloatMatrix:
    """How much of a column's values the field is known to hold; unknown for columns without values.

    Having nothing in common counts as 0, the same as a field nobody taught, and speaks against neither:
    another practice has other patients, and another language other words. Keys, days and figures of another
    client mean nothing, so only codes and words are compared.
    """
    if evidence.knowledge is None:
        return np.full((len(columns.columns), len(fields.columns)), np.nan, dtype=np.float32)
    bank = values_by_field(evidence.knowledge)
    known = [bank.get(_ref(field)) if field.field_type in _SPEAKING else None for field in fields.columns]
    scores = sketch_overlap([column.sketch for column in columns.columns], known)
    scores = np.where(np.nan_to_num(scores) < CHANCE, 0.0, scores)
    scores[[column.sketch is None for column in columns.columns], :] = np.nan
    return np.asarray(scores, dtype=np.float32)


def _ref(field: SideColumn) -> FieldRef:
    return FieldRef(entity=field.table, field=field.name)
