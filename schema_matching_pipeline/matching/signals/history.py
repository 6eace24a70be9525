"""What stewards decided for earlier clients."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.knowledge import Knowledge

SAME_TABLE = 1.0  # the same column name in a table of the same name
SAME_COLUMN = 0.8
SAME_FIELD = 0.6  # the same column name went to fields of this name, in whatever entity

_Name = tuple[str, ...]
Seen = TypeVar("Seen")


@SIGNALS.register("history")
def history(columns: Side, fields: Side, evidence: Evidence) -> FloatMatrix:
    """Whether columns of this name were approved for this field before: unknown for names never seen.

    The more often a name went to other fields instead, the less it says. In a table of a known name only what
    stood in that table counts. Elsewhere a name that went to ``patient_id`` of one entity or another speaks for
    that of every entity alike: which one it is, the tables say.
    """
    scores = np.full((len(columns.columns), len(fields.columns)), np.nan, dtype=np.float32)
    if evidence.knowledge is None:
        return scores
    past = _Past.of(evidence.knowledge)
    targets = [FieldRef(entity=field.table, field=field.name) for field in fields.columns]
    for row, column in enumerate(columns.columns):
        if past.knows(column):
            scores[row] = [past.belief(column, target) for target in targets]
    return scores


@dataclass(frozen=True)
class _Past:
    """How often each column name went where, seen from near and from afar."""

    by_table: Mapping[Hashable, Counter[FieldRef]]
    by_column: Mapping[Hashable, Counter[FieldRef]]
    by_field: Mapping[Hashable, Counter[str]]

    @classmethod
    def of(cls, knowledge: Knowledge) -> _Past:
        """Everything approved, counted once for every way to look at it."""
        past = cls(*(defaultdict(Counter) for _ in range(3)))
        for name, table, target, count in _approved(knowledge):
            past.by_table[table, name][target] += count
            past.by_column[name][target] += count
            past.by_field[name][target.field] += count
        return past

    def knows(self, column: SideColumn) -> bool:
        """Whether any column of this name was approved for anything."""
        return name_tokens(column.name) in self.by_column

    def belief(self, column: SideColumn, target: FieldRef) -> float:
        """What the past says for the pair; 0 where a name that stewards know was never approved for the field."""
        name, table = name_tokens(column.name), name_tokens(column.table)
        if (table, name) in self.by_table:
            return SAME_TABLE * _share(self.by_table[table, name], target)
        return max(
            SAME_COLUMN * _share(self.by_column[name], target),
            SAME_FIELD * _share(self.by_field[name], target.field),
        )


def _approved(knowledge: Knowledge) -> Iterator[tuple[_Name, _Name, FieldRef, int]]:
    """What went to a field of this model; where a name went in another one, says nothing here."""
    own = frozenset(knowledge.canonical.refs())
    for variant in knowledge.variants:
        if variant.target in own:
            yield name_tokens(variant.name), name_tokens(variant.table), variant.target, variant.clients
    for past in knowledge.past_mappings:
        if past.target in own:
            yield name_tokens(past.ref.column), name_tokens(past.ref.table), past.target, 1


def _share(counted: Counter[Seen], target: Seen) -> float:
    return counted[target] / counted.total()
