"""Columns about natural persons."""

from __future__ import annotations

from schema_matching_pipeline.quality.label import LABELS, Case, Verdict


@LABELS.register("personal_data")
def personal_data(case: Case) -> Verdict | None:
    """The profile found the column personal, so that none of its values is shown; a note only."""
    if not case.column.personal:
        return None
    return Verdict(None, "personal_data", "The values are personal and are never shown.")
