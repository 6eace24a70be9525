"""Which value of a column was written where there was none."""

from __future__ import annotations

from schema_matching_pipeline.canon.absent import is_placeholder, is_sentinel, is_zero
from schema_matching_pipeline.model.measurement import ColumnMeasurement

_ANSWERS = 2


def filler_of(column: ColumnMeasurement) -> str | None:
    """The most frequent value, where it stands for none and others do not.

    Of two different values zero is an answer: it says no.
    """
    if column.distinct_count < _ANSWERS or not column.texts:
        return None
    most = column.texts[0]
    if is_zero(most):
        return most if column.distinct_count > _ANSWERS else None
    return most if is_placeholder(most) or is_sentinel(most) else None
