"""A profile as a page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from schema_matching_pipeline.entrances.reports.page import render
from schema_matching_pipeline.entrances.reports.profiled.diagram import BOX_HEIGHT, BOX_WIDTH, draw_references
from schema_matching_pipeline.entrances.reports.profiled.distribution import Distribution
from schema_matching_pipeline.entrances.reports.profiled.figures import per_cent, short_count
from schema_matching_pipeline.entrances.reports.profiled.view import ProfileView, spoken_reference
from schema_matching_pipeline.quality import FORMULA

SMALLEST = 0.75  # of its own size, to which the diagram shrinks before it is scrolled
LISTED = 100  # flagged columns named on the overview
DRAWN_AT_ONCE = 100  # columns; a browser leaves alone what is out of sight, if it is in parts
PLOTTED = 3_000  # of more columns the small plots alone are drawn, lest no browser open the page


def render_profile(view: ProfileView, *, back: str | None = None) -> str:
    """The page as text; ``back`` is where it leads back to, where it is a page among others."""
    return render(
        "page.html",
        beside=("schema_matching_pipeline.entrances.reports.profiled", "page"),
        filters={
            "short_count": short_count,
            "per_cent": per_cent,
            "reference": spoken_reference,
            "outlines": _outlines,
        },
        view=view,
        back=back,
        diagram=draw_references(view),
        box=(BOX_WIDTH, BOX_HEIGHT),
        smallest=SMALLEST,
        listed=LISTED,
        drawn_at_once=DRAWN_AT_ONCE,
        plotted=PLOTTED if len(view.columns) > PLOTTED else None,
        formula=FORMULA,
    )


def _outlines(plot: Distribution) -> Iterator[tuple[bool, str]]:
    """The bars of a small plot as one path, and that of all others as a second: a page of thousands stays light."""
    bars = [
        (bar.is_rest, f"M{10 * place + 0.7:g} 30v-{max(29 * height, 1):.3g}h8.6V30z")
        for place, (bar, height) in enumerate(zip(plot.bars, plot.heights, strict=True))
        if height
    ]
    for is_rest, drawn in groupby(bars, key=itemgetter(0)):
        yield is_rest, "".join(path for _, path in drawn)
