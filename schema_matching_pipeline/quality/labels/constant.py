"""Columns of one value."""

from __future__ import annotations

from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact


@LABELS.register("constant")
def constant(case: Case) -> Verdict | None:
    """Every filled row has the same value, in enough rows that this is no chance; a note only."""
    column = case.column
    if column.distinct_count != 1 or column.filled_count < case.policy.constant_rows:
        return None
    return Verdict(
        None,
        "constant",
        f"All {column.filled_count:,} values are the same.",
        facts=(fact("distinct values", "1"),),
    )
