"""How many distinct values a column of a very large table has, counted by the database itself.

A column of few values is counted value by value, exactly. Of the others the database hashes every value and
keeps the smallest hash of each of 16,384 buckets. Those minima fall off exponentially, at a rate that tells
how many distinct values were spread over the buckets; the standard error is 0.8 %, and neither the number of
rows nor how often a value occurs plays a part. Databases that bring an estimator of their own are asked for
that; what can do neither counts exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind
from schema_matching_pipeline.adapters.connectors.executors.tally import Tally
from schema_matching_pipeline.adapters.connectors.filled import is_filled
from schema_matching_pipeline.adapters.connectors.row_reader import read_texts
from schema_matching_pipeline.adapters.connectors.spoken_sql import TEXT, groupable_text
from schema_matching_pipeline.adapters.connectors.text_bytes import array_of
from schema_matching_pipeline.model.policy import ProfilePolicy

BUCKETS = 1 << 14
_POSTGRESQL_BITS, _MYSQL_BITS = 49, 48  # of a hash, beside those that choose the bucket
_COUNT = "smp_count"


class approximate_count(GenericFunction[int]):  # noqa: N801 - the name becomes SQL
    """The estimator that a database brings; an exact count where it has none."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(approximate_count)
def _exact(element: approximate_count, compiler: SQLCompiler, **options: object) -> str:
    return f"count(DISTINCT {compiler.process(element.clauses, **options)})"


@compiles(approximate_count, "mssql")
@compiles(approximate_count, "oracle")
@compiles(approximate_count, "snowflake")
@compiles(approximate_count, "bigquery")
def _approximate(element: approximate_count, compiler: SQLCompiler, **options: object) -> str:
    return f"approx_count_distinct({compiler.process(element.clauses, **options)})"


@compiles(approximate_count, "trino")
def _trino(element: approximate_count, compiler: SQLCompiler, **options: object) -> str:
    return f"approx_distinct({compiler.process(element.clauses, **options)})"


def count_distinct(connection: sa.Connection, relation: sa.FromClause, name: str, kind: Kind) -> int:
    """How many distinct filled values there are, within a few per cent."""
    statement, bits = distinct_statement(relation, name, kind, connection.dialect.name)
    first, *rest = (float(str(figure or 0)) for figure in connection.execute(statement).one())
    if bits is None:
        return int(first)
    occupied, smallest = first, rest[0] / 2**bits
    # The likeliest rate of exponential minima, of which those of empty buckets are only known to exceed one.
    return int(BUCKETS * occupied / (smallest + BUCKETS - occupied) + 0.5)


def distinct_statement(
    relation: sa.FromClause, name: str, kind: Kind, dialect: str
) -> tuple[sa.Select[*tuple[object, ...]], int | None]:
    """The statement that counts; and, where it gives occupied buckets and minima, the bits of those."""
    column = relation.c[name]
    hashed = _hash(column, dialect)
    if hashed is None:
        counted = sa.select(approximate_count(_comparable(column))).where(is_filled(column, kind))
        return counted.select_from(relation), None
    bucket, rest, bits = hashed
    minima = (
        sa.select(sa.func.min(rest).label("smallest"))
        .select_from(relation)
        .where(is_filled(column, kind))
        .group_by(bucket)
        .subquery()
    )
    total: sa.ColumnElement[float] = sa.func.sum(sa.cast(minima.c.smallest, sa.Double()))
    return sa.select(sa.func.count(), total).select_from(minima), bits


def few_values(
    connection: sa.Connection,
    relation: sa.FromClause,
    name: str,
    kind: Kind,
    policy: ProfilePolicy,
    most: int,
) -> Iterator[tuple[str | None, int]]:
    """Distinct filled values in canonical text with their counts, ``most`` of them and one more at most.

    What is no figure in a column of numbers has no text.
    """
    grouped = _groups(relation, name, kind).limit(most + 1)
    return _counted(connection, grouped, name, kind, policy)


def frequent_values(
    connection: sa.Connection,
    relation: sa.FromClause,
    name: str,
    kind: Kind,
    policy: ProfilePolicy,
    most: int,
) -> Iterator[tuple[str | None, int]]:
    """The most frequent of the values that enough rows hold to be shown, with their counts: nobody's own value."""
    rows, value = sa.func.count(), _comparable(relation.c[name])
    grouped = _groups(relation, name, kind).having(rows >= policy.rare_count)
    return _counted(connection, grouped.order_by(rows.desc(), value).limit(most), name, kind, policy)


def _groups(relation: sa.FromClause, name: str, kind: Kind) -> sa.Select[*tuple[object, ...]]:
    column = relation.c[name]
    value = _comparable(column)
    return (
        sa.select(value.label(name), sa.func.count().label(_COUNT))
        .select_from(relation)
        .where(is_filled(column, kind))
        .group_by(value)
    )


def _counted(
    connection: sa.Connection,
    grouped: sa.Select[*tuple[object, ...]],
    name: str,
    kind: Kind,
    policy: ProfilePolicy,
) -> Iterator[tuple[str | None, int]]:
    kinds, names = {name: kind, _COUNT: Kind.INTEGER}, (name, _COUNT)
    for batch in read_texts(connection, grouped.subquery(), kinds, names, policy):
        texts, counts = (values.to_pylist() for values in batch.columns)
        yield from ((text, int(count)) for text, count in zip(texts, counts, strict=True))


def few_tally(found: Iterable[tuple[str | None, int]], name: str, rows: int, nulls: int) -> Tally:
    """The values as a tally; what is written differently but means the same is counted together."""
    counts: dict[str, int] = {}
    for text, count in found:
        if text is None:
            nulls += count
        else:
            counts[text] = counts.get(text, 0) + count
    filled = sum(counts.values())
    return Tally(
        name=name,
        row_count=rows,
        null_count=nulls,
        blank_count=rows - nulls - filled,
        values=array_of(list(counts)),
        counts=np.array(list(counts.values()), dtype=np.int64),
    )


def _comparable(column: sa.ColumnElement[object]) -> sa.ColumnElement[object]:
    """The column, or its text where its type may be one that cannot be grouped, as JSON, points and long text."""
    if isinstance(column.type, (sa.types.NullType, sa.types.JSON)):
        return sa.cast(column, TEXT)
    return groupable_text(column) if isinstance(column.type, sa.Text) else column


def _hash(
    column: sa.ColumnElement[object], dialect: str
) -> tuple[sa.ColumnElement[int], sa.ColumnElement[int], int] | None:
    """Bucket and the rest of the hash of a value, and the bits of the rest."""
    match dialect:
        case "postgresql":
            hashed = sa.func.hashtextextended(sa.cast(column, sa.Text()), 0, type_=sa.BigInteger())
            # Written out: as a parameter it would be a bigint, and PostgreSQL shifts by integers alone.
            shifted = hashed.bitwise_rshift(sa.literal_column("14", sa.Integer()))
            rest = shifted.bitwise_and(2**_POSTGRESQL_BITS - 1)
            return hashed.bitwise_and(BUCKETS - 1), rest, _POSTGRESQL_BITS
        case "mysql" | "mariadb":
            return _digits(column, 1, 4).bitwise_and(BUCKETS - 1), _digits(column, 5, 12), _MYSQL_BITS
        case _:
            return None


def _digits(column: sa.ColumnElement[object], first: int, count: int) -> sa.ColumnElement[int]:
    """Some hexadecimal digits of the MD5 of a value, as a number."""
    digits = sa.func.substr(sa.func.md5(column), first, count)
    return sa.cast(sa.func.conv(digits, 16, 10), sa.types.BigInteger())
