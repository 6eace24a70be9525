"""The logit of a confidence taken apart: what each signal adds, what the tables add, what rivals take.

A margin over a rival is a difference of two sums, so it is shared out among the signals like the sums
themselves: a signal's share says how much it prefers this field, also over the best other one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from schema_matching_pipeline.matching.combiner import Pairs, contributions
from schema_matching_pipeline.matching.confidence import BY_NAME
from schema_matching_pipeline.matching.context import taken_by_rivals
from schema_matching_pipeline.matching.features import Features
from schema_matching_pipeline.matching.weights import CombinerWeights
from schema_matching_pipeline.matching.words import DoubleMatrix, FloatMatrix, IntVector

Shares = dict[str, DoubleMatrix]


@dataclass(frozen=True)
class Judgement:
    """Everything between the signals and the logit, for every pair."""

    features: Features
    scores: Mapping[str, FloatMatrix]
    context: Mapping[str, FloatMatrix]
    heard: FloatMatrix
    judged: Mapping[str, FloatMatrix]
    weights: CombinerWeights


def shares_of(judgement: Judgement, pairs: Pairs) -> Shares:
    """Shares that sum to the logit of the confidence of each pair."""
    weights, judged = judgement.weights.confidence, judgement.judged
    heard = judgement.heard
    own = _heard_shares(judgement, pairs)
    in_row = _heard_shares(judgement, _rivals_in_row(heard, pairs))
    in_column = _heard_shares(judgement, _rivals_in_column(heard, pairs))
    whole = heard[pairs].astype(np.float64)
    over_row = whole - heard[_rivals_in_row(heard, pairs)]
    over_column = whole - heard[_rivals_in_column(heard, pairs)]
    column_part = _weighted(judged, weights, ("ahead_in_column", "ahead_of_many"), pairs)
    by_odds = _part(_weighted(judged, weights, ("odds",), pairs), whole)
    by_row = _part(_weighted(judged, weights, ("above_row",), pairs), over_row)
    by_column = _part(column_part, over_column)
    shares = {
        name: by_odds * share + by_row * (share - in_row[name]) + by_column * (share - in_column[name])
        for name, share in own.items()
    }
    shares["tables"] += _weighted(
        judged, weights, ("from_table", "from_table_of_many", "from_entity", "settled", "undivided"), pairs
    )
    shares["table_name"] += _weighted(judged, weights, ("table_name",), pairs)
    for name, share in _own_name_shares(judgement, pairs).items():
        shares[name] += share
    shares["rivals"] += _weighted(judged, weights, ("mutual", "wanted_in_table", "surest"), pairs)
    shares["agreement"] = _weighted(judged, weights, ("votes", "apart", "contradictions", "unvouched"), pairs)
    shares["base"] += weights.get("base", 0.0) + _weighted(
        judged,
        weights,
        ("mutual_share", "chosen_in_table", "one_table", "crowding", "choice"),
        pairs,
    )
    return shares


def _own_name_shares(judgement: Judgement, pairs: Pairs) -> Shares:
    """What the pair's own names add, told of the signal that found them alike the most."""
    added = _weighted(judgement.judged, judgement.weights.confidence, ("own_name",), pairs)
    found = np.stack([np.nan_to_num(judgement.scores[name][pairs]) for name in BY_NAME])
    finder = found.argmax(axis=0)
    return {name: np.where(finder == index, added, 0.0) for index, name in enumerate(BY_NAME)}


def _heard_shares(judgement: Judgement, pairs: Pairs) -> Shares:
    """The log-odds with the context heard, taken apart."""
    weights, context = judgement.weights.context, judgement.context
    odds = context["odds"]
    own = contributions(judgement.features, judgement.weights, pairs)
    in_row = contributions(judgement.features, judgement.weights, _rivals_in_row(odds, pairs))
    by_row = weights.get("above_row", 0.0) if odds.shape[1] > 1 else 0.0
    shares: Shares = {
        name: np.asarray(
            share.astype(np.float64) * (weights.get("odds", 0.0) + by_row) - by_row * in_row[name]
        )
        for name, share in own.items()
    }
    shares["base"] = shares["base"] + weights.get("base", 0.0)
    shares["tables"] = _weighted(context, weights, ("from_table", "from_table_alone", "from_entity"), pairs)
    shares["rivals"] = taken_by_rivals(context, weights)[pairs].astype(np.float64)
    return shares


def _weighted(
    features: Mapping[str, FloatMatrix], weights: Mapping[str, float], names: tuple[str, ...], pairs: Pairs
) -> DoubleMatrix:
    parts = [features[name][pairs].astype(np.float64) * weights.get(name, 0.0) for name in names]
    return np.asarray(np.sum(parts, axis=0))


def _part(weighted: DoubleMatrix, whole: DoubleMatrix) -> DoubleMatrix:
    """The factor that turns an unclipped figure into its weighted, clipped one."""
    return np.asarray(np.divide(weighted, whole, out=np.zeros_like(weighted), where=whole != 0))


def _rivals_in_row(odds: FloatMatrix, pairs: Pairs) -> Pairs:
    """For each pair the best other field of its column; itself where there is no other."""
    return pairs[0], _best_other(odds)[pairs]


def _rivals_in_column(odds: FloatMatrix, pairs: Pairs) -> Pairs:
    """For each pair the best other column of its field; itself where there is no other."""
    return _best_other(np.ascontiguousarray(odds.T))[pairs[1], pairs[0]], pairs[1]


def _best_other(odds: FloatMatrix) -> IntVector:
    rows = np.arange(odds.shape[0])
    best = odds.argmax(axis=1)
    if odds.shape[1] < 2:
        return np.repeat(best[:, None], odds.shape[1], axis=1)
    others = odds.copy()
    others[rows, best] = -np.inf
    rivals = np.repeat(best[:, None], odds.shape[1], axis=1)
    rivals[rows, best] = others.argmax(axis=1)
    return np.asarray(rivals, dtype=np.intp)
