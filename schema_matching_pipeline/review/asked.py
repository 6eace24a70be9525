"""Which columns a person is asked about, and how these stand in lists and exports."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.review import ReviewItem
from schema_matching_pipeline.model.source import ColumnRef


def asked_columns(open_items: Iterable[ReviewItem]) -> frozenset[ColumnRef]:
    """The columns that open items are about; an item about a table as a whole is about none."""
    return frozenset(item.ref for item in open_items if item.ref.column)


def shown_disposition(disposition: Disposition, ref: ColumnRef, asked: Collection[ColumnRef]) -> Disposition:
    """What is to become of a column as people see it: while one of them is asked, nothing is settled.

    A column that fills nothing may be asked about for its meaning, one that is accepted for a check that failed.
    """
    return Disposition.PENDING_REVIEW if ref in asked else disposition
