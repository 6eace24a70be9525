"""Which rows fill a column, in SQL: neither null nor blank."""

from __future__ import annotations

import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind
from schema_matching_pipeline.adapters.connectors.spoken_sql import has_text


def is_filled(column: sa.ColumnElement[object], kind: Kind) -> sa.ColumnElement[bool]:
    """Whether a row has a value; only text can be blank."""
    present: sa.ColumnElement[bool] = column.is_not(None)
    if kind is not Kind.TEXT:
        return present
    return sa.and_(present, has_text(column))
