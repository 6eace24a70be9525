"""What the data say against a field, however well the names fit: evidence that holds for a kind of field.

A day of death that every row has is another day; the key of a table does not repeat; a link goes to the entity
that the table it points to goes to; and the key of a table is not its link to another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from schema_matching_pipeline.matching.engine import MOST_CERTAIN, STEP, Ranking
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.model.policy import MatchPolicy

IMPLAUSIBLE = "implausible"
_RARE = frozenset({"death_date"})  # kinds of content that only few rows have

Objections = Mapping[tuple[int, int], str]  # by row and field


@dataclass(frozen=True)
class _Tables:
    """What is known of the client's tables: the entity that most columns go to, and the declared keys."""

    entity: Mapping[str, str]
    key: Mapping[str, tuple[str, ...]]


def doubt_implausible(
    ranking: Ranking, columns: Side, fields: Side, policy: MatchPolicy
) -> tuple[Ranking, Objections]:
    """The ranking with what the data speak against moved down, and the objections in words.

    What was nearly sure is still asked about.
    """
    tables = _Tables(_settled(ranking, columns, fields, policy), _keys(columns))
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
    return _in_order(replace(ranking, logits=ranking.logits + moved, shares=shares)), found


def _objection(column: SideColumn, field: SideColumn, tables: _Tables, policy: MatchPolicy) -> str:
    profile = column.profile
    if profile is None or profile.filled_count < policy.fewest_rows:
        return ""
    entity = tables.entity.get(column.table, field.table)
    if field.semantic_type in _RARE and profile.filled_share > policy.rare_share:
        return f"{profile.filled_share:.0%} of its rows are filled, the field only where somebody died"
    if field.in_key and entity == field.table and profile.distinct_count < profile.filled_count / 2:
        return f"its values repeat, the field is the key of {field.table}"
    if field.refers_to and column.refers_to:
        other = tables.entity.get(column.refers_to, field.refers_to)
        if other != field.refers_to:
            return f"it refers to {column.refers_to}, which goes to {other}; the field refers to {field.refers_to}"
    elif field.refers_to and tables.key.get(column.table) == (column.name,):
        return f"it is the key of its own table, the field refers to {field.refers_to}"
    return ""


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


def _in_order(ranking: Ranking) -> Ranking:
    """The likeliest field first again."""
    order = np.argsort(-ranking.logits, axis=1, kind="stable")
    return replace(
        ranking,
        fields=np.take_along_axis(ranking.fields, order, axis=1),
        logits=np.take_along_axis(ranking.logits, order, axis=1),
        shares={name: np.take_along_axis(share, order, axis=1) for name, share in ranking.shares.items()},
    )
