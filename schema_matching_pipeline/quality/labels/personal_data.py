"""Columns about natural persons."""

from __future__ import annotations

from schema_matching_pipeline.model.profile import PersonalLevel
from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact


@LABELS.register("personal_data")
def personal_data(case: Case) -> Verdict | None:
    """The profile found data about persons: which kind, how far it exposes them, and by what; a note only.

    What identifies somebody is never shown. What is sensitive, or narrows down who it may be, is noted apart.
    """
    found = case.column.personal_data
    if found is None:
        return None
    facts = (
        fact("personal data", found.kind),
        fact("level", found.level),
        fact("evidence", "; ".join(found.evidence)),
    )
    match found.level:
        case PersonalLevel.IDENTIFYING:
            return Verdict(None, "personal_data", "The values are personal and are never shown.", facts=facts)
        case PersonalLevel.SENSITIVE:
            return Verdict(
                None, "sensitive_data", "The values tell sensitive things of persons.", facts=facts
            )
        case PersonalLevel.QUASI:
            return Verdict(
                None,
                "quasi_identifier",
                "Together with others the values may tell who a person is.",
                facts=facts,
            )
