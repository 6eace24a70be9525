"""What the data say against a field, however well the names fit: evidence that holds for a kind of field.

A day of death that every row has is another day; the key of a table does not repeat; a link goes to the entity
that the table it points to goes to; the key of a table is not its link to another; and a table that has a key of its
own and links to an entity by the entity's name holds something else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.engine import MOST_CERTAIN, STEP, Ranking
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.matching.words import stem
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, ValueType

IMPLAUSIBLE = "implausible"
_NUMBERING = frozenset({ValueType.INTEGER, ValueType.UUID})
_KEY_WORDS = (("id",), ("key",))
_RARE = frozenset({"death_date"})  # kinds of content that only few rows have

Objections = Mapping[tuple[int, int], str]  # by row and field


@dataclass(frozen=True)
class _Tables:
    """What is known of the client's tables: the entity that most columns go to, the declared keys, and links.

    ``links`` holds the column by which a table points to an entity that it names.
    """

    entity: Mapping[str, str]
    key: Mapping[str, tuple[str, ...]]
    links: Mapping[tuple[str, str], str]


def doubt_implausible(
    ranking: Ranking, columns: Side, fields: Side, policy: MatchPolicy
) -> tuple[Ranking, Objections]:
    """The ranking with what the data speak against moved down, and the objections in words.

    What was nearly sure is still asked about.
    """
    tables = _Tables(
        _settled(ranking, columns, fields, policy), _keys(columns), _links(columns, fields, policy)
    )
    found: dict[tuple[int, int], str] = {}
    moved = np.zeros_like(ranking.logits)
    floor = float(np.log(policy.review_floor / (1 - policy.review_floor))) + STEP
    sure = float(np.log(policy.nothing_outweighed / (1 - policy.nothing_outweighed)))
    for row, column in enumerate(columns.columns):
        for rank, field in enumerate(ranking.fields[row].tolist()):
            objection = _objection(column, fields.columns[field], tables, policy)
            if objection:
                found[row, field] = objection
                logit = float(ranking.logits[row, rank])
                lowest = floor if logit >= sure else -MOST_CERTAIN
                moved[row, rank] = min(0.0, max(-policy.implausible, lowest - logit))
    shares = {**ranking.shares, IMPLAUSIBLE: moved}
    return in_order(replace(ranking, logits=ranking.logits + moved, shares=shares)), found


def in_order(ranking: Ranking) -> Ranking:
    """The likeliest field first again."""
    order = np.argsort(-ranking.logits, axis=1, kind="stable")
    return replace(
        ranking,
        fields=np.take_along_axis(ranking.fields, order, axis=1),
        logits=np.take_along_axis(ranking.logits, order, axis=1),
        shares={name: np.take_along_axis(share, order, axis=1) for name, share in ranking.shares.items()},
    )


def _objection(column: SideColumn, field: SideColumn, tables: _Tables, policy: MatchPolicy) -> str:
    if column.profile is None or column.profile.filled_count < policy.fewest_rows:
        return ""
    return (
        _of_table(column, field, tables)
        or _of_content(column, column.profile, field, tables, policy)
        or _of_link(column, field, tables)
    )


def _of_table(column: SideColumn, field: SideColumn, tables: _Tables) -> str:
    link = tables.links.get((column.table, field.table))
    return f"its table has a key of its own and links to {field.table} by {link}" if link else ""


def _of_content(
    column: SideColumn, profile: ColumnProfile, field: SideColumn, tables: _Tables, policy: MatchPolicy
) -> str:
    if field.semantic_type in _RARE and profile.filled_share > policy.rare_share:
        return f"{profile.filled_share:.0%} of its rows are filled, the field only where somebody died"
    of_entity = tables.entity.get(column.table, field.table) == field.table
    if field.in_key and of_entity and profile.distinct_count < profile.filled_count / 2:
        return f"its values repeat, the field is the key of {field.table}"
    return ""


def _of_link(column: SideColumn, field: SideColumn, tables: _Tables) -> str:
    if not field.refers_to:
        return ""
    if not column.refers_to:
        own = tables.key.get(column.table) == (column.name,)
        return f"it is the key of its own table, the field refers to {field.refers_to}" if own else ""
    other = tables.entity.get(column.refers_to, field.refers_to)
    if other == field.refers_to:
        return ""
    return f"it refers to {column.refers_to}, which goes to {other}; the field refers to {field.refers_to}"


def _settled(ranking: Ranking, columns: Side, fields: Side, policy: MatchPolicy) -> dict[str, str]:
    """The entity that most likely fields of a table's columns belong to, for tables where enough agree."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row, column in enumerate(columns.columns):
        if ranking.confidence[row, 0] >= policy.review_floor:
            counted[column.table][fields.columns[int(ranking.fields[row, 0])].table] += 1
    best = {
        table: min(found.items(), key=lambda each: (-each[1], each[0])) for table, found in counted.items()
    }
    return {table: entity for table, (entity, count) in best.items() if count >= policy.settled_columns}


def _keys(columns: Side) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for column in columns.columns:
        if column.profile is not None and column.profile.in_primary_key:
            keys[column.table] += (column.name,)
    return keys


def _links(columns: Side, fields: Side, policy: MatchPolicy) -> dict[tuple[str, str], str]:
    """Columns that are called as an entity is and hold keys of it: many values, though not one for each row."""
    called = {
        _bare(name): entity.name for entity in fields.tables for name in (entity.name, *entity.other_names)
    }
    identified = {column.table for column in columns.columns if _identifies(column)}
    return {
        (column.table, called[_bare(column.name)]): column.name
        for column in columns.columns
        if column.table in identified and _bare(column.name) in called and _is_link(column, policy)
    }


def _identifies(column: SideColumn) -> bool:
    profile = column.profile
    return (
        profile is not None
        and profile.is_unique
        and profile.value_type in _NUMBERING
        and column.in_key is True
    )


def _is_link(column: SideColumn, policy: MatchPolicy) -> bool:
    profile = column.profile
    return (
        profile is not None
        and profile.filled_count >= policy.fewest_rows
        and profile.value_type in _NUMBERING
        and policy.link_share * profile.filled_count <= profile.distinct_count
        and not profile.is_unique
    )


def _bare(name: str) -> tuple[str, ...]:
    """The words of a name without what marks a key."""
    words = name_tokens(name)
    return tuple(stem(word) for word in (words[:-1] if words[-1:] in _KEY_WORDS else words))
