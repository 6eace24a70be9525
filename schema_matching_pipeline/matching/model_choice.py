"""What a language model chose, as one capped share of a confidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from schema_matching_pipeline.matching.engine import MOST_CERTAIN, STEP, Ranking
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.words import DoubleMatrix
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import ModelChoice
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import EntityThreshold

LANGUAGE_MODEL = "language_model"


def heed_choices(
    ranking: Ranking,
    columns: Side,
    fields: Side,
    choices: Mapping[ColumnRef, ModelChoice],
    threshold_of: Callable[[str], EntityThreshold],
    policy: MatchPolicy,
) -> Ranking:
    """The ranking with chosen fields raised, and columns for which none was chosen lowered, in a new order.

    What was below the threshold of its entity stays below it, however sure the model is, and what reaches the review
    floor stays there: a model alone neither accepts a pair nor keeps one from people.
    """
    moved = np.zeros_like(ranking.logits)
    for row, ref in enumerate(columns.refs):
        if ref in choices and choices[ref].answered:
            moved[row] = _moved(ranking, fields, row, choices[ref], threshold_of, policy)
    if not moved.any():
        return ranking
    shares = {**ranking.shares, LANGUAGE_MODEL: moved}
    return _in_order(replace(ranking, logits=np.asarray(ranking.logits + moved), shares=shares))


def objection_of(choice: ModelChoice | None, proposed: FieldRef) -> tuple[str, ...]:
    """What a language model has against a proposal, or that it said nothing; empty where it agrees or was not asked."""
    if choice is None or choice.chosen == proposed:
        return ()
    if not choice.answered:
        return (choice.why_not,) if choice.why_not else ()
    if proposed not in choice.shown:
        return ()
    return (f"a language model chose {choice.chosen or 'none of its candidates'}",)


def _moved(
    ranking: Ranking,
    fields: Side,
    row: int,
    choice: ModelChoice,
    threshold_of: Callable[[str], EntityThreshold],
    policy: MatchPolicy,
) -> DoubleMatrix:
    """By how much the candidates of one column move."""
    logits, gain = ranking.logits[row], policy.model_gain * choice.confidence
    moved = np.zeros(len(logits))
    if choice.chosen is None:
        floor = _log_odds(policy.review_floor) + STEP
        lowered = min(gain, logits[0] - floor) if logits[0] >= floor else gain
        moved[:] = np.maximum(-lowered, np.minimum(-MOST_CERTAIN - logits, 0.0))
        return moved
    for rank, position in enumerate(ranking.fields[row].tolist()):
        field = fields.columns[position]
        if FieldRef(entity=field.table, field=field.name) == choice.chosen:
            bar = _log_odds(threshold_of(field.table).effective_threshold) - STEP
            moved[rank] = min(gain, max(0.0, bar - logits[rank]))
    return moved


def _in_order(ranking: Ranking) -> Ranking:
    """Every column's candidates by descending confidence again."""
    order = np.argsort(-ranking.logits, axis=1, kind="stable")
    return replace(
        ranking,
        fields=np.take_along_axis(ranking.fields, order, axis=1),
        logits=np.take_along_axis(ranking.logits, order, axis=1),
        shares={name: np.take_along_axis(share, order, axis=1) for name, share in ranking.shares.items()},
    )


def _log_odds(probability: float) -> float:
    """The logit, within what any confidence may have."""
    with np.errstate(divide="ignore"):
        found = np.log(np.float64(probability)) - np.log1p(-np.float64(probability))
    return float(np.clip(found, -MOST_CERTAIN, MOST_CERTAIN))
