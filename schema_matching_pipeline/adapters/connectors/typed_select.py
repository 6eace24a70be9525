"""Rows out of DuckDB with types that have one canonical text: nested values as JSON, bytes as digits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.canonical_text import canonical_text, kind_of_arrow
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.policy import ProfilePolicy

_BATCH_ROWS = 50_000
_AS_TEXT = (
    "HUGEINT",
    "UHUGEINT",
    "UUID",
    "ENUM",
    "INTERVAL",
    "TIME WITH TIME ZONE",
    "BIT",
    "BIGNUM",
    "TIMETZ",
    "VARIANT",
)
_NESTED = ("STRUCT", "MAP", "UNION")


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column of a DuckDB relation and its type, in DuckDB's words."""

    name: str
    data_type: str


def described(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[TypedColumn, ...]:
    """The columns of a relation."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return tuple(TypedColumn(str(row[0]), str(row[1])) for row in rows)


def select_texts(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[TypedColumn],
    policy: ProfilePolicy,
) -> Iterator[pa.RecordBatch]:
    """Some columns of a relation in canonical text, batch by batch."""
    connection.execute("SET TimeZone = 'UTC'")
    asked = ", ".join(f"{grouping_value(column, policy)} AS c{place}" for place, column in enumerate(columns))
    reader = connection.sql(f"SELECT {asked} FROM {relation}").to_arrow_reader(_BATCH_ROWS)
    for batch in reader:
        texts = [canonical_text(column, kind_of_arrow(column.type)) for column in batch.columns]
        yield pa.RecordBatch.from_arrays(texts, names=[column.name for column in columns])


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A name as DuckDB reads it back unchanged.

    >>> len(quoted('a "b"'))
    9
    """
    return '"' + name.replace('"', '""') + '"'


def plain_path(path: Path, folder: Path) -> Path:
    """The path itself, or a link to it where its name would be read as a pattern of names."""
    if not set(str(path)) & set("*?[]"):
        return path
    link = folder / (content_id(str(path)) + "".join(path.suffixes[-2:]))
    if not link.exists():
        link.symlink_to(path)
    return link


def grouping_value(column: TypedColumn, policy: ProfilePolicy) -> str:
    """A column as it is, or as text where its type has no plain one: nested values, long bytes, rare types."""
    name, data_type = quoted(column.name), column.data_type.upper()
    if data_type.startswith(_NESTED) or data_type.endswith("]"):
        return f"CAST(to_json({name}) AS VARCHAR)"
    if data_type == "BLOB":
        head = f"'0x' || lower(left(hex({name}), {2 * policy.binary_bytes}))"
        size = f"octet_length({name})"
        return f"CASE WHEN {size} > {policy.binary_bytes} THEN {head} || '+' || {size} ELSE {head} END"
    return f"CAST({name} AS VARCHAR)" if data_type.startswith(_AS_TEXT) else name
