"""Tables and columns that were probably renamed: one is gone, another came, and they are alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, ValueSketch
from schema_matching_pipeline.model.source import (
    ChangeKind,
    ColumnRef,
    SchemaChange,
    SchemaDiff,
    SourceSnapshot,
    SourceTable,
)
from schema_matching_pipeline.profiling.sketches import comparable

_VALUES, _FIGURES, _PLACE, _NAME = 0.6, 0.1, 0.15, 0.15  # what each likeness weighs in a score
_FEW_VALUES, _BY_CHANCE = 5, 0.5  # fewer distinct values in common are met by chance, and count for less
_TELLING_NAME = 70.0  # names as alike as this, of 100, are named as evidence
_NEAR = 1  # places between that are none
_SIMILAR = 0.1  # shares of rows that differ less are the same figure
_COLUMNS_IN_COMMON = 0.7  # of the columns of both, in a table that was renamed

_Columns = Mapping[ColumnRef, ColumnProfile]


def with_renames(
    changes: SchemaDiff,
    snapshots: tuple[SourceSnapshot, SourceSnapshot],
    profiles: tuple[_Columns, _Columns],
    policy: ProfilePolicy,
) -> SchemaDiff:
    """The changes, with what is gone and what came told as one where it is probably the same under another name.

    ``snapshots`` and ``profiles`` are those before and after.
    """
    found = [*_tables(changes, snapshots), *_columns(changes, snapshots, profiles, policy)]
    explained = {(ref.table, ref.column) for rename in found for ref in (rename.gone, rename.came)}
    rest = [
        change
        for change in changes.changes
        if (change.table, change.column) not in explained or change.kind not in _COMING_AND_GOING
    ]
    return SchemaDiff(changes=(*(_told(rename) for rename in found), *rest))


_COMING_AND_GOING = frozenset(
    {
        ChangeKind.TABLE_ADDED,
        ChangeKind.TABLE_REMOVED,
        ChangeKind.COLUMN_ADDED,
        ChangeKind.COLUMN_REMOVED,
    }
)


@dataclass(frozen=True, slots=True)
class _Ref:
    table: str
    column: str | None


@dataclass(frozen=True, slots=True)
class _Rename:
    score: float
    gone: _Ref
    came: _Ref
    evidence: str


def _told(rename: _Rename) -> SchemaChange:
    """A renaming breaks a mapping until somebody says that it is one."""
    column = rename.came.column
    return SchemaChange(
        kind=ChangeKind.COLUMN_RENAMED if column else ChangeKind.TABLE_RENAMED,
        table=rename.came.table,
        column=column,
        before=rename.gone.column or rename.gone.table,
        after=column or rename.came.table,
        breaking=True,
        evidence=rename.evidence,
    )


def _tables(changes: SchemaDiff, snapshots: tuple[SourceSnapshot, SourceSnapshot]) -> list[_Rename]:
    gone, came = (
        [change.table for change in changes.changes if change.kind is kind]
        for kind in (ChangeKind.TABLE_REMOVED, ChangeKind.TABLE_ADDED)
    )
    before, after = ({table.name: table for table in snapshot.tables} for snapshot in snapshots)
    return _best(
        rename
        for old in gone
        for new in came
        if (rename := _table_rename(before[old], after[new])) is not None
    )


def _table_rename(old: SourceTable, new: SourceTable) -> _Rename | None:
    own, other = ({(column.name, column.data_type) for column in table.columns} for table in (old, new))
    common, all_columns = len(own & other), len(own | other)
    if not all_columns or common / all_columns < _COLUMNS_IN_COMMON:
        return None
    evidence = f"{common} of {all_columns} columns have the same name and type"
    return _Rename(common / all_columns, _Ref(old.name, None), _Ref(new.name, None), evidence)


def _columns(
    changes: SchemaDiff,
    snapshots: tuple[SourceSnapshot, SourceSnapshot],
    profiles: tuple[_Columns, _Columns],
    policy: ProfilePolicy,
) -> list[_Rename]:
    old, new = (
        {
            ColumnRef(table=table.name, column=column.name): column
            for table in snapshot.tables
            for column in table.columns
        }
        for snapshot in snapshots
    )
    gone, came = (_refs(changes, kind) for kind in (ChangeKind.COLUMN_REMOVED, ChangeKind.COLUMN_ADDED))
    return _best(
        rename
        for left in gone
        for right in came
        if left.table == right.table
        and old[left].data_type.casefold() == new[right].data_type.casefold()
        and (rename := _column_rename(left, right, profiles)) is not None
        and rename.score >= policy.rename_score
    )


def _refs(changes: SchemaDiff, kind: ChangeKind) -> list[ColumnRef]:
    return [
        ColumnRef(table=change.table, column=change.column)
        for change in changes.changes
        if change.kind is kind and change.column
    ]


def _column_rename(gone: ColumnRef, came: ColumnRef, profiles: tuple[_Columns, _Columns]) -> _Rename | None:
    old, new = profiles[0].get(gone), profiles[1].get(came)
    if old is None or new is None or old.value_type is not new.value_type:
        return None
    values = _common_share(old.sketch, new.sketch)
    figures = abs(old.filled_share - new.filled_share) <= _SIMILAR
    near = abs(old.position - new.position) <= _NEAR
    likeness = fuzz.ratio(gone.column.casefold(), came.column.casefold())
    score = _VALUES * values + _FIGURES * figures + _PLACE * near + _NAME * likeness / 100
    said = (
        f"same type {new.data_type}",
        _in_common(old, new) if values else "",
        "same place" if old.position == new.position else "next place" if near else "",
        "as well filled" if figures else "",
        "a name alike" if likeness >= _TELLING_NAME else "",
    )
    evidence = ", ".join(part for part in said if part)
    return _Rename(score, _Ref(gone.table, gone.column), _Ref(came.table, came.column), evidence)


def _in_common(old: ColumnProfile, new: ColumnProfile) -> str:
    before, now = f"{old.distinct_count:,}", f"{new.distinct_count:,}"
    return f"alike values ({before} distinct, now {now})"


def _common_share(old: ValueSketch | None, new: ValueSketch | None) -> float:
    """The share of the values of both that both hold, as far as the sketches tell."""
    if old is None or new is None:
        return 0.0
    known = comparable(old, new), comparable(new, old)
    common, either = known[0] & known[1], known[0] | known[1]
    if not common:
        return 0.0
    return len(common) / len(either) * (1.0 if len(common) >= _FEW_VALUES else _BY_CHANCE)


def _best(found: Iterator[_Rename]) -> list[_Rename]:
    """One to one, the surest first."""
    chosen: list[_Rename] = []
    for rename in sorted(found, key=lambda one: -one.score):
        if not _is_taken(rename, chosen):
            chosen.append(rename)
    return chosen


def _is_taken(rename: _Rename, chosen: Sequence[_Rename]) -> bool:
    return any(rename.gone == other.gone or rename.came == other.came for other in chosen)
