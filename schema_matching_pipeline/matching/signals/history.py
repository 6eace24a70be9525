"""What stewards decided for earlier clients."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.knowledge import Knowledge

SAME_TABLE = 1.0  # the same column name in a table of the same name
SAME_COLUMN = 0.8
NEVER = 0.0  # a name that stewards know, but never for this field

_Name = tuple[str, ...]


@SIGNALS.register("history")
def history(columns: Side, fields: Side, evidence: Evidence) -> FloatMatrix:
    """Whether columns of this name were approved for this field before: unknown for names never seen.

    The more often a name went to other fields instead, the less it says.
    """
    scores = np.full((len(columns.columns), len(fields.columns)), np.nan, dtype=np.float32)
    if evidence.knowledge is None:
        return scores
    position = {FieldRef(entity=f.table, field=f.name): index for index, f in enumerate(fields.columns)}
    by_column, by_table = _approved(evidence.knowledge)
    for row, column in enumerate(columns.columns):
        name, table = name_tokens(column.name), name_tokens(column.table)
        _fill(scores[row], by_column.get(name, {}), position, SAME_COLUMN)
        _fill(scores[row], by_table.get((table, name), {}), position, SAME_TABLE)
    return scores


def _approved(
    knowledge: Knowledge,
) -> tuple[dict[_Name, dict[FieldRef, int]], dict[tuple[_Name, _Name], dict[FieldRef, int]]]:
    by_column: dict[_Name, dict[FieldRef, int]] = defaultdict(lambda: defaultdict(int))
    by_table: dict[tuple[_Name, _Name], dict[FieldRef, int]] = defaultdict(lambda: defaultdict(int))
    seen = [(v.name, v.table, v.target, v.clients) for v in knowledge.variants]
    seen += [(m.ref.column, m.ref.table, m.target, 1) for m in knowledge.past_mappings if m.target]
    for name, table, target, count in seen:
        by_column[name_tokens(name)][target] += count
        by_table[name_tokens(table), name_tokens(name)][target] += count
    return by_column, by_table


def _fill(
    row: FloatMatrix, approved: dict[FieldRef, int], position: dict[FieldRef, int], belief: float
) -> None:
    if not approved:
        return
    total = sum(approved.values())
    row[np.isnan(row)] = NEVER
    for target, count in approved.items():
        if target in position:
            row[position[target]] = max(row[position[target]], belief * count / total)
