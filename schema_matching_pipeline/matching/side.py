"""Both sides of a match in one form: columns with whatever evidence there is, and their tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.model.canonical import CanonicalEntity, CanonicalField, FieldRef, FieldType
from schema_matching_pipeline.model.classification import Classification, Verdict
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.profile import ColumnProfile, TableProfile, ValueSketch
from schema_matching_pipeline.model.source import ColumnRef

UNEVEN = 5  # so many different counts of values are no accident of empty cells


@dataclass(frozen=True)
class SideColumn:
    """One column or canonical field, with its evidence; None where nothing is known.

    ``examples`` are columns that earlier clients published for a field. ``sketch`` is what the rows of this side show. What earlier clients showed of a field is no row of its side:
    it is heard by signals of its own.
    """

    table: str
    name: str
    description: str = ""
    other_names: tuple[str, ...] = ()
    taught_names: tuple[str, ...] = ()
    profile: ColumnProfile | None = None
    examples: tuple[ColumnProfile, ...] = ()
    field_type: FieldType | None = None
    lists_values: bool = False
    semantic_type: str | None = None
    entity: str | None = None
    sketch: ValueSketch | None = None
    word_sketch: ValueSketch | None = None
    in_key: bool | None = None
    refers_to: str | None = None
    required: bool = False


@dataclass(frozen=True)
class SideTable:
    """One table or canonical entity."""

    name: str
    description: str = ""
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Side:
    """All columns of one side in a fixed order (by table and name), so that results depend on no other order."""

    tables: tuple[SideTable, ...]
    columns: tuple[SideColumn, ...]

    @cached_property
    def table_index(self) -> npt.NDArray[np.intp]:
        """For each column the position of its table."""
        position = {table.name: index for index, table in enumerate(self.tables)}
        return np.array([position[column.table] for column in self.columns], dtype=np.intp)

    @cached_property
    def looks(self) -> tuple[tuple[ColumnProfile | None, ...], npt.NDArray[np.intp]]:
        """Profiles to compare values with, each with the position of its column: its own, or its examples."""
        pairs = [
            (profile, index)
            for index, column in enumerate(self.columns)
            for profile in (column.examples or (column.profile,))
        ]
        return tuple(profile for profile, _ in pairs), np.array([index for _, index in pairs], dtype=np.intp)

    @cached_property
    def records(self) -> tuple[tuple[ColumnProfile | None, ...], npt.NDArray[np.intp]]:
        """The same, but None for columns whose values are a list of what is admitted, each once, and no records."""
        looks, owner = self.looks
        lists = value_lists([column.profile for column in self.columns])
        return tuple(None if profile and profile.table in lists else profile for profile in looks), owner

    @cached_property
    def refs(self) -> tuple[ColumnRef, ...]:
        """Every column by name."""
        return tuple(ColumnRef(table=column.table, column=column.name) for column in self.columns)


def client_side(
    tables: Sequence[TableProfile],
    classification: Classification,
    excluded: frozenset[ColumnRef] = frozenset(),
) -> Side:
    """The side of profiled tables, without the excluded columns."""
    verdicts = classification.by_ref()
    lists = value_lists([column for table in tables for column in table.columns])
    columns = [
        _client_column(table, column, verdicts.get(ref), is_list=table.name in lists)
        for table in tables
        for column in table.columns
        if (ref := ColumnRef(table=table.name, column=column.column)) not in excluded
    ]
    return _ordered(
        [SideTable(table.name, table.comment or "") for table in tables if table.columns],
        columns,
    )


def canonical_side(knowledge: Knowledge) -> Side:
    """The side of the canonical schema, with the names and the looks that earlier clients taught."""
    taught, examples = _taught_names(knowledge), _examples(knowledge)
    entities = knowledge.canonical.entities
    columns = [
        _canonical_column(entity, field, taught, examples) for entity in entities for field in entity.fields
    ]
    return _ordered(
        [SideTable(entity.name, entity.description, entity.synonyms) for entity in entities], columns
    )


def _ordered(tables: Sequence[SideTable], columns: Sequence[SideColumn]) -> Side:
    used = {column.table for column in columns}
    return Side(
        tuple(sorted((table for table in tables if table.name in used), key=lambda table: table.name)),
        tuple(sorted(columns, key=lambda column: (column.table, column.name))),
    )


def value_lists(columns: Iterable[ColumnProfile | None]) -> frozenset[str]:
    """The tables that list what is admitted: every column holds each value once, and they are filled unevenly.

    How often values occur there, and that none occurs twice, says nothing about records.
    """
    tables: dict[str, list[ColumnProfile]] = defaultdict(list)
    for column in columns:
        if column is not None and column.filled_count:
            tables[column.table].append(column)
    return frozenset(
        name
        for name, filled in tables.items()
        if all(column.distinct_count == column.filled_count for column in filled)
        and len({column.filled_count for column in filled}) >= UNEVEN
    )


def _client_column(
    table: TableProfile, column: ColumnProfile, verdict: Verdict | None, *, is_list: bool
) -> SideColumn:
    references = {
        key.columns[0]: key.referred_table for key in reversed(table.foreign_keys) if len(key.columns) == 1
    }
    return SideColumn(
        table=table.name,
        name=column.column,
        description=column.comment or "",
        profile=column,
        semantic_type=verdict.semantic_type if verdict else None,
        entity=verdict.entity if verdict else None,
        sketch=column.sketch,
        word_sketch=column.word_sketch,
        in_key=None if is_list else _is_key(table, column),
        refers_to=references.get(column.column),
    )


def _is_key(table: TableProfile, column: ColumnProfile) -> bool | None:
    if table.primary_key:
        return column.column in table.primary_key
    if table.key_candidates:
        return (column.column,) in table.key_candidates
    return None


def _canonical_column(
    entity: CanonicalEntity,
    field: CanonicalField,
    taught: dict[FieldRef, tuple[str, ...]],
    examples: dict[FieldRef, tuple[ColumnProfile, ...]],
) -> SideColumn:
    ref = FieldRef(entity=entity.name, field=field.name)
    return SideColumn(
        table=entity.name,
        name=field.name,
        description=field.description,
        other_names=field.synonyms,
        taught_names=taught.get(ref, ()),
        examples=examples.get(ref, ()),
        field_type=field.type,
        lists_values=bool(field.values),
        semantic_type=field.semantic_type,
        entity=entity.name,
        in_key=field.primary_key,
        refers_to=field.references.entity if field.references else None,
        required=field.required,
    )


def _taught_names(knowledge: Knowledge) -> dict[FieldRef, tuple[str, ...]]:
    names: dict[FieldRef, tuple[str, ...]] = {}
    for variant in sorted(knowledge.variants, key=lambda variant: (variant.name, variant.table)):
        names[variant.target] = (*names.get(variant.target, ()), variant.name)
    return names


def _examples(knowledge: Knowledge) -> dict[FieldRef, tuple[ColumnProfile, ...]]:
    examples: dict[FieldRef, tuple[ColumnProfile, ...]] = {}
    for example in knowledge.examples:
        examples[example.target] = (*examples.get(example.target, ()), example.profile)
    return examples
