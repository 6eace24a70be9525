"""Columns below the review floor that a person is asked about all the same: there silence would cost too much.

Asked about are, in tables whose other columns settle in one entity: the key of the table, where nothing fills the
entity's key; the likeliest column for a required field that nothing fills; the one link to a table whose entity the
entity refers to; and a link or a day whose nearest field has no close rival. In any table, a column and a field that
nothing fills, where neither has another half as near: in a small source few columns reach the floor, and these are
right as often as not. The other columns below the floor stay silent, so that what matters is not buried; so does a
column of which a person refused a field: one who refused the likeliest is not asked about all the others in turn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, repeat
from typing import NamedTuple

from schema_matching_pipeline.matching.confidence import MANY
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
    """A column and its nearest free field, with the rank and confidence of the next one; rank -1 for none."""

    row: int
    rank: int
    confidence: float
    next_rank: int
    rival: float

    @property
    def is_clear(self) -> bool:
        """Whether no other field is half as near."""
        return self.rival < CLOSE_RIVAL * self.confidence


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

    def near(self, row: int) -> _Near:
        """The column's nearest free field."""
        (rank, confidence), (next_rank, rival) = islice(chain(self.nearest(row), repeat((-1, 0.0))), 2)
        return _Near(row, rank, confidence, next_rank, rival)

    def field(self, row: int, rank: int) -> SideColumn:
        """The field at a rank of a column's candidates."""
        return self.fields.columns[int(self.ranking.fields[row, rank])]

    def misfits(self, row: int, field: int) -> bool:
        """Whether the kind of the values speaks against the field."""
        return bool(self.ranking.scores["type_fit"][row, field] <= LOW_TYPE_FIT)


def worth_asking(unsettled: Unsettled, policy: MatchPolicy) -> dict[int, Question]:
    """The columns to ask about; a field is asked about once in a table, a required one once altogether."""
    entity_of = _settled_entities(unsettled, policy)
    nearest = sorted(
        (unsettled.near(row) for row in unsettled.rows), key=lambda near: (-near.confidence, near.row)
    )
    near = tuple(each for each in nearest if _in_their_entity(unsettled, each, entity_of, policy))
    asked: dict[int, Question] = {}
    in_question: set[tuple[str, int]] = set()
    for row, question in (
        *_keys(unsettled, entity_of),
        *_required(unsettled, near),
        *_close(unsettled, near),
        *_linked(unsettled, nearest, entity_of),
        *_clear(unsettled, nearest, policy),
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
    keys: dict[str, list[int]] = defaultdict(list)
    for index, field in enumerate(fields):
        if field.in_key:
            keys[field.table].append(index)
    wanted = {entity: key[0] for entity, key in keys.items() if len(key) == 1}
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
    for each in near:
        field = unsettled.field(each.row, each.rank)
        if field.required and _is_unfilled(unsettled, each):
            yield each.row, Question(each.rank, f"{_named(field)} is required, and nothing fits it better")


def _linked(
    unsettled: Unsettled, nearest: Sequence[_Near], entity_of: Mapping[str, str]
) -> Iterator[tuple[int, Question]]:
    """Links to a table of an entity, where one free field of their table's entity refers to that."""
    for row, *_ in nearest:
        column = unsettled.columns.columns[row]
        own, other = entity_of.get(column.table), entity_of.get(column.refers_to or "")
        free = [(rank, unsettled.field(row, rank)) for rank, _ in unsettled.nearest(row)]
        links = [(rank, field) for rank, field in free if field.table == own and field.refers_to == other]
        if other and len(links) == 1:
            ((rank, field),) = links
            yield row, Question(rank, f"it refers to {column.refers_to}, and {_named(field)} to {other}")


def _close(unsettled: Unsettled, near: Sequence[_Near]) -> Iterator[tuple[int, Question]]:
    """Links whose nearest field has no close rival, and days whose nearest has none but days of the same entity."""
    for each in near:
        field = unsettled.field(each.row, each.rank)
        if field.refers_to and each.is_clear:
            yield each.row, Question(each.rank, f"{_named(field)} is the one link of {field.table} near it")
        elif field.field_type in _DAYS and (each.is_clear or _is_day_of(unsettled, each, field.table)):
            what = "one" if each.is_clear else "nearest"
            yield (
                each.row,
                Question(each.rank, f"{_named(field)} is the {what} day or time of {field.table} near it"),
            )


def _clear(
    unsettled: Unsettled, nearest: Sequence[_Near], policy: MatchPolicy
) -> Iterator[tuple[int, Question]]:
    """Columns and fields that nothing fills, where neither has another half as near.

    A lead over few other columns makes nothing sure, so the fewer there are, the less is near.
    """
    count = len(unsettled.columns.columns)
    bar = max(policy.least_near, policy.near_confidence * count / (count + MANY))
    best: dict[int, list[float]] = defaultdict(list)
    for each in nearest:
        for rank, confidence in unsettled.nearest(each.row):
            best[int(unsettled.ranking.fields[each.row, rank])].append(confidence)
    for each in nearest:
        if each.confidence < bar or not each.is_clear or not _is_unfilled(unsettled, each):
            continue
        index = int(unsettled.ranking.fields[each.row, each.rank])
        close = [other for other in best[index] if other >= CLOSE_RIVAL * each.confidence]
        if len(close) == 1 and not unsettled.misfits(each.row, index):
            named = _named(unsettled.fields.columns[index])
            yield (
                each.row,
                Question(each.rank, f"nothing fills {named}, and no other column or field is near"),
            )


def _in_their_entity(
    unsettled: Unsettled, near: _Near, entity_of: Mapping[str, str], policy: MatchPolicy
) -> bool:
    """Whether the column is near a free field of its table's entity that its values may fill."""
    index = int(unsettled.ranking.fields[near.row, near.rank])
    settled = (
        entity_of.get(unsettled.columns.columns[near.row].table) == unsettled.fields.columns[index].table
    )
    return settled and near.confidence >= policy.near_confidence and not unsettled.misfits(near.row, index)


def _is_unfilled(unsettled: Unsettled, near: _Near) -> bool:
    return int(unsettled.ranking.fields[near.row, near.rank]) not in unsettled.filled


def _is_day_of(unsettled: Unsettled, near: _Near, entity: str) -> bool:
    """Whether the next nearest field is another day of the entity."""
    other = unsettled.field(near.row, near.next_rank)
    return other.table == entity and other.field_type in _DAYS


def _named(field: SideColumn) -> str:
    return f"{field.table}.{field.name}"
