"""What the types of a column's values prove against a field that somebody may choose for it."""

from __future__ import annotations

from schema_matching_pipeline.matching.cast_rule import WANTED
from schema_matching_pipeline.matching.explanation import LOW_TYPE_FIT
from schema_matching_pipeline.matching.signals.type_fit import fit
from schema_matching_pipeline.matching.value_kind import OF_FIELD, OF_VALUES, Kind
from schema_matching_pipeline.model.canonical import FieldType
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, ValueType

STRAY = 0.05  # share of values up to which those that fit are slips
_NUMBERS = frozenset({Kind.NUMBER, Kind.INTEGER})
_HELD = {
    Kind.TEXT: "text",
    Kind.IDENTIFIER: "identifiers",
    Kind.DATE: "dates",
    Kind.TIME: "times",
    Kind.NUMBER: "numbers",
    Kind.INTEGER: "whole numbers",
    Kind.BOOLEAN: "yes or no",
}
_READ_AS = {
    Kind.NUMBER: "a number",
    Kind.INTEGER: "a whole number",
    Kind.BOOLEAN: "yes or no",
    Kind.DATE: "a date",
    Kind.TIME: "a time",
}


def unfit(column: ColumnProfile, field_type: FieldType, policy: MatchPolicy) -> str | None:
    """That hardly a value can be read as what the field takes, in words; None where that is not proven.

    Numbers prove nothing against days and times, which may be written as numbers; nor do texts with digits in them.

    >>> from schema_matching_pipeline.model.profile import PatternShare
    >>> words = ColumnProfile(
    ...     table="t", column="c", position=0, data_type="text", row_count=40, null_count=0, distinct_count=9,
    ...     value_type=ValueType.TEXT, type_shares=(PatternShare(name="text", share=1.0),),
    ...     shapes=(PatternShare(name="Aaaa", share=1.0),),
    ... )
    >>> unfit(words, FieldType.DATE, MatchPolicy()), unfit(words, FieldType.CODE, MatchPolicy())
    ('its values are text; none reads as a date', None)
    """
    wanted, kinds = OF_FIELD[field_type], _kinds(column)
    if field_type not in WANTED or column.filled_count < policy.fewest_rows or not kinds:
        return None
    lead = max(kinds, key=lambda kind: kinds[kind])
    fitting = sum(share for kind, share in kinds.items() if _may_be(kind, wanted))
    if fitting > STRAY or (lead is Kind.TEXT and not _is_words(column)):
        return None
    read = "none reads" if not fitting else "hardly one reads"
    return f"its values are {_HELD[lead]}; {read} as {_READ_AS[wanted]}"


def _kinds(column: ColumnProfile) -> dict[Kind, float]:
    """Which kinds of values it holds, each with its share."""
    kinds: dict[Kind, float] = {}
    for each in column.type_shares:
        kind = OF_VALUES[ValueType(each.name)]
        kinds[kind] = kinds.get(kind, 0.0) + each.share
    return kinds


def _may_be(kind: Kind, wanted: Kind) -> bool:
    """Whether values of the kind may be written so that they read as the wanted one."""
    if kind in _NUMBERS and wanted in {Kind.DATE, Kind.TIME}:
        return True
    written = _NUMBERS if wanted in _NUMBERS else {wanted}
    return any(fit(kind, one) > LOW_TYPE_FIT for one in written)


def _is_words(column: ColumnProfile) -> bool:
    """Whether the texts are known to hold no digit: one that does may be a date or a number in a form of its own."""
    return bool(column.shapes) and not any("9" in shape.name for shape in column.shapes)
