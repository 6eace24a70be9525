"""One value of several columns of a row: in pandas, and as an expression for PostgreSQL and DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schema_matching_pipeline.canon.rule_chain import BLANKS
from schema_matching_pipeline.model.rule import Computed, Concat

if TYPE_CHECKING:
    import pandas as pd


def compute_series(frame: pd.DataFrame, rule: Computed) -> pd.Series:
    """The value of every row under the frame's own index; null where no column is filled."""
    import pandas as pd  # a fifth of what a command takes to start

    rows = zip(*(frame[name] for name in rule.columns), strict=True)
    return pd.Series([_of_row(row, rule) for row in rows], index=frame.index, dtype=object)


def compute_expression(table: sa.FromClause, rule: Computed) -> sa.ColumnElement[Any]:
    """The same value as SQL."""
    filled = [_filled(table.columns[name]) for name in rule.columns]
    if isinstance(rule, Concat):
        return sa.func.nullif(sa.func.concat_ws(rule.separator, *filled), "", type_=sa.Text())
    return sa.func.coalesce(*filled, type_=sa.Text())


def _of_row(row: tuple[object, ...], rule: Computed) -> str | None:
    filled = [text for value in row if isinstance(value, str) and (text := value.strip(BLANKS))]
    if isinstance(rule, Concat):
        return rule.separator.join(filled) or None
    return next(iter(filled), None)


def _filled(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    bare = sa.func.rtrim(sa.func.ltrim(column, BLANKS), BLANKS)
    return sa.func.nullif(bare, "", type_=sa.Text())
