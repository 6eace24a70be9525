"""Two snapshots of one source to the changes between them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schema_matching_pipeline.model.source import (
    ChangeKind,
    SchemaChange,
    SchemaDiff,
    SourceColumn,
    SourceSnapshot,
    SourceTable,
)

_LENGTH = re.compile(r"\((\d+)\)")


_PLAIN_WORDS = {
    ChangeKind.TABLE_ADDED: "a new table",
    ChangeKind.TABLE_REMOVED: "the table is gone",
    ChangeKind.COLUMN_ADDED: "a new column",
    ChangeKind.COLUMN_REMOVED: "the column is gone",
}


def diff(old: SourceSnapshot, new: SourceSnapshot) -> SchemaDiff:
    """Every change of tables, columns, types, nullability, comments and keys, in the order of the names.

    A table that could not be read this time is no removal: it is listed among the snapshot's troubles.
    """
    before = {table.name: table for table in old.tables}
    after = {table.name: table for table in new.tables}
    unreadable = {
        trouble.table
        for snapshot, listed in ((old, before), (new, after))
        for trouble in snapshot.troubles
        if trouble.table not in listed
    }
    names = sorted(set(before) | set(after))
    return SchemaDiff(
        changes=tuple(
            change
            for name in names
            for change in _compare(name, before.get(name), after.get(name))
            if not (name in unreadable and change.column is None)
        )
    )


def in_words(change: SchemaChange) -> str:
    """A change as a person would say it.

    >>> in_words(SchemaChange(kind=ChangeKind.COLUMN_REMOVED, table="t", column="c", before="text", breaking=True))
    'the column is gone'
    """
    match change.kind:
        case ChangeKind.COLUMN_RETYPED:
            return f"declared type {change.before} became {change.after}"
        case ChangeKind.TABLE_RENAMED | ChangeKind.COLUMN_RENAMED:
            return f"probably renamed from {change.before}: {change.evidence}"
        case ChangeKind.NULLABILITY_CHANGED | ChangeKind.KEY_CHANGED:
            return f"{change.before} became {change.after}"
        case ChangeKind.COMMENT_CHANGED:
            return _comment_in_words(change)
        case _:
            return _PLAIN_WORDS[change.kind]


def _comment_in_words(change: SchemaChange) -> str:
    """What happened to a comment; people write samples of values into comments, so that none is quoted."""
    whose = "column" if change.column else "table"
    if change.before is None:
        return f"the {whose} was given a comment"
    return f"the comment of the {whose} was {'taken away' if change.after is None else 'changed'}"


def _compare(name: str, old: SourceTable | None, new: SourceTable | None) -> Iterator[SchemaChange]:
    if old is None:
        yield SchemaChange(kind=ChangeKind.TABLE_ADDED, table=name, breaking=False)
    elif new is None:
        yield SchemaChange(kind=ChangeKind.TABLE_REMOVED, table=name, breaking=True)
    else:
        yield from _compare_comments(name, None, old.comment, new.comment)
        yield from _compare_columns(old, new)
        yield from _compare_keys(old, new)


def _compare_columns(old: SourceTable, new: SourceTable) -> Iterator[SchemaChange]:
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    for name in (*before, *(name for name in after if name not in before)):
        yield from _compare_column(new.name, before.get(name), after.get(name))


def _compare_column(table: str, old: SourceColumn | None, new: SourceColumn | None) -> Iterator[SchemaChange]:
    if old is None and new is not None:
        yield SchemaChange(
            kind=ChangeKind.COLUMN_ADDED, table=table, column=new.name, after=new.data_type, breaking=False
        )
    elif new is None and old is not None:
        yield SchemaChange(
            kind=ChangeKind.COLUMN_REMOVED, table=table, column=old.name, before=old.data_type, breaking=True
        )
    elif old is not None and new is not None:
        yield from _compare_type(table, old, new)
        yield from _compare_nullability(table, old, new)
        yield from _compare_comments(table, new.name, old.comment, new.comment)


def _compare_type(table: str, old: SourceColumn, new: SourceColumn) -> Iterator[SchemaChange]:
    if old.data_type.casefold() != new.data_type.casefold():
        yield SchemaChange(
            kind=ChangeKind.COLUMN_RETYPED,
            table=table,
            column=new.name,
            before=old.data_type,
            after=new.data_type,
            breaking=not _widened(old.data_type, new.data_type),
        )


def _widened(before: str, after: str) -> bool:
    """Whether the new type is the old one with more room, such as varchar(40) after varchar(20)."""
    old, new = _LENGTH.search(before), _LENGTH.search(after)
    same_family = _LENGTH.sub("", before).casefold() == _LENGTH.sub("", after).casefold()
    return bool(old and new and same_family and int(new.group(1)) >= int(old.group(1)))


def _compare_nullability(table: str, old: SourceColumn, new: SourceColumn) -> Iterator[SchemaChange]:
    if None in {old.nullable, new.nullable} or old.nullable == new.nullable:
        return
    yield SchemaChange(
        kind=ChangeKind.NULLABILITY_CHANGED,
        table=table,
        column=new.name,
        before="nullable" if old.nullable else "not null",
        after="nullable" if new.nullable else "not null",
        breaking=bool(new.nullable),  # values a mapping counted on may now be missing
    )


def _compare_comments(
    table: str, column: str | None, before: str | None, after: str | None
) -> Iterator[SchemaChange]:
    """An empty comment is none, as databases differ in that."""
    if (before or None) != (after or None):
        yield SchemaChange(
            kind=ChangeKind.COMMENT_CHANGED,
            table=table,
            column=column,
            before=before or None,
            after=after or None,
            breaking=False,
        )


def _compare_keys(old: SourceTable, new: SourceTable) -> Iterator[SchemaChange]:
    before, after = _keys(old), _keys(new)
    if before != after:
        yield SchemaChange(
            kind=ChangeKind.KEY_CHANGED,
            table=new.name,
            before=before,
            after=after,
            breaking=old.primary_key != new.primary_key,
        )


def _keys(table: SourceTable) -> str:
    declared = sorted(
        f"{', '.join(key.columns)} -> {key.referred_table} ({', '.join(key.referred_columns)})"
        for key in table.foreign_keys
        if key.declared
    )
    return "; ".join([f"primary key ({', '.join(table.primary_key)})", *declared])
