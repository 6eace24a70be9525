"""Types of values against types of fields."""

from __future__ import annotations

import numpy as np

from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.value_kind import Kind, kind_of
from schema_matching_pipeline.matching.words import FloatMatrix

_CLOSE = {
    frozenset({Kind.NUMBER, Kind.INTEGER}): 0.8,
    frozenset({Kind.INTEGER, Kind.CODE}): 0.7,
    frozenset({Kind.INTEGER, Kind.IDENTIFIER}): 0.9,
    frozenset({Kind.TEXT, Kind.CODE}): 0.8,
    frozenset({Kind.TEXT, Kind.IDENTIFIER}): 0.7,
    frozenset({Kind.CODE, Kind.IDENTIFIER}): 0.7,
    frozenset({Kind.NUMBER, Kind.CODE}): 0.3,
    frozenset({Kind.INTEGER, Kind.BOOLEAN}): 0.6,
    frozenset({Kind.CODE, Kind.BOOLEAN}): 0.7,
    frozenset({Kind.TEXT, Kind.BOOLEAN}): 0.4,
    frozenset({Kind.TEXT, Kind.DATE}): 0.2,
    frozenset({Kind.TEXT, Kind.NUMBER}): 0.2,
    frozenset({Kind.TEXT, Kind.INTEGER}): 0.3,
    frozenset({Kind.DATE, Kind.TIME}): 0.4,
}


@SIGNALS.register("type_fit")
def type_fit(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How well the type of the values fits the type of the field; mild, since types lie both ways."""
    table = np.array([[fit(one, other) for other in Kind] for one in Kind], dtype=np.float32)
    return table[_positions(columns.columns)][:, _positions(fields.columns)]


def fit(one: Kind, other: Kind) -> float:
    """How well the two kinds fit, from 0 to 1; NaN where one is not known."""
    if Kind.UNKNOWN in {one, other}:
        return float("nan")
    return 1.0 if one is other else _CLOSE.get(frozenset({one, other}), 0.0)


def _positions(columns: tuple[SideColumn, ...]) -> list[int]:
    kinds = list(Kind)
    return [kinds.index(kind_of(column)) for column in columns]
