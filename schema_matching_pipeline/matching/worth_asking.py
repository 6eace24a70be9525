"""Columns below the review floor that a person is asked about all the same: there silence would cost too much.

Asked about are, in tables whose other columns settle in one entity: the key of the table, where nothing fills the
entity's key; the likeliest column for a required field that nothing fills; and a link or a day whose nearest field
has no close rival. The other columns below the floor stay silent, so that what matters is not buried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from schema_matching_pipeline.matching.engine import Ranking
from schema_matching_pipeline.matching.explanation import CLOSE_RIVAL, LOW_TYPE_FIT
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.matching.words import DoubleMatrix
from schema_matching_pipeline.model.canonical import FieldType
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import ValueType

_DAYS = frozenset({FieldType.DATE, FieldType.DATETIME, FieldType.TIME})
_NUMBERING = frozenset({ValueType.INTEGER, ValueType.TEXT})


@dataclass(frozen=True)
class Question:
    """The rank of the candidate that a column is asked about, and why."""

    rank: int
    why: str


class _Near(NamedTuple):
    """A column and its nearest free field, with the confidence of the next one."""

    row: int
    rank: int
    confidence: float
    rival: float


@dataclass(frozen=True)
class Unsettled:
    """What is left when the surest columns have their fields.

    ``assigned`` is the field of every column that got one, ``offered`` the confidence of every candidate that
    people did not refuse, ``silent`` the columns that are not asked about however near a field is.
    """

    columns: Side
    fields: Side
    ranking: Ranking
    offered: DoubleMatrix
    assigned: Mapping[int, int]
    silent: frozenset[int]

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """Columns without a field that may be asked about."""
        every = range(len(self.columns.columns))
        return tuple(row for row in every if row not in self.assigned and row not in self.silent)

    @cached_property
    def taken(self) -> dict[str, set[int]]:
        """The fields that columns of a table got."""
        found: dict[str, set[int]] = defaultdict(set)
        for row, field in self.assigned.items():
            found[self.columns.columns[row].table].add(field)
        return found

    @cached_property
    def filled(self) -> frozenset[int]:
        """The fields that any column got."""
        return frozenset(self.assigned.values())

    def nearest(self, row: int) -> Iterator[tuple[int, float]]:
        """Ranks of the fields that are free in the column's table, the likeliest first, with their confidence."""
        taken = self.taken[self.columns.columns[row].table]
        for rank, field in enumerate(self.ranking.fields[row].tolist()):
            if field not in taken and self.offered[row, rank] > 0:
                yield rank, float(self.offered[row, rank])

    def rank_of(self, row: int, field: int) -> int | None:
        """Where a field stands among the column's candidates that are still free."""
        return next((rank for rank, _ in self.nearest(row) if self.ranking.fields[row, rank] == field), None)

    def misfits(self, row: int, field: int) -> bool:
        """Whether the kind of the values speaks against the field."""
        return bool(self.ranking.scores["type_fit"][row, field] <= LOW_TYPE_FIT)


def worth_asking(unsettled: Unsettled, policy: MatchPolicy) -> dict[int, Question]:
    """The columns to ask about; a field is asked about once in a table, a required one once altogether."""
    entity_of = _settled_entities(unsettled, policy)
    near = _in_their_entity(unsettled, entity_of, policy)
    asked: dict[int, Question] = {}
    in_question: set[tuple[str, int]] = set()
    for row, question in (
        *_keys(unsettled, entity_of),
        *_required(unsettled, near),
        *_close(unsettled, near),
    ):
        place = unsettled.columns.columns[row].table, int(unsettled.ranking.fields[row, question.rank])
        once = unsettled.fields.columns[place[1]].required
        if row not in asked and not any(
            place == other or (once and place[1] == other[1]) for other in in_question
        ):
            asked[row] = question
            in_question.add(place)
    return asked


