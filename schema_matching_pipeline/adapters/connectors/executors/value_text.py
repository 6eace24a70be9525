"""The canonical text of a typed DuckDB value, in SQL: the same text as ``canonical_text`` makes of it."""

from __future__ import annotations

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind

# What Arrow trims off as white space.
WHITE_SPACE = "".join(
    map(chr, (*range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000))
)  # fmt: skip
_WHOLE = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
)  # fmt: skip
_MOMENTS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_ZONED = "TIMESTAMP WITH TIME ZONE"
_PLAIN_DOUBLES = "(v = 0 OR abs(v) BETWEEN 1e-4 AND 1e15)"
_PLAIN_FLOATS = "(v = 0 OR abs(v) BETWEEN 1e-4 AND 1e6)"
_PLAIN_DAYS = "(v BETWEEN '0001-01-01' AND '9999-12-31')"


def kind_of(data_type: str) -> Kind | None:
    """The kind of a DuckDB type whose texts SQL can make; None for the others."""
    name = data_type.upper()
    if name == "VARCHAR":
        return Kind.TEXT
    if name in _WHOLE:
        return Kind.INTEGER
    if name in {"DOUBLE", "FLOAT"} or name.startswith("DECIMAL"):
        return Kind.NUMBER
    if name == "DATE":
        return Kind.DATE
    return Kind.MOMENT if name in {*_MOMENTS, _ZONED} else None


def text_of(data_type: str) -> str:
    """The text of ``v``, a value of this type; text itself keeps its white space."""
    match kind_of(data_type):
        case Kind.NUMBER if not data_type.endswith(",0)"):
            return "CASE WHEN v = 0 THEN '0' ELSE rtrim(rtrim(v::VARCHAR, '0'), '.') END"
        case Kind.TEXT:
            return "v"
        case Kind.MOMENT if data_type.upper() == _ZONED:
            return "regexp_replace(v::VARCHAR, '[+]00$', 'Z')"  # in a session that lives in UTC
        case _:
            return "v::VARCHAR"


def trimmed(value: str) -> str:
    """A text without white space around it. This takes long: see first whether there is any."""
    return f"trim({value}, '{WHITE_SPACE}')"


def is_blank(value: str) -> str:
    """Whether a text holds nothing but white space."""
    return f"regexp_full_match({value}, '[{WHITE_SPACE}]*')"


def is_plain(data_type: str) -> str:
    """Whether ``v`` has the text that ``text_of`` gives: numbers without exponent, days of four-digit years."""
    name = data_type.upper()
    if name in {"DOUBLE", "FLOAT"}:
        return _PLAIN_DOUBLES if name == "DOUBLE" else _PLAIN_FLOATS
    return _PLAIN_DAYS if kind_of(name) in {Kind.DATE, Kind.MOMENT} else "true"
