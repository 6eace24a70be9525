"""A client's validation as a page."""

from __future__ import annotations

from schema_matching_pipeline.entrances.reports.page import render
from schema_matching_pipeline.workflows.show_validation import ValidationView


def render_validation(view: ValidationView) -> str:
    """The page as text: what does not hold first, then every question by entity."""
    return render("validation.html", view=view)
