"""Texts that were read in a wrong encoding once."""

from __future__ import annotations

from schema_matching_pipeline.quality.label import LABELS, Case, Verdict


@LABELS.register("lost_letters")
def lost_letters(case: Case) -> Verdict | None:
    """Some values hold signs that only a wrong encoding leaves behind; a note only."""
    if "lost_letters" not in case.column.notes:
        return None
    return Verdict(None, "lost_letters", "Some values lost letters to a wrong encoding.")
