"""What a database declares of its tables beside columns and references: keys, comments, how many rows.

PostgreSQL answers with one statement for all tables and one for all keys; other databases are asked by
SQLAlchemy's bulk reflection.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedIndex, ReflectedUniqueConstraint, TableKey
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

from schema_matching_pipeline.adapters.connectors.row_estimates import row_estimates

Names = tuple[str, ...]
_PARTITION_TREES = (12,)  # the version of PostgreSQL that told them first

# A table never analysed has no estimate; there the rows counted by the server's statistics stand in, and after
# a crash that lost those the size, by the width that the planner assumes. Sizes are asked for only then: to look
# at one waits for whoever locks the table. A partitioned table has the rows of its partitions.
# The columns that may not be read come last; whoever may not use the schema may read nothing in it.
_POSTGRESQL_RELATIONS = """
    WITH listed AS (
        SELECT c.oid, c.relname, c.relkind, c.relispartition, c.relnamespace,
            greatest(c.reltuples, pg_stat_get_live_tuples(c.oid)) AS rows
        FROM pg_catalog.pg_class c
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')),
    sized AS (
        SELECT l.*, CASE WHEN l.rows > 0 OR l.relkind NOT IN ('r', 'm') THEN l.rows
            WHEN l.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_locks k
                WHERE k.relation = l.oid AND k.granted AND k.mode = 'AccessExclusiveLock') THEN NULL
            ELSE pg_relation_size(l.oid) / (28 + (SELECT sum(CASE WHEN a.attlen > 0 THEN a.attlen ELSE 32 END)
                FROM pg_catalog.pg_attribute a WHERE a.attrelid = l.oid AND a.attnum > 0 AND NOT a.attisdropped))
            END AS estimate
        FROM listed l)
    SELECT s.relname, s.relkind IN ('v', 'm'), obj_description(s.oid, 'pg_class'),
        CASE WHEN s.relkind <> 'p' THEN s.estimate ELSE (
            SELECT sum(p.estimate) FROM pg_partition_tree(s.oid) t JOIN sized p ON p.oid = t.relid WHERE t.isleaf) END,
        CASE WHEN NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(s.oid, 'SELECT')) THEN ARRAY(
            SELECT a.attname::text FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(s.oid, a.attnum, 'SELECT'))
            ORDER BY a.attnum) END
    FROM sized s JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
    WHERE n.nspname = :schema AND NOT s.relispartition"""
_POSTGRESQL_KEYS = """
    SELECT c.relname, i.indisprimary, array_agg(a.attname::text ORDER BY k.place)
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (column_number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.column_number
    WHERE n.nspname = :schema AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
        AND k.place <= i.indnkeyatts
    GROUP BY c.relname, i.indexrelid, i.indisprimary"""


class Wanted(TypedDict):
    """What every bulk query is asked for; names only where not everything can be listed."""

    schema: str | None
    kind: ObjectKind
    scope: ObjectScope
    filter_names: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Declared:
    """What is declared of one table; ``closed`` are the columns that may not be read."""

    is_view: bool = False
    comment: str | None = None
    row_estimate: int | None = None
    primary_key: Names = ()
    unique_keys: tuple[Names, ...] = field(default=())
    closed: Names = ()


def declarations(
    connection: sa.Connection,
    inspector: sa.Inspector,
    wanted: Wanted,
    schema: str | None,
    names: Sequence[str],
) -> dict[str, Declared]:
    """What is declared of each of the named tables; a name that is missing is not to be listed."""
    version = connection.dialect.server_version_info or ()
    if connection.dialect.name == "postgresql" and version >= _PARTITION_TREES:
        return _of_postgresql(connection, schema)
    return _of_any(connection, inspector, wanted, schema, names)


def _of_postgresql(connection: sa.Connection, schema: str | None) -> dict[str, Declared]:
    relations = connection.execute(sa.text(_POSTGRESQL_RELATIONS), {"schema": schema})
    found = {
        name: Declared(
            is_view=is_view,
            comment=comment,
            row_estimate=_whole(rows) if not is_view else None,
            closed=tuple(closed or ()),
        )
        for name, is_view, comment, rows, closed in relations
    }
    primary: dict[str, Names] = {}
    unique: defaultdict[str, list[Names]] = defaultdict(list)
    for name, is_primary, columns in connection.execute(sa.text(_POSTGRESQL_KEYS), {"schema": schema}):
        if is_primary:
            primary[name] = tuple(columns)
        else:
            unique[name].append(tuple(columns))
    return {name: _with_keys(one, primary.get(name, ()), unique[name]) for name, one in found.items()}


def _whole(rows: object) -> int | None:
    return None if rows is None else int(float(str(rows)))


def _of_any(
    connection: sa.Connection,
    inspector: sa.Inspector,
    wanted: Wanted,
    schema: str | None,
    names: Sequence[str],
) -> dict[str, Declared]:
    broken: dict[TableKey, Exception] = {}
    primary = inspector.get_multi_pk_constraint(**wanted, unreflectable=broken)
    unique = inspector.get_multi_unique_constraints(**wanted, unreflectable=broken)
    indexes = _indexes(inspector, wanted)
    comments = _comments(inspector, wanted)
    views = {*inspector.get_view_names(wanted["schema"]), *_materialized(inspector, wanted["schema"])}
    estimates = row_estimates(connection, schema, names)
    found = {}
    for name in names:
        key = (wanted["schema"], name)
        reflected = primary.get(key)
        one = Declared(
            is_view=name in views,
            comment=comments.get(key),
            row_estimate=estimates.get(name) if name not in views else None,
        )
        found[name] = _with_keys(
            one,
            tuple(reflected["constrained_columns"]) if reflected else (),
            _unique_keys(unique.get(key) or [], indexes.get(key) or []),
        )
    return found


def _with_keys(one: Declared, primary: Names, unique: Iterable[Names]) -> Declared:
    """A key of which a column may not be read is none to whoever reads."""
    closed = set(one.closed)
    others = tuple(
        dict.fromkeys(names for names in sorted(unique) if names != primary and closed.isdisjoint(names))
    )
    return replace(one, primary_key=primary if closed.isdisjoint(primary) else (), unique_keys=others)


def _indexes(inspector: sa.Inspector, wanted: Wanted) -> Mapping[TableKey, list[ReflectedIndex]]:
    """SQLite keeps unique constraints as indexes of its own making; other databases know no such option."""
    broken: dict[TableKey, Exception] = {}
    return inspector.get_multi_indexes(**wanted, unreflectable=broken, include_auto_indexes=True)


def _comments(inspector: sa.Inspector, wanted: Wanted) -> Mapping[TableKey, str | None]:
    broken: dict[TableKey, Exception] = {}
    try:
        found = inspector.get_multi_table_comment(**wanted, unreflectable=broken)
    except NotImplementedError:
        return {}
    return {key: comment["text"] for key, comment in found.items()}


def _materialized(inspector: sa.Inspector, schema_name: str | None) -> list[str]:
    try:
        return inspector.get_materialized_view_names(schema_name)
    except NotImplementedError:
        return []


def _unique_keys(
    constraints: Sequence[ReflectedUniqueConstraint], indexes: Sequence[ReflectedIndex]
) -> list[Names]:
    """Column groups declared unique, by constraint or by an index over plain columns of all rows."""
    found = [tuple(constraint["column_names"]) for constraint in constraints]
    for index in indexes:
        options = index.get("dialect_options") or {}
        partial = any(option.endswith("_where") for option in options)
        names = tuple(name for name in index["column_names"] if name)
        if index["unique"] and not partial and len(names) == len(index["column_names"]):
            found.append(names)
    return found
