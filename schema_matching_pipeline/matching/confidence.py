"""Calibrated confidence: a second small logistic on how a pair stands among its rivals, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.matching.context import STEEPEST, table_agreement
from schema_matching_pipeline.matching.features import above_rivals
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.words import DoubleMatrix, FloatMatrix, IntVector

FARTHEST = 12.0  # log-odds and margins beyond this say no more
MOST_UNSURE, SURE_ENOUGH = 6.0, 4.0  # log-odds against all rivals beyond these say no more
MANY = 100  # so many columns halve the doubt whether the right one is among them at all
BY_NAME = ("name_tokens", "qualified_name", "history")
BY_VALUES = ("value_overlap", "word_overlap", "contained")
CONTRADICTED = {
    "type_fit": 0.4,
    "announced_kind": 0.4,
    "shape_fit": 0.1,
}  # a known score below speaks against
NOTHING_SHARED, NAMES_APART = (
    0.05,
    0.5,
)  # values without more in common speak against names that are not alike
CALLED_ALIKE = 0.95  # names as alike as this need no further witness
MOSTLY_KNOWN = 0.5  # so much of a side must be more than names, for a bare name to be odd
VOTE_FLOOR = 0.3  # a score below this is no vote, even where it is the best of its row


def confidence_features(
    odds: FloatMatrix,
    context: Mapping[str, FloatMatrix],
    scores: Mapping[str, FloatMatrix],
    columns: Side,
    fields: Side,
) -> dict[str, FloatMatrix]:
    """What the confidence of a pair depends on, for every pair.

    To be ahead of all other columns says little where there are few: ``ahead_of_many`` is that lead, shrunk by
    their number. ``own_name`` and ``table_name`` are what names say without any neighbour, the former also by
    where columns of that name went before. ``apart`` is what even the likeliest of names and values leaves unsaid, and
    ``contradictions`` is how many of types, announced forms, shapes and values speak against the pair: that a field is
    the best one there is, is no reason where nothing speaks for it. ``unvouched`` is 1 for a field of which nothing is known but its
    name, where most others have values or a description, unless the column is called the same: it is a heading, a link
    or empty. ``mutual_share`` is the same for a whole task: how many
    columns and fields choose each other; ``chosen_in_table`` is that of the column's own table. ``surest`` is the log-odds of the pair against all others of its row, or of its column if those are
    lower: of two that fit alike neither is sure. Where a schema has one table only, that the rest of a table goes there
    says nothing: ``from_table_of_many`` leaves it out. ``crowding`` is how many columns there are for each field.
    """
    in_row = above_rivals(odds)
    in_column = above_rivals(np.ascontiguousarray(odds.T)).T
    mutual = (in_row > 0) & (in_column > 0)
    chosen = mutual.any(axis=1)
    alone = len(fields.tables) == 1
    return {
        "odds": np.clip(odds, -FARTHEST, FARTHEST),
        "above_row": np.clip(in_row, -FARTHEST, FARTHEST),
        "ahead_in_column": np.clip(in_column, 0, FARTHEST),
        "ahead_of_many": np.clip(in_column, 0, FARTHEST) * np.float32(len(odds) / (len(odds) + MANY)),
        "mutual": mutual.astype(np.float32),
        "votes": _votes(scores),
        "from_table": context["from_table"],
        "from_entity": context["from_entity"],
        **table_agreement(odds, columns, fields),
        "own_name": _best_known(scores, BY_NAME),
        "table_name": np.nan_to_num(scores["table_name"]),
        "wanted_in_table": context["wanted_in_table"],
        "apart": 1.0 - _best_known(scores, (*BY_NAME, "described_name", *BY_VALUES)),
        "contradictions": _contradictions(scores),
        "unvouched": _unvouched(scores, fields),
        "mutual_share": np.full(odds.shape, float(chosen.mean()), dtype=np.float32),
        "chosen_in_table": _for_row(_mean_of_table(np.asarray(chosen), columns.table_index), odds),
        "surest": np.clip(np.minimum(_against_row(odds), _against_row(odds.T).T), -MOST_UNSURE, SURE_ENOUGH),
        "one_table": np.full(odds.shape, float(alone), dtype=np.float32),
        "from_table_of_many": np.zeros_like(odds) if alone else context["from_table"],
        "crowding": np.full(odds.shape, float(np.log(odds.shape[0] / odds.shape[1])), dtype=np.float32),
        "choice": np.full(odds.shape, float(np.log1p(odds.shape[1])), dtype=np.float32),
    }


def weigh_confidence(features: Mapping[str, FloatMatrix], weights: Mapping[str, float]) -> FloatMatrix:
    """The logit of the confidence of every pair."""
    total = np.full(next(iter(features.values())).shape, weights.get("base", 0.0), dtype=np.float32)
    for name, matrix in features.items():
        total += matrix * np.float32(weights.get(name, 0.0))
    return total


def runner_up_features(best: FloatMatrix, heard: FloatMatrix) -> dict[str, FloatMatrix]:
    """What the confidence of the fields behind a column's best one depends on, for every pair.

    ``best`` is the logit of the confidence of each column's best pair, one for each row; ``behind`` is how far the
    log-odds of a pair lie below those of that best one. So a field that is nearly as
    good as an unsure best one is unsure, too, and one that is far behind a sure one is no second sure one.
    """
    return {
        "best": np.repeat(np.clip(best, -FARTHEST, FARTHEST)[:, None], heard.shape[1], axis=1),
        "behind": np.clip(heard - heard.max(axis=1, keepdims=True), -FARTHEST, 0.0),
    }


def sigmoid(logit: FloatMatrix | DoubleMatrix) -> DoubleMatrix:
    """Log-odds as a probability."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(logit, dtype=np.float64))))


