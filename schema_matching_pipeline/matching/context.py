"""What the rest of both sides says about a pair: which tables belong together, and who else wants the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from schema_matching_pipeline.matching.features import above_rivals
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.words import FloatMatrix, IntVector

ROUNDS = 2
DAMPING = 1.5  # log-odds that full support of the tables adds between two rounds
DOUBT = 0.3  # columns that must agree before tables are believed to belong together
RIVALRY = ("wanted_in_table", "wanted_elsewhere")
SPARED = 5  # so many of a column's best fields stay its best ones, whoever else wants them
STEEPEST = 30.0  # log-odds beyond this are the same certainty


def context_features(odds: FloatMatrix, columns: Side, fields: Side) -> dict[str, FloatMatrix]:
    """Features of every pair beyond its own evidence; ``odds`` are the log-odds of the combiner.

    ``from_table`` is how much of the rest of the column's table goes to the field's table, in 0..1, where all tables of the
    column's side compete for it. ``from_table_alone`` is how much more of it would, once what tables say has been heard, if no
    other table of that side were there: tables that are kinds of one thing, as reports and articles are, get a part of
    it each.
    """
    supported = odds
    from_table = from_entity = np.zeros_like(odds)
    for _ in range(ROUNDS):
        mutual = _share_of_row(supported) * _share_of_row(supported.T).T
        from_table = _table_support(mutual, columns.table_index, fields.table_index)
        from_entity = _table_support(mutual.T, fields.table_index, columns.table_index).T
        supported = odds + DAMPING * (from_table + from_entity)
    wanted = _share_of_row(supported)
    alone = wanted * _share_in_table(supported, columns.table_index)
    from_table_alone = _table_support(alone, columns.table_index, fields.table_index)
    return {
        "odds": odds,
        "above_row": above_rivals(odds),
        "from_table": from_table,
        "from_table_alone": np.maximum(from_table_alone - from_table, 0.0),
        "from_entity": from_entity,
        "wanted_in_table": _wanted_by_others(wanted, columns.table_index),
        "wanted_elsewhere": _wanted_by_others(wanted, np.zeros_like(columns.table_index)),
    }


def table_agreement(heard: FloatMatrix, columns: Side, fields: Side) -> dict[str, FloatMatrix]:
    """How far the rest of the column's table settles in the field's entity, for every pair, in 0..1.

    ``settled`` is the share of the table's other columns that do; ``undivided`` the entity's share of all that
    settle anywhere, so that a table torn between two entities speaks for neither.
    """
    mutual = _share_of_row(heard) * _share_of_row(heard.T).T
    others = _others_in_entity(mutual, columns.table_index, fields.table_index)
    width = np.bincount(columns.table_index)[columns.table_index][:, None]
    settled = others / np.maximum(width - 1, 1)
    undivided = others / (others.sum(axis=1, keepdims=True) + DOUBT)
    return {
        "settled": np.asarray(settled[:, fields.table_index], dtype=np.float32),
        "undivided": np.asarray(undivided[:, fields.table_index], dtype=np.float32),
    }


def weigh_context(features: Mapping[str, FloatMatrix], weights: Mapping[str, float]) -> FloatMatrix:
    """The log-odds with the context heard."""
    return _without_rivals(features, weights) + taken_by_rivals(features, weights)


def taken_by_rivals(features: Mapping[str, FloatMatrix], weights: Mapping[str, float]) -> FloatMatrix:
    """What other columns that want the field take from the log-odds of a pair.

    Never so much that the column's better fields fall below its sixth best one: who is beaten by a rival has no more
    to do with fields that nothing speaks for.
    """
    taken = _weighed(features, weights, RIVALRY)
    heard = _without_rivals(features, weights)
    if heard.shape[1] <= SPARED:
        return taken
    last = np.partition(heard, -SPARED - 1, axis=1)[:, -SPARED - 1][:, None]
    return np.asarray(np.maximum(taken, np.minimum(last - heard, 0.0)), dtype=np.float32)


def _without_rivals(features: Mapping[str, FloatMatrix], weights: Mapping[str, float]) -> FloatMatrix:
    return _weighed(features, weights, [name for name in features if name not in RIVALRY]) + np.float32(
        weights.get("base", 0.0)
    )


def _weighed(
    features: Mapping[str, FloatMatrix], weights: Mapping[str, float], names: Sequence[str]
) -> FloatMatrix:
    total = np.zeros_like(features["odds"])
    for name in names:
        total += features[name] * np.float32(weights.get(name, 0.0))
    return total


def _share_of_row(odds: FloatMatrix) -> FloatMatrix:
    """The share of each pair in its row, against all others and against none of them."""
    grown = np.exp(np.clip(odds, -STEEPEST, STEEPEST))
    return np.asarray(grown / (1.0 + grown.sum(axis=1, keepdims=True)), dtype=np.float32)


def _share_in_table(odds: FloatMatrix, table: IntVector) -> FloatMatrix:
    """The share of each pair in what its table's columns want of the field, and against none of them."""
    grown = np.exp(np.clip(odds, -STEEPEST, STEEPEST))
    together = np.add.reduceat(grown, _starts(table), axis=0)[table]
    return np.asarray(grown / (1.0 + together), dtype=np.float32)


def _table_support(mutual: FloatMatrix, row_table: IntVector, column_table: IntVector) -> FloatMatrix:
    """How much of the row's table, the row itself left out, goes to the column's table (0..1)."""
    others = _others_in_entity(mutual, row_table, column_table)
    share = others / (others.max(axis=1, keepdims=True) + DOUBT)
    return np.asarray(share[:, column_table], dtype=np.float32)


def _others_in_entity(mutual: FloatMatrix, row_table: IntVector, column_table: IntVector) -> FloatMatrix:
    """Rows x tables of the columns: how many of the other rows of a row's table go there."""
    best = np.maximum.reduceat(mutual, _starts(column_table), axis=1)
    together = np.add.reduceat(best, _starts(row_table), axis=0)
    return np.asarray(together[row_table] - best, dtype=np.float32)


def _wanted_by_others(wanted: FloatMatrix, group: IntVector) -> FloatMatrix:
    """How surely another row of the same group takes the column (0..1)."""
    starts = _starts(group)
    first = np.maximum.reduceat(wanted, starts, axis=0)[group]
    is_first = wanted >= first
    without = np.where(is_first, 0.0, wanted)
    several = np.add.reduceat(is_first.astype(np.int32), starts, axis=0)[group] > 1
    second = np.maximum.reduceat(without, starts, axis=0)[group]
    return np.asarray(np.where(is_first & ~several, second, first), dtype=np.float32)


def _starts(sorted_groups: IntVector) -> IntVector:
    return np.flatnonzero(np.diff(sorted_groups, prepend=-1))
