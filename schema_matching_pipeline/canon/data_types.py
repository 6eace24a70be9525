"""Declared data types of databases to the types of canonical fields."""

from __future__ import annotations

import re

from schema_matching_pipeline.model.canonical import FieldType

_BASE = re.compile(r"[a-z_]+[a-z0-9_]*")
_FAMILIES: dict[FieldType, str] = {
    FieldType.INTEGER: "int integer smallint bigint mediumint tinyint int2 int4 int8 serial bigserial smallserial"
    " ubigint uint usmallint utinyint year counter long",
    FieldType.NUMBER: "decimal numeric number float double real float4 float8 money smallmoney dec bigdecimal",
    FieldType.BOOLEAN: "boolean bool bit",
    FieldType.DATE: "date",
    FieldType.DATETIME: "datetime datetime2 timestamp timestamptz timestampltz timestampntz smalldatetime datetimeoffset",
    FieldType.TIME: "time timetz",
    FieldType.TEXT: "text ntext clob nclob blob tinytext mediumtext longtext mediumblob longblob json jsonb xml"
    " varbinary binary bytea image",
    FieldType.IDENTIFIER: "uuid uniqueidentifier guid",
    FieldType.CODE: "enum set",
}
_BY_WORD = {word: kind for kind, words in _FAMILIES.items() for word in words.split()}


def field_type_of(data_type: str) -> FieldType:
    """The field type that a declared type stands for; text of any length where it is not known.

    >>> field_type_of("DECIMAL(10,2)"), field_type_of("timestamp with time zone"), field_type_of("tinyint(1)")
    (<FieldType.NUMBER: 'number'>, <FieldType.DATETIME: 'datetime'>, <FieldType.BOOLEAN: 'boolean'>)
    >>> field_type_of("nvarchar(max)"), field_type_of("")
    (<FieldType.STRING: 'string'>, <FieldType.STRING: 'string'>)
    """
    spelled = data_type.strip().lower()
    if spelled.replace(" ", "") == "tinyint(1)":  # how MySQL declares a truth value
        return FieldType.BOOLEAN
    base = _BASE.match(spelled)
    return _BY_WORD.get(base.group(), FieldType.STRING) if base else FieldType.STRING
