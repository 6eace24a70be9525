"""Patterns, shapes and distributions of the values."""

from __future__ import annotations

import numpy as np

from schema_matching_pipeline.matching.evidence import Evidence, best_by
from schema_matching_pipeline.matching.figures import cosine_of_shares, figure_fit
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix


@SIGNALS.register("shape_fit")
def shape_fit(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How alike the shapes of the values are (99999-9999, Aaaa), and the patterns they follow."""
    (left, _), (right, owner) = columns.looks, fields.looks
    shapes = cosine_of_shares([p.shapes if p else () for p in left], [p.shapes if p else () for p in right])
    patterns = cosine_of_shares(
        [p.patterns if p else () for p in left], [p.patterns if p else () for p in right]
    )
    known = np.stack([shapes, patterns])
    counted = np.maximum((~np.isnan(known)).sum(axis=0), 1)
    mean = np.nansum(known, axis=0) / counted
    return best_by(np.where(np.isnan(known).all(axis=0), np.nan, mean), owner)


@SIGNALS.register("distribution")
def distribution(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How alike lengths, quantiles, years, filling and distinctness are; unknown without records on both sides.

    A table that lists what its columns admit holds no records.
    """
    (left, _), (right, owner) = columns.records, fields.records
    return best_by(figure_fit(left, right), owner)
