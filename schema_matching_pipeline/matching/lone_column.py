"""One column alone does not tell what a table is about whose name does not say so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from schema_matching_pipeline.matching.engine import STEP, Ranking
from schema_matching_pipeline.matching.plausibility import IMPLAUSIBLE, Objections
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signals.history import SAME_TABLE
from schema_matching_pipeline.model.policy import MatchPolicy


def doubt_lone(
    ranking: Ranking, columns: Side, fields: Side, policy: MatchPolicy
) -> tuple[Ranking, Objections]:
    """The ranking with no lone column nearly sure, and the objections in words.

    A column is alone where neither the table's name nor an earlier client's table of that name speaks for the
    field's entity, and no other column of the table is likely to go there.
    """
    sure = float(np.log(policy.nothing_outweighed / (1 - policy.nothing_outweighed)))
    moved = np.zeros_like(ranking.logits)
    found: dict[tuple[int, int], str] = {}
    for row in np.flatnonzero(ranking.logits[:, 0] >= sure).tolist():
        field = int(ranking.fields[row, 0])
        if _is_named(ranking, row, field) or _has_company(ranking, columns, fields, row, policy):
            continue
        moved[row] = np.minimum(0.0, sure - STEP * (1 + np.arange(moved.shape[1])) - ranking.logits[row])
        table, entity = columns.columns[row].table, fields.columns[field].table
        found[row, field] = f"neither its name nor another column of {table} surely speaks for {entity}"
    earlier = ranking.shares.get(IMPLAUSIBLE, np.zeros_like(moved))
    shares = {**ranking.shares, IMPLAUSIBLE: np.asarray(earlier + moved, dtype=np.float64)}
    return replace(ranking, logits=np.asarray(ranking.logits + moved), shares=shares), found


def _is_named(ranking: Ranking, row: int, field: int) -> bool:
    """Whether the table is called as the entity is, or one called so went there before."""
    before = ranking.scores.get("history")
    known = before is not None and bool(before[row, field] >= SAME_TABLE)
    return known or bool(ranking.scores["table_name"][row, field] > 0)


def _has_company(ranking: Ranking, columns: Side, fields: Side, row: int, policy: MatchPolicy) -> bool:
    entity = fields.columns[int(ranking.fields[row, 0])].table
    likely = (columns.table_index == columns.table_index[row]) & (ranking.confidence[:, 0] >= policy.company)
    return any(
        fields.columns[int(ranking.fields[other, 0])].table == entity
        for other in np.flatnonzero(likely).tolist()
        if other != row
    )
