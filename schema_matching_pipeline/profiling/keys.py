"""Which columns could be the key of their table."""

from __future__ import annotations

from collections.abc import Sequence

from schema_matching_pipeline.model.profile import ColumnProfile, ValueType
from schema_matching_pipeline.profiling.key_names import KEY_WORDS

KEY_TYPES = frozenset({ValueType.INTEGER, ValueType.TEXT, ValueType.UUID})


def key_candidates(columns: Sequence[ColumnProfile]) -> tuple[tuple[str, ...], ...]:
    """Columns that could be the table's key, the likeliest first; only exact figures count."""
    unique = [column for column in columns if column.is_unique and column.value_type in KEY_TYPES]
    ranked = sorted(unique, key=lambda column: (-key_likeness(column), column.position))
    return tuple((column.column,) for column in ranked)


def key_likeness(column: ColumnProfile) -> int:
    """How much a column looks like a key by what is declared, its name and its place."""
    words = set(column.tokens)
    return 4 * column.in_primary_key + 2 * bool(words & KEY_WORDS) + (column.position == 0)
