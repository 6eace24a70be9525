"""Which cast brings a column's values to the type of its field."""

from __future__ import annotations

from schema_matching_pipeline.matching.side import SideColumn
from schema_matching_pipeline.model.canonical import FieldType
from schema_matching_pipeline.model.matching import Cast, TransformRule
from schema_matching_pipeline.model.profile import ValueType

WANTED = {
    FieldType.NUMBER: (Cast.NUMBER, frozenset({ValueType.INTEGER, ValueType.DECIMAL})),
    FieldType.INTEGER: (Cast.INTEGER, frozenset({ValueType.INTEGER})),
    FieldType.BOOLEAN: (Cast.BOOLEAN, frozenset({ValueType.BOOLEAN})),
    FieldType.DATE: (Cast.DATE, frozenset({ValueType.DATE})),
    FieldType.DATETIME: (Cast.DATETIME, frozenset({ValueType.DATETIME})),
    FieldType.TIME: (Cast.TIME, frozenset({ValueType.TIME})),
}


def rule_for(column: SideColumn, field: SideColumn) -> TransformRule | None:
    """The cast with its date format, or None where the values fit as they are."""
    wanted = WANTED.get(field.field_type) if field.field_type else None
    if wanted is None or column.profile is None:
        return None
    cast, fitting = wanted
    date_format = column.profile.dates.format if column.profile.dates and "date" in cast else None
    if column.profile.value_type in fitting and date_format is None:
        return None
    return TransformRule(cast=cast, date_format=date_format)
