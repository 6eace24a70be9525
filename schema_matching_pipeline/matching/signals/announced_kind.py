"""The form of values that one side announces, against what the other side's values show."""

from __future__ import annotations

import numpy as np

from schema_matching_pipeline.canon.representation import Representation, announced
from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.shown_form import shown_forms
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix


@SIGNALS.register("announced_kind")
def announced_kind(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How well the values of either side fit the form that the other's name or description announces.

    A field described as "the number of nodes" fits a column of whole numbers, and none of names. Unknown where
    no side announces anything whose values the other side has.
    """
    there = _fit(_shown(columns), _announced(fields))
    back = _fit(_shown(fields), _announced(columns)).T
    known = np.stack([there, back])
    counted = (~np.isnan(known)).sum(axis=0)
    mean = np.nansum(known, axis=0) / np.maximum(counted, 1)
    return np.asarray(np.where(counted > 0, mean, np.nan), dtype=np.float32)


def _fit(shown: FloatMatrix, asked: list[int]) -> FloatMatrix:
    """Columns of values x what is asked of them; NaN where nothing is."""
    fit = shown[:, np.maximum(asked, 0)]
    fit[:, np.array(asked) < 0] = np.nan
    return fit


def _shown(side: Side) -> FloatMatrix:
    forms = [shown_forms(column.profile) for column in side.columns]
    return np.array([[each.get(form, np.nan) for form in Representation] for each in forms], dtype=np.float32)


def _announced(side: Side) -> list[int]:
    forms = list(Representation)
    said = [announced(column.name, column.description) for column in side.columns]
    return [-1 if form is None else forms.index(form) for form in said]
