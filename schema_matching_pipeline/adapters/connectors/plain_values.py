"""Values of one column as they are, for the person who may see them; nothing of them is kept."""

from __future__ import annotations

from collections import Counter

from schema_matching_pipeline.adapters.connectors.catalog import OpenSource
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault, translated
from schema_matching_pipeline.model.source import ColumnRef


def plain_values(source: OpenSource, ref: ColumnRef, *, rows: int, most: int) -> tuple[str, ...]:
    """Up to ``most`` different values among so many rows, those of more rows first.

    Raises:
        SourceError: the column is not there (any more), or cannot be read.
    """
    if ref.column not in source.relation(ref.table).c:
        raise fault(Trouble.VANISHED, f"Column {ref.column!r} of table {ref.table!r}", table=ref.table)
    with translated(f"Table {ref.table!r}", table=ref.table):
        texts, _ = source.texts(ref.table, [ref.column], rows)
    counts = Counter(value for value in texts.column(0).to_pylist() if value)
    return tuple(value for value, _ in counts.most_common(most))
