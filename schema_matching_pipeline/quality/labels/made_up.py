"""Columns that hold nothing but what somebody made up."""

from __future__ import annotations

from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact, filled_fact, percent


@LABELS.register("test_only")
def made_up(case: Case) -> Verdict | None:
    """Test words, keyboard runs, repeated digits, or personal numbers from ranges never issued, nearly everywhere."""
    column = case.column
    if column.filled_count == 0 or column.test_share == 0:
        return None
    facts = (filled_fact(column), fact("made-up values", percent(column.test_share)))
    if column.test_share >= case.policy.test_share:
        return Verdict(
            LabelName.TEST_ONLY,
            "test_only",
            f"{percent(column.test_share)} of the {column.filled_count:,} values are made up: test words,"
            " repeated or counted digits, or numbers from ranges that are never issued.",
            confidence=column.test_share,
            facts=facts,
        )
    return Verdict(
        None, "test_rows", f"{percent(column.test_share)} of the values look made up.", facts=facts[1:]
    )
