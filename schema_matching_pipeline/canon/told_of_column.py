"""What a language model may be told of a column: names, types, shares, and masked values; never a value."""

from __future__ import annotations

from schema_matching_pipeline.canon.masking import mask_shape
from schema_matching_pipeline.model.profile import ColumnProfile

_SHOWN_PATTERNS = 3
_SHOWN_SHAPES = 3
_SHOWN_VALUES = 5
_LONGEST_COMMENT = 200


def told_of_column(column: ColumnProfile) -> dict[str, object]:
    """The column as it is shown in a question."""
    return {
        "table": column.table,
        "name": column.column,
        "type": column.data_type,
        "value_type": column.value_type.value,
        "comment": (column.comment or "")[:_LONGEST_COMMENT],
        "filled": round(column.filled_share, 2),
        "distinct": column.distinct_count,
        "patterns": [f"{p.name} {p.share:.0%}" for p in column.patterns[:_SHOWN_PATTERNS]],
        "shapes": [f"{s.name} {s.share:.0%}" for s in column.shapes[:_SHOWN_SHAPES]],
        "masked_values": [mask_shape(count.value.text) for count in column.top_values[:_SHOWN_VALUES]],
    }
