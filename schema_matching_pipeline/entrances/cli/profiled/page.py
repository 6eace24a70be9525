"""A profile as a page."""

from __future__ import annotations

from schema_matching_pipeline.entrances.cli.profiled.diagram import BOX_HEIGHT, BOX_WIDTH, draw_references
from schema_matching_pipeline.entrances.cli.profiled.figures import per_cent, short_count
from schema_matching_pipeline.entrances.cli.profiled.terminal import spoken_reference
from schema_matching_pipeline.entrances.cli.profiled.view import ProfileView
from schema_matching_pipeline.entrances.reports.page import render
from schema_matching_pipeline.quality import FORMULA

LISTED = 100  # flagged columns named on the overview
PLOTTED = 3_000  # of more columns the small plots alone are drawn, lest no browser open the page


def render_profile(view: ProfileView) -> str:
    """The page as text."""
    return render(
        "page.html",
        beside=("schema_matching_pipeline.entrances.cli.profiled", "page"),
        filters={"short_count": short_count, "per_cent": per_cent, "reference": spoken_reference},
        view=view,
        diagram=draw_references(view),
        box=(BOX_WIDTH, BOX_HEIGHT),
        listed=LISTED,
        plotted=PLOTTED if len(view.columns) > PLOTTED else None,
        formula=FORMULA,
    )
