"""The one place that says what may be told of a column to a language model; never a value."""

from __future__ import annotations

import re
from collections.abc import Collection

from schema_matching_pipeline.canon.masking import mask_shape
from schema_matching_pipeline.canon.told_patterns import told_patterns
from schema_matching_pipeline.model.llm import Told
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile

_SHOWN_PATTERNS = 3
_SHOWN_SHAPES = 3
_SHOWN_VALUES = 5
_LONGEST_NAME = 80
_LONGEST_COMMENT = 200
_RARE = ProfilePolicy().rare_count
_LISTED = re.compile(r"\((?![\d\s,]*\)).*", re.DOTALL)


def told_of_column(column: ColumnProfile, told: Collection[Told], *, meaning: str = "") -> dict[str, object]:
    """The column as it is shown in a question: of each kind of evidence that may be told, and of no other.

    Empty where nothing may be told; then nothing is to be asked. ``meaning`` is what rules found in names and values.
    """
    shown: dict[str, object] = {}
    for kind in Told:  # in one order, whatever order they were allowed in
        if kind in told:
            shown |= _OF_KIND[kind](column)
    return shown | ({"rules_say": meaning} if meaning and Told.PATTERNS in told else {})


def _names(column: ColumnProfile) -> dict[str, object]:
    return {"table": _plain(column.table, _LONGEST_NAME), "name": _plain(column.column, _LONGEST_NAME)}


def _types(column: ColumnProfile) -> dict[str, object]:
    """Without the values that some databases list in a type, as MySQL does in ``enum('a', 'b')``."""
    return {
        "type": _plain(_LISTED.sub("", column.data_type), _LONGEST_NAME),
        "value_type": column.value_type.value,
    }


def _statistics(column: ColumnProfile) -> dict[str, object]:
    return {"filled": round(column.filled_share, 2), "distinct": column.distinct_count}


def _patterns(column: ColumnProfile) -> dict[str, object]:
    return {
        "patterns": [f"{p.name} {p.share:.0%}" for p in told_patterns(column)[:_SHOWN_PATTERNS]],
        "shapes": [f"{s.name} {s.share:.0%}" for s in column.shapes[:_SHOWN_SHAPES]],
    }


def _comments(column: ColumnProfile) -> dict[str, object]:
    return {"comment": _plain(column.comment or "", _LONGEST_COMMENT)}


def _masked_values(column: ColumnProfile) -> dict[str, object]:
    """Shapes of values that many rows hold; none of a column that identifies somebody."""
    frequent = [count.value.text for count in column.top_values if count.count >= _RARE]
    shown = [] if column.personal else frequent[:_SHOWN_VALUES]
    return {"masked_values": [mask_shape(text) for text in shown]}


_OF_KIND = {
    Told.NAMES: _names,
    Told.TYPES: _types,
    Told.STATISTICS: _statistics,
    Told.PATTERNS: _patterns,
    Told.COMMENTS: _comments,
    Told.MASKED_VALUES: _masked_values,
}


def _plain(text: str, limit: int) -> str:
    """A text of unknown origin on one line, printable and short."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:limit]).strip()
