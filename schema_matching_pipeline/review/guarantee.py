"""The bar that holds a wanted error rate, with a bound that few decisions do not flatter.

The bound is that of Clopper and Pearson (1934) for a share of successes. Bars are tried from the highest down, one
hundredth at a time, and the first that fails ends it: tested in an order that no outcome chose, all of them hold
together at the same certainty (fixed-sequence testing, as in Angelopoulos et al., "Learn then Test", 2021). A bar
is only tried where so many decisions reach it that it could hold at all; how many do depends on confidences alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log
from typing import NamedTuple

from schema_matching_pipeline.canon.reliability import calibration_error, reliability_of
from schema_matching_pipeline.model.reliability import Guarantee, JudgedSuggestion

STEPS = 100  # bars are hundredths


def guarantee(
    decided: Sequence[JudgedSuggestion], *, wanted_error: float, certainty: float, floor: float
) -> Guarantee:
    """What decisions about suggestions from the review floor up allow to say; both shares are between 0 and 1.

    It holds for suggestions like those decided on: of the same client or clients, asked about in the same way.
    """
    asked = [each for each in decided if each.confidence >= floor]
    needed = ceil(log(1 - certainty) / log(1 - wanted_error))
    held: _Look | None = None
    last: _Look | None = None
    for bar in _bars(floor):
        last = _Look.at(bar, asked, certainty)
        if last.decided < needed:
            continue
        if last.bound > wanted_error:
            break
        held = last
    shown = held or last or _Look.at(floor, asked, certainty)
    bins = reliability_of(asked)
    return Guarantee(
        wanted_error=wanted_error,
        certainty=certainty,
        bar=held.bar if held else None,
        enough=len(asked) >= needed,
        needed=needed,
        decided=shown.decided,
        wrong=shown.wrong,
        error_bound=shown.bound,
        reliability=bins,
        calibration_error=calibration_error(bins),
    )


class _Look(NamedTuple):
    """The decisions about suggestions that reach a bar."""

    bar: float
    decided: int
    wrong: int
    bound: float

    @classmethod
    def at(cls, bar: float, asked: Sequence[JudgedSuggestion], certainty: float) -> _Look:
        reach = [each.right for each in asked if each.confidence >= bar]
        wrong = reach.count(False)
        return cls(bar, len(reach), wrong, error_bound(wrong, len(reach), certainty))


def error_bound(wrong: int, count: int, certainty: float) -> float:
    """The highest share of wrong ones that is still possible at a certainty: the upper Clopper-Pearson bound.

    >>> round(error_bound(0, 59, 0.95), 3), round(error_bound(1, 100, 0.95), 3), error_bound(0, 0, 0.95)
    (0.05, 0.047, 1.0)
    """
    from scipy.special import betaincinv  # half a second of a command's start

    return 1.0 if wrong >= count else float(betaincinv(wrong + 1, count - wrong, certainty))


def _bars(floor: float) -> list[float]:
    return [step / STEPS for step in range(STEPS - 1, ceil(round(floor * STEPS, 6)) - 1, -1)]
