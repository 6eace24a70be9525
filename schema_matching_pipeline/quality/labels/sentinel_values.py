"""Values that stand for no value."""

from __future__ import annotations

from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact, percent


@LABELS.register("sentinel_values")
def sentinel_values(case: Case) -> Verdict | None:
    """Ends of time such as 9999-12-31, numbers such as -1, or words such as N/A among the values; a note only."""
    share = case.column.sentinel_share
    if share < case.policy.sentinel_share:
        return None
    return Verdict(
        None,
        "sentinel_values",
        f"{percent(share)} of the values stand for none (such as N/A, -1 or 9999-12-31).",
        facts=(fact("values that stand for none", percent(share)),),
    )
