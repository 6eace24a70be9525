"""A sample of a table's rows, drawn by the database: every row has the same chance."""

from __future__ import annotations

import sqlalchemy as sa

# A little more is drawn than wanted, since chance may give less.
_MORE = 1.1


def a_sample_of(
    relation: sa.TableClause, rows: int, limit: int, dialect: str, *, is_view: bool
) -> sa.FromClause:
    """The relation itself when it has no more rows than ``limit``, else about ``limit`` of its rows."""
    if rows <= limit:
        return relation
    share = min(1.0, _MORE * limit / rows)
    match dialect:
        case "postgresql" if not is_view:
            return sa.tablesample(relation, sa.func.bernoulli(share * 100), seed=sa.literal(1))
        case "postgresql":
            return _where(relation, sa.func.random(type_=sa.Float()) < share)
        case "mysql" | "mariadb":
            return _where(relation, sa.func.rand(1, type_=sa.Float()) < share)
        case "sqlite":
            return _where(relation, sa.func.abs(sa.func.random()) % 1_000_000 < share * 1_000_000)
        case _:
            return sa.select(*relation.c).select_from(relation).limit(limit).subquery()


def _where(relation: sa.FromClause, drawn: sa.ColumnElement[bool]) -> sa.FromClause:
    return sa.select(*relation.c).select_from(relation).where(drawn).subquery()
