"""Confidence held against what was right: in bins, and as one figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from schema_matching_pipeline.model.reliability import JudgedSuggestion, ReliabilityBin

BINS = 10


def reliability_of(judged: Iterable[JudgedSuggestion]) -> tuple[ReliabilityBin, ...]:
    """Bins of equal width from the lowest up; empty ones are left out.

    >>> (found,) = reliability_of([JudgedSuggestion(confidence=0.75, right=each) for each in (True, False)])
    >>> found.low, found.count, found.right, found.mean_confidence
    (0.7, 2, 1, 0.75)
    """
    places: defaultdict[int, list[JudgedSuggestion]] = defaultdict(list)
    for each in judged:
        places[min(int(each.confidence * BINS), BINS - 1)].append(each)
    return tuple(
        ReliabilityBin(
            low=place / BINS,
            count=len(inside),
            right=sum(each.right for each in inside),
            mean_confidence=sum(each.confidence for each in inside) / len(inside),
        )
        for place, inside in sorted(places.items())
    )


def calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """The expected calibration error: the mean distance between confidence and truth over the bins; 0 without any.

    >>> calibration_error(reliability_of([JudgedSuggestion(confidence=0.75, right=each) for each in (True, False)]))
    0.25
    """
    count = sum(each.count for each in bins)
    return sum(abs(each.mean_confidence * each.count - each.right) for each in bins) / count if count else 0.0
