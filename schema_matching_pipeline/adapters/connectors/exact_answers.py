"""Questions that a source answers exactly about all of its rows: nulls, repeated keys, broken references.

Of failures as many samples are fetched as are wanted; where none is, no value leaves the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, kind_of_sql
from schema_matching_pipeline.adapters.connectors.catalog import OpenSource
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault
from schema_matching_pipeline.adapters.connectors.filled import is_filled
from schema_matching_pipeline.adapters.connectors.value_array import spoken
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.source import ColumnRef

_NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER})


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """How many rows were looked at, how many failed, and the texts of a few failures."""

    tested: int
    failed: int
    samples: tuple[str, ...] = ()


def column_of(relation: sa.FromClause, ref: ColumnRef) -> sa.ColumnElement[object]:
    """The column of a relation.

    Raises:
        SourceDriftedError: the table has no such column.
    """
    if ref.column not in relation.c:
        raise fault(Trouble.VANISHED, f"Column {ref.column!r} of table {ref.table!r}", table=ref.table)
    return relation.c[ref.column]


def missing_values(source: OpenSource, ref: ColumnRef) -> Answer:
    """All rows, and those that do not fill the column.

    Raises:
        SourceError: the source cannot answer.
    """
    relation = source.relation(ref.table)
    filled = _filled(column_of(relation, ref))
    asked = sa.select(sa.func.count(), sa.func.sum(sa.case((filled, 1), else_=0))).select_from(relation)
    rows, with_value = _two_counts(source, asked)
    return Answer(rows, rows - with_value)


def repeated_keys(source: OpenSource, table: str, columns: Sequence[str], samples: int) -> Answer:
    """Rows that fill all columns of a key, and those whose key another row has too.

    Raises:
        SourceError: the source cannot answer.
    """
    relation = source.relation(table)
    key = [column_of(relation, ColumnRef(table=table, column=name)) for name in columns]
    named = [column.label(f"k{place}") for place, column in enumerate(key)]
    rows = sa.func.count().label("row_total")
    groups = (
        sa.select(*named, rows)
        .select_from(relation)
        .where(*[_filled(column) for column in key])
        .group_by(*key)
        .subquery()
    )
    repeated = groups.c.row_total > 1
    asked = sa.select(
        sa.func.sum(groups.c.row_total), sa.func.sum(sa.case((repeated, groups.c.row_total), else_=0))
    )
    tested, failed = _two_counts(source, asked)
    parts = [column for column in groups.c if column.name != "row_total"]
    worst = sa.select(*parts).where(repeated).order_by(groups.c.row_total.desc()).limit(samples)
    return Answer(tested, failed, _texts(source, worst) if failed and samples else ())


def broken_references(source: OpenSource, ref: ColumnRef, referred: ColumnRef, samples: int) -> Answer:
    """Rows that fill the column, and those whose value does not exist in the referred column.

    Columns of different types are compared as text; so are texts that the database does not want to compare
    because it sorts them by different rules.

    Raises:
        SourceError: the source cannot answer.
    """
    try:
        return _broken(source, ref, referred, samples, as_text=False)
    except SourceError as error:
        if error.reason == Trouble.VANISHED:
            raise
    return _broken(source, ref, referred, samples, as_text=True)


def _broken(
    source: OpenSource, ref: ColumnRef, referred: ColumnRef, samples: int, *, as_text: bool
) -> Answer:
    child = source.relation(ref.table).alias("child")
    parent = source.relation(referred.table).alias("parent")
    value, target = column_of(child, ref), column_of(parent, referred)
    if as_text or not _are_comparable(value, target):
        value, target = sa.cast(value, sa.Text()), sa.cast(target, sa.Text())
    known = sa.select(target.label("known")).distinct().where(target.is_not(None)).subquery("known_values")
    joined = child.outerjoin(known, value == known.c.known)
    filled, orphan = _filled(column_of(child, ref)), known.c.known.is_(None)
    asked = sa.select(sa.func.count(), sa.func.sum(sa.case((orphan, 1), else_=0)))
    tested, failed = _two_counts(source, asked.select_from(joined).where(filled))
    some = sa.select(value).distinct().select_from(joined).where(filled, orphan).limit(samples)
    return Answer(tested, failed, _texts(source, some) if failed and samples else ())


def _filled(column: sa.ColumnElement[object]) -> sa.ColumnElement[bool]:
    return is_filled(column, kind_of_sql(column.type))


def _are_comparable(one: sa.ColumnElement[object], other: sa.ColumnElement[object]) -> bool:
    kinds = {kind_of_sql(one.type), kind_of_sql(other.type)}
    same_text = type(one.type) is type(other.type) or all(
        isinstance(column.type, sa.String) for column in (one, other)
    )
    return kinds <= _NUMERIC or (len(kinds) == 1 and same_text)


def _two_counts(source: OpenSource, asked: sa.Select[*tuple[object, ...]]) -> tuple[int, int]:
    [(one, other)] = source.ask(asked)
    return int(str(one or 0)), int(str(other or 0))


def _texts(source: OpenSource, asked: sa.Select[*tuple[object, ...]]) -> tuple[str, ...]:
    return tuple(", ".join(spoken(value) or "" for value in row) for row in source.ask(asked))
