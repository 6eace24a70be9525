"""A column's suggestion taken apart, as it is shown to people."""

from __future__ import annotations

from pydantic import Field

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Candidate, Disposition
from schema_matching_pipeline.model.source import ColumnRef


class ConfidenceStep(Frozen):
    """One signal on the way from nothing known to a confidence.

    ``share`` is what it adds to the log-odds, ``confidence`` what is reached with it; ``score`` (0..1) is what the
    signal found, None where it is no comparison of the two.
    """

    signal: str
    in_words: str
    score: float | None
    share: float
    confidence: float = Field(ge=0.0, le=1.0)


class ExplainedColumn(Frozen):
    """What became of a column, why, and how the confidence of one field came about.

    ``target`` is the field that is explained and ``steps`` its way, empty where no candidate is; ``candidates`` are
    all that were ranked, the likeliest first. ``nothing`` is how sure it is that no field fits, where that was proposed.
    ``derived`` is the rule of a column that is none of the source's, in words; no signal speaks of it.
    """

    ref: ColumnRef
    disposition: Disposition
    mapped_to: FieldRef | None
    needed: float
    reason: str
    objections: tuple[str, ...]
    target: FieldRef | None
    rank: int
    confidence: float | None
    nothing: float | None
    steps: tuple[ConfidenceStep, ...]
    candidates: tuple[Candidate, ...]
    derived: str = ""
