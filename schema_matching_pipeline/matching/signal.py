"""What a signal is, and the catalog of all signals."""

from __future__ import annotations

from collections.abc import Callable

from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.words import FloatMatrix
from schema_matching_pipeline.plugins import Catalog

Signal = Callable[[Side, Side, Evidence], FloatMatrix]
"""Columns, fields and shared evidence to a matrix of scores in 0..1; NaN where it knows nothing."""

SIGNALS: Catalog[Signal] = Catalog("schema_matching_pipeline.matching.signals")
