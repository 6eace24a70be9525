"""Which coarse kind of values a column or field holds."""

from __future__ import annotations

from enum import StrEnum

from schema_matching_pipeline.matching.side import SideColumn
from schema_matching_pipeline.model.canonical import FieldType
from schema_matching_pipeline.model.profile import ValueType


class Kind(StrEnum):
    """Coarse kinds, in which both sides can be compared."""

    UNKNOWN = "unknown"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    CODE = "code"
    TEXT = "text"
    IDENTIFIER = "identifier"


OF_FIELD = {
    FieldType.IDENTIFIER: Kind.IDENTIFIER,
    FieldType.STRING: Kind.TEXT,
    FieldType.TEXT: Kind.TEXT,
    FieldType.CODE: Kind.CODE,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.INTEGER: Kind.INTEGER,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.DATE: Kind.DATE,
    FieldType.DATETIME: Kind.DATE,
    FieldType.TIME: Kind.TIME,
}
OF_VALUES = {
    ValueType.BOOLEAN: Kind.BOOLEAN,
    ValueType.INTEGER: Kind.INTEGER,
    ValueType.DECIMAL: Kind.NUMBER,
    ValueType.DATE: Kind.DATE,
    ValueType.DATETIME: Kind.DATE,
    ValueType.TIME: Kind.TIME,
    ValueType.UUID: Kind.IDENTIFIER,
    ValueType.TEXT: Kind.TEXT,
    ValueType.JSON: Kind.TEXT,
    ValueType.BINARY: Kind.TEXT,
}
_DECLARED = (
    ("bool", Kind.BOOLEAN), ("bit", Kind.BOOLEAN), ("uuid", Kind.IDENTIFIER), ("uniqueid", Kind.IDENTIFIER),
    ("timestamp", Kind.DATE), ("date", Kind.DATE), ("time", Kind.TIME), ("year", Kind.DATE),
    ("int", Kind.INTEGER), ("serial", Kind.INTEGER), ("num", Kind.NUMBER), ("dec", Kind.NUMBER),
    ("float", Kind.NUMBER), ("double", Kind.NUMBER), ("real", Kind.NUMBER), ("money", Kind.NUMBER),
    ("char", Kind.TEXT), ("text", Kind.TEXT), ("string", Kind.TEXT), ("clob", Kind.TEXT), ("enum", Kind.TEXT),
)  # fmt: skip


def kind_of(column: SideColumn) -> Kind:
    """The kind by field type, else by the values themselves, else by the declared type."""
    if column.field_type is not None:
        return OF_FIELD[column.field_type]
    if column.profile is None:
        return Kind.UNKNOWN
    by_values = OF_VALUES.get(column.profile.value_type)
    return by_values or _by_declaration(column.profile.data_type.lower())


def _by_declaration(declared: str) -> Kind:
    return next((kind for word, kind in _DECLARED if word in declared), Kind.UNKNOWN)
