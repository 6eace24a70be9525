"""Confidence against what people found right, as points of a square plot."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.reliability import ReliabilityBin

SIDE = 200  # of the plot, in its own units
SMALLEST, LARGEST = 3.0, 9.0


class PlottedBin(Frozen):
    """Where one bin stands, from the upper left; its area grows with how many it holds."""

    x: float
    y: float
    radius: float
    said: str


def plotted(bins: Iterable[ReliabilityBin]) -> tuple[PlottedBin, ...]:
    """The bins as points; on the diagonal lies what was right as often as it was sure.

    >>> (point,) = plotted([ReliabilityBin(low=.9, count=20, right=19, mean_confidence=.95)])
    >>> point.x, point.y, point.said
    (190.0, 10.0, '19 of 20 right at a mean confidence of 0.95')
    """
    known = tuple(bins)
    most = max((each.count for each in known), default=1)
    return tuple(
        PlottedBin(
            x=round(SIDE * each.mean_confidence, 1),
            y=round(SIDE * (1 - each.right / each.count), 1),
            radius=round(SMALLEST + (LARGEST - SMALLEST) * sqrt(each.count / most), 1),
            said=f"{each.right} of {each.count} right at a mean confidence of {each.mean_confidence:.2f}",
        )
        for each in known
    )