def _best_known(scores: Mapping[str, FloatMatrix], names: Sequence[str]) -> FloatMatrix:
    """The highest of some scores; 0 where none is known."""
    return np.asarray(np.max([np.nan_to_num(scores[name]) for name in names], axis=0), dtype=np.float32)


def _contradictions(scores: Mapping[str, FloatMatrix]) -> FloatMatrix:
    """How many kinds of evidence are known and speak against each pair."""
    against = np.sum([scores[name] < least for name, least in CONTRADICTED.items()], axis=0)
    known = np.any([~np.isnan(scores[name]) for name in BY_VALUES], axis=0)
    strange = known & (_best_known(scores, BY_VALUES) < NOTHING_SHARED)
    return np.asarray(against + (strange & (_best_known(scores, BY_NAME) < NAMES_APART)), dtype=np.float32)


def _unvouched(scores: Mapping[str, FloatMatrix], fields: Side) -> FloatMatrix:
    bare = np.array([field.sketch is None and not field.description for field in fields.columns])
    if bare.mean() > MOSTLY_KNOWN:
        bare[:] = False
    return np.asarray(bare[None, :] & (_best_known(scores, BY_NAME) < CALLED_ALIKE), dtype=np.float32)


def _against_row(odds: FloatMatrix) -> FloatMatrix:
    """The log-odds of each pair against all others of its row together, and against none of them."""
    grown = np.exp(np.clip(odds, -STEEPEST, STEEPEST).astype(np.float64))
    others = np.maximum(grown.sum(axis=1, keepdims=True) - grown, 0.0)
    return np.asarray(odds - np.log1p(others), dtype=np.float32)


def _mean_of_table(flags: npt.NDArray[np.bool_], table: IntVector) -> npt.NDArray[np.float64]:
    """For each column the share of its table's columns that are flagged."""
    return np.asarray((np.bincount(table, weights=flags) / np.bincount(table))[table])


def _for_row(figures: npt.NDArray[np.float64], odds: FloatMatrix) -> FloatMatrix:
    return np.repeat(figures[:, None], odds.shape[1], axis=1).astype(np.float32)


def _votes(scores: Mapping[str, FloatMatrix]) -> FloatMatrix:
    """The share of the signals that know anything which put the pair first in its row, alone and clearly."""
    votes, voters = np.zeros((2, *next(iter(scores.values())).shape), dtype=np.float32)
    for matrix in scores.values():
        known = np.nan_to_num(matrix)
        votes += (above_rivals(known) > 0) & (known >= VOTE_FLOOR)
        voters += ~np.isnan(matrix)
    return np.asarray(votes / np.maximum(voters, 1), dtype=np.float32)
