"""A sample of a table's rows, drawn by the database: every row has the same chance.

A database of which nobody told how it draws gives its first rows.
"""

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
    if dialect == "postgresql" and not is_view:
        return sa.tablesample(relation, sa.func.bernoulli(share * 100), seed=sa.literal(1))
    drawn = _drawn(share, dialect)
    if drawn is None:
        return sa.select(*relation.c).select_from(relation).limit(limit).subquery()
    return sa.select(*relation.c).select_from(relation).where(drawn).subquery()


def _drawn(share: float, dialect: str) -> sa.ColumnElement[bool] | None:
    """Whether a row is drawn, by a random number of its own."""
    of_a_million = round(share * 1_000_000)
    drawn: sa.ColumnElement[bool] | None = None
    match dialect:
        case "postgresql":
            drawn = sa.func.random(type_=sa.Float()) < share
        case "mysql" | "mariadb":
            drawn = sa.func.rand(1, type_=sa.Float()) < share
        case "sqlite":
            drawn = sa.func.abs(sa.func.random()) % 1_000_000 < of_a_million
        case "mssql":  # whose rand() is the same for all rows of a statement
            number = sa.literal_column("abs(cast(checksum(newid()) AS bigint)) % 1000000", sa.BigInteger())
            drawn = number < of_a_million
        case "oracle":
            drawn = sa.literal_column("dbms_random.value", sa.Float()) < share
        case "snowflake":
            drawn = sa.literal_column("uniform(0::float, 1::float, random(1))", sa.Float()) < share
        case "bigquery" | "trino":
            drawn = sa.func.rand(type_=sa.Float()) < share
        case _:
            pass
    return drawn
