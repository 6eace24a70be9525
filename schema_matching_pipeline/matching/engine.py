"""The matcher between any two sides: signals, combiner, context, confidence; candidates with their shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from schema_matching_pipeline.matching.combiner import log_odds
from schema_matching_pipeline.matching.confidence import (
    confidence_features,
    runner_up_features,
    sigmoid,
    weigh_confidence,
)
from schema_matching_pipeline.matching.context import context_features, weigh_context
from schema_matching_pipeline.matching.evidence import gather_evidence
from schema_matching_pipeline.matching.features import features_of
from schema_matching_pipeline.matching.shares import Judgement, shares_of
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.weights import CombinerWeights
from schema_matching_pipeline.matching.words import DoubleMatrix, FloatMatrix, IntVector
from schema_matching_pipeline.model.knowledge import Knowledge

STEP = 1e-4  # logits of neighbours in a ranking differ at least by this
BY_CONTEXT = 4  # so many first places go by the whole context, the next one by a pair's own evidence
MOST_CERTAIN = 9.0  # no confidence comes nearer to 0 or 1 than this logit


@dataclass(frozen=True)
class Ranking:
    """The best fields of every column: positions, logits of their confidence, and shares by signal.

    ``fields`` and ``logits`` are columns x rank; each share has the same shape, and all shares sum to the
    logits. ``scores`` are the raw scores of every pair by signal.
    """

    fields: IntVector
    logits: DoubleMatrix
    shares: Mapping[str, DoubleMatrix]
    scores: Mapping[str, FloatMatrix]

    @property
    def confidence(self) -> DoubleMatrix:
        """Columns x rank, descending along each row."""
        return sigmoid(self.logits)


def rank_fields(
    columns: Side, fields: Side, weights: CombinerWeights, *, kept: int, knowledge: Knowledge | None = None
) -> Ranking:
    """The best ``kept`` fields of every column, with calibrated confidence; knowledge comes with a canonical model."""
    judging = weights.against_model() if knowledge is not None else weights
    scores = signal_scores(columns, fields, knowledge)
    features = features_of(columns, fields, scores)
    odds = log_odds(features, weights)
    context = context_features(odds, columns, fields)
    best = best_fields(weigh_context(context, weights.context), odds, kept)
    heard = weigh_context(context, judging.context)
    judged = confidence_features(heard, context, scores, columns, fields)
    logits = weigh_confidence(judged, judging.confidence)
    rows = np.repeat(np.arange(best.shape[0]), best.shape[1])
    shares = shares_of(Judgement(features, scores, context, heard, judged, judging), (rows, best.ravel()))
    told = np.take_along_axis(logits, best, axis=1)
    if judging.runner_up:
        behind = weigh_confidence(runner_up_features(told[:, 0], heard), judging.runner_up)
        told[:, 1:] = np.take_along_axis(behind, best, axis=1)[:, 1:]
    told = with_its_own(told)
    ranked = _descending(np.clip(told, -MOST_CERTAIN, MOST_CERTAIN))
    shares["ranking"] = ranked.ravel() - sum(shares.values())
    return Ranking(
        fields=best,
        logits=ranked,
        shares={name: share.reshape(best.shape) for name, share in shares.items()},
        scores=scores,
    )


def signal_scores(columns: Side, fields: Side, knowledge: Knowledge | None) -> dict[str, FloatMatrix]:
    """Every signal's matrix."""
    evidence = gather_evidence(columns, fields, knowledge)
    return {name: signal(columns, fields, evidence) for name, signal in SIGNALS.items()}


def best_fields(heard: FloatMatrix, odds: FloatMatrix, kept: int) -> IntVector:
    """Positions of the best fields in each row: by the log-odds that heard the context, in descending order, ties by position.

    The place after the first few goes to the best field by a pair's own evidence that is not among those: where the
    tables mislead, they mislead about all of them together.
    """
    order = np.argsort(-heard, axis=1, kind="stable")
    if order.shape[1] > BY_CONTEXT:
        first, others = order[:, :BY_CONTEXT], order[:, BY_CONTEXT:]
        left = odds.copy()
        np.put_along_axis(left, first, -np.inf, axis=1)
        own = left.argmax(axis=1)[:, None]
        behind = others[others != own].reshape(len(order), -1)
        order = np.concatenate([first, own, behind], axis=1)
    return np.asarray(order[:, :kept])


def with_its_own(logits: FloatMatrix) -> FloatMatrix:
    """The field that its own evidence brought forward is no less sure than the one that it stands before."""
    if logits.shape[1] > BY_CONTEXT + 1:
        logits = logits.copy()
        logits[:, BY_CONTEXT] = np.maximum(logits[:, BY_CONTEXT], logits[:, BY_CONTEXT + 1])
    return logits


def _descending(logits: FloatMatrix) -> DoubleMatrix:
    """Each at least a step below the one before it, so that the score tells the ranking."""
    steps = STEP * np.arange(logits.shape[1])
    return np.asarray(np.minimum.accumulate(logits.astype(np.float64) + steps, axis=1) - steps)
