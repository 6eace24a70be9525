"""How far confidence can be trusted, as the truth or people's decisions show."""

from __future__ import annotations

from pydantic import Field

from schema_matching_pipeline.model.base import Frozen


class JudgedSuggestion(Frozen):
    """A suggestion that was judged: how sure it was, and whether it was right."""

    confidence: float = Field(ge=0.0, le=1.0)
    right: bool


class ReliabilityBin(Frozen):
    """Judged suggestions of about the same confidence, from ``low`` up to the next bin."""

    low: float
    count: int
    right: int
    mean_confidence: float


class Guarantee(Frozen):
    """The lowest bar at which, by the decisions so far, no more than ``wanted_error`` of suggestions are wrong.

    ``bar`` is None where no bar holds it; then ``enough`` says whether there were decisions enough to tell, which takes
    ``needed`` of them without a mistake. ``decided`` and ``wrong`` count the decisions from the bar up, or, without
    one, from the last bar that was looked at; ``error_bound`` is the highest share of wrong ones that they leave
    possible at that ``certainty``.
    """

    wanted_error: float
    certainty: float
    bar: float | None
    enough: bool
    needed: int
    decided: int
    wrong: int
    error_bound: float
    reliability: tuple[ReliabilityBin, ...]
    calibration_error: float
