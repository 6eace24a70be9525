"""One value of several columns of a row: in pandas, and as an expression for PostgreSQL and DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, assert_never

import sqlalchemy as sa

from schema_matching_pipeline.canon.rule_chain import BLANKS
from schema_matching_pipeline.model.rule import (
    Coalesce,
    Computed,
    Concat,
    Lookup,
    OneColumn,
    Where,
    columns_read,
)

if TYPE_CHECKING:
    import pandas as pd

Row = tuple[str | None, ...]
_NO_CODES: Mapping[str, str] = {}


def compute_series(frame: pd.DataFrame, rule: Computed, codes: Mapping[str, str] = _NO_CODES) -> pd.Series:
    """The value of every row under the frame's own index; null where there is none.

    ``codes`` is what a lookup's table says of each code, without blanks around either.
    """
    import pandas as pd  # a fifth of what a command takes to start

    rows = zip(*(frame[name] for name in columns_read(rule)), strict=True)
    made = [_of_row(tuple(map(_bare, row)), rule, codes) for row in rows]
    return pd.Series(made, index=frame.index, dtype=object)


def compute_expression(
    table: sa.FromClause, rule: Computed, looked_up: sa.FromClause | None = None
) -> sa.ColumnElement[Any]:
    """The same value as SQL; ``looked_up`` is the table of a lookup, of which the least text counts for a code.

    Raises:
        ValueError: a lookup came without its table.
    """
    filled = [_filled(table.columns[name]) for name in columns_read(rule)]
    match rule:
        case Concat():
            return sa.func.nullif(sa.func.concat_ws(rule.separator, *filled), "", type_=sa.Text())
        case Coalesce() | OneColumn():
            return sa.func.coalesce(*filled, type_=sa.Text()) if len(filled) > 1 else filled[0]
        case Where():
            value, by = filled
            return sa.case((by.in_(rule.among), value), else_=sa.null())
        case Lookup():
            if looked_up is None:
                raise ValueError("a lookup needs its table")
            listed = sa.select(sa.func.min(_filled(looked_up.columns[rule.value])))
            return (
                listed.where(_filled(looked_up.columns[rule.key]) == filled[0])
                .correlate(table)
                .scalar_subquery()
            )
        case _:
            assert_never(rule)


def listed_codes(keys: Iterable[object], values: Iterable[object]) -> dict[str, str]:
    """What is said of each code, from two columns of a lookup's table; of several texts for one code the least.

    >>> listed_codes(["1", " 2", "2"], ["one", "zwei", "two"])
    {'1': 'one', '2': 'two'}
    """
    codes: dict[str, str] = {}
    for key, value in zip(map(_bare, keys), map(_bare, values), strict=True):
        if key and value:
            codes[key] = min(codes.get(key, value), value)
    return codes


def _of_row(row: Row, rule: Computed, codes: Mapping[str, str]) -> str | None:
    match rule:
        case Concat():
            return rule.separator.join(filter(None, row)) or None
        case Coalesce() | OneColumn():
            return next(filter(None, row), None)
        case Where():
            value, by = row
            return value if by in rule.among else None
        case Lookup():
            return codes.get(row[0] or "")
        case _:
            assert_never(rule)


def _bare(value: object) -> str | None:
    """A text without the blanks around it; None where there is none."""
    return (value.strip(BLANKS) or None) if isinstance(value, str) else None


def _filled(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    bare = sa.func.rtrim(sa.func.ltrim(sa.cast(column, sa.Text()), BLANKS), BLANKS)
    return sa.func.nullif(bare, "", type_=sa.Text())
