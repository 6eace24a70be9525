"""Columns that hold nothing."""

from __future__ import annotations

from schema_matching_pipeline.canon.name_kinds import NameKind
from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.model.profile import ValueType
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact, filled_fact

_PARTICIPLE = 5  # letters


@LABELS.register("empty")
def empty(case: Case) -> Verdict | None:
    """No row has a value: the table has no rows, all are null or blank, or all hold one filler such as N/A or 0."""
    column = case.column
    if column.row_count == 0:
        return Verdict(LabelName.EMPTY, "empty", "The table has no rows.", facts=(fact("rows", "0"),))
    if column.filled_share <= case.policy.empty_filled_share:
        return Verdict(LabelName.EMPTY, "empty", _unfilled(case), facts=(filled_fact(column),))
    if column.filled_count and column.sentinel_share == 1.0 and _holds_only_fillers(case):
        return Verdict(
            LabelName.EMPTY,
            "empty",
            f"All {column.filled_count:,} values are placeholders that stand for none.",
            confidence=0.95,
            facts=(filled_fact(column), fact("distinct values", column.distinct_count)),
        )
    return _only_zero(case)


def _only_zero(case: Case) -> Verdict | None:
    """A zero in every row was written by nobody: the column's default; of a flag it says no, row by row."""
    column, numbers = case.column, case.column.numbers
    if column.value_type is ValueType.BOOLEAN or _asks_yes_or_no(case) or numbers is None:
        return None
    if column.distinct_count != 1 or column.filled_count < case.policy.constant_rows:
        return None
    if numbers.minimum != 0 or numbers.maximum != 0:
        return None
    return Verdict(
        LabelName.EMPTY,
        "empty",
        f"All {column.filled_count:,} values are zero, as a default writes it.",
        confidence=0.9,
        facts=(filled_fact(column), fact("distinct values", "1"), fact("only value", "0")),
    )


def _asks_yes_or_no(case: Case) -> bool:
    """Whether the name is that of a flag, or says what was done to a thing: discontinued, billed, locked."""
    if case.announced is NameKind.FLAG:
        return True
    last = name_tokens(case.column.column)[-1:]
    return case.announced is None and bool(last) and last[0].endswith("ed") and len(last[0]) >= _PARTICIPLE


def _unfilled(case: Case) -> str:
    column = case.column
    blank = f", {column.blank_count:,} of them blank" if column.blank_count else ""
    if column.filled_count:
        return f"Only {column.filled_count:,} of {column.row_count:,} rows have a value{blank}."
    return f"None of {column.row_count:,} rows has a value{blank}."


def _holds_only_fillers(case: Case) -> bool:
    """Whether the fillers are too few and too much alike to be values: a status of -1 everywhere is none."""
    column = case.column
    return column.distinct_count <= 2 and column.filled_count >= min(column.row_count, 2)