def _settled_entities(unsettled: Unsettled, policy: MatchPolicy) -> dict[str, str]:
    """The entity that most columns of a table go to, for tables where enough do."""
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row, field in unsettled.assigned.items():
        counted[unsettled.columns.columns[row].table][unsettled.fields.columns[field].table] += 1
    best = {
        table: max(found.items(), key=lambda each: (each[1], each[0])) for table, found in counted.items()
    }
    return {table: entity for table, (entity, count) in best.items() if count >= policy.settled_columns}


def _keys(unsettled: Unsettled, entity_of: Mapping[str, str]) -> Iterator[tuple[int, Question]]:
    """The key of each table whose entity has a key that nothing fills."""
    columns, fields = unsettled.columns.columns, unsettled.fields.columns
    by_table: dict[str, list[int]] = defaultdict(list)
    for row, column in enumerate(columns):
        by_table[column.table].append(row)
    wanted = {field.table: index for index, field in enumerate(fields) if field.in_key}
    open_keys = {entity: index for entity, index in wanted.items() if index not in unsettled.filled}
    for table, entity in entity_of.items():
        row = _key_of([(row, columns[row]) for row in by_table[table]])
        if row not in unsettled.rows or entity not in open_keys or unsettled.misfits(row, open_keys[entity]):
            continue
        rank = unsettled.rank_of(row, open_keys[entity])
        if rank is not None:
            target = _named(fields[open_keys[entity]])
            yield (
                row,
                Question(rank, f"it is the key of a table of {entity}, and nothing else fills {target}"),
            )


def _key_of(columns: list[tuple[int, SideColumn]]) -> int:
    """The column that alone identifies a row: the declared key, else the first that numbers the rows; -1 for none."""
    profiled = [(row, column.profile) for row, column in columns if column.profile is not None]
    declared = [row for row, profile in profiled if profile.in_primary_key]
    if declared:
        return declared[0] if len(declared) == 1 else -1
    numbering = [
        (profile.position, row)
        for row, profile in profiled
        if profile.is_unique and profile.filled_share == 1 and profile.value_type in _NUMBERING
    ]
    return min(numbering)[1] if numbering else -1


def _required(unsettled: Unsettled, near: Sequence[_Near]) -> Iterator[tuple[int, Question]]:
    """Columns whose nearest field is required and filled by nothing."""
    for row, rank, _, _ in near:
        index = int(unsettled.ranking.fields[row, rank])
        if unsettled.fields.columns[index].required and index not in unsettled.filled:
            target = _named(unsettled.fields.columns[index])
            yield row, Question(rank, f"{target} is required, and nothing fits it better")


def _close(unsettled: Unsettled, near: Sequence[_Near]) -> Iterator[tuple[int, Question]]:
    """Links and days whose nearest field has no close rival."""
    for row, rank, confidence, rival in near:
        field = unsettled.fields.columns[int(unsettled.ranking.fields[row, rank])]
        if rival < CLOSE_RIVAL * confidence and (field.refers_to or field.field_type in _DAYS):
            what = "link" if field.refers_to else "day or time"
            yield row, Question(rank, f"{_named(field)} is the one {what} of {field.table} near it")


def _in_their_entity(
    unsettled: Unsettled, entity_of: Mapping[str, str], policy: MatchPolicy
) -> tuple[_Near, ...]:
    """Columns that are near a free field of their table's entity, the nearest first."""
    found: list[_Near] = []
    for row in unsettled.rows:
        nearest = unsettled.nearest(row)
        rank, confidence = next(nearest, (0, 0.0))
        field = int(unsettled.ranking.fields[row, rank])
        entity = unsettled.fields.columns[field].table
        settled = entity_of.get(unsettled.columns.columns[row].table) == entity
        if settled and confidence >= policy.near_confidence and not unsettled.misfits(row, field):
            found.append(_Near(row, rank, confidence, next(nearest, (0, 0.0))[1]))
    return tuple(sorted(found, key=lambda near: (-near.confidence, near.row)))


def _named(field: SideColumn) -> str:
    return f"{field.table}.{field.name}"
