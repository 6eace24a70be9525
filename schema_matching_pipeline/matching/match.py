"""Proposals for a client: candidates, the best one-to-one whole, reasons and objections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from schema_matching_pipeline.matching.assignment import assign, claimants
from schema_matching_pipeline.matching.candidates import candidates_of
from schema_matching_pipeline.matching.cast_rule import rule_for
from schema_matching_pipeline.matching.confidence import sigmoid
from schema_matching_pipeline.matching.decided import with_decisions
from schema_matching_pipeline.matching.earlier_nothing import Rows, doubt_refused, nothing_before
from schema_matching_pipeline.matching.engine import MOST_CERTAIN, Ranking, rank_fields
from schema_matching_pipeline.matching.explanation import NOTHING_BEFORE, explain, explain_nothing, objections
from schema_matching_pipeline.matching.lone_column import doubt_lone
from schema_matching_pipeline.matching.model_choice import LANGUAGE_MODEL, heed_choices, objection_of
from schema_matching_pipeline.matching.plausibility import Objections, doubt_implausible
from schema_matching_pipeline.matching.refused_before import doubt_refused_before
from schema_matching_pipeline.matching.side import Side, canonical_side, client_side
from schema_matching_pipeline.matching.weights import CombinerWeights, packaged_weights
from schema_matching_pipeline.matching.worth_asking import Question, Unsettled, worth_asking
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.matching import (
    Candidate,
    Correspondence,
    MappingProposal,
    MappingSource,
    ModelChoice,
)
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import ColumnRef

_SOURCES = {"history": MappingSource.HISTORY, LANGUAGE_MODEL: MappingSource.LANGUAGE_MODEL}


@dataclass(frozen=True)
class _Match:
    """Everything the proposal is told from."""

    columns: Side
    fields: Side
    ranking: Ranking
    candidates: tuple[tuple[Candidate, ...], ...]
    chosen: tuple[int, ...]
    claims: tuple[tuple[int, ...], ...]
    rejected: frozenset[tuple[ColumnRef, FieldRef]]
    refused: frozenset[ColumnRef]
    nothing_before: Rows
    asked: dict[int, Question]
    choices: Mapping[ColumnRef, ModelChoice]
    implausible: Objections


def propose_mapping(
    profile: SourceProfile,
    classification: Classification,
    knowledge: Knowledge,
    policy: MatchPolicy = MatchPolicy(),  # noqa: B008  # frozen value
    *,
    excluded: frozenset[ColumnRef] = frozenset(),
    choices: Sequence[ModelChoice] = (),
    weights: CombinerWeights | None = None,
) -> MappingProposal:
    """One correspondence for every column that is not excluded; ``choices`` are those of a language model.

    ``target`` is None below the review floor, unless there is a question that is worth a person's time.
    """
    columns, fields = client_side(profile.tables, classification, excluded), canonical_side(knowledge)
    trained = weights or packaged_weights()
    correspondences: dict[ColumnRef, Correspondence] = {}
    if columns.columns and fields.columns:
        heard = {choice.ref: choice for choice in choices}
        match = _match(columns, fields, knowledge, heard, policy, trained)
        correspondences = {
            ref: _correspondence(match, row, policy, trained) for row, ref in enumerate(columns.refs)
        }
    in_order = [ColumnRef(table=c.table, column=c.column) for c in profile.columns]
    return MappingProposal(
        correspondences=tuple(
            correspondences.get(ref) or _nothing_to_match(ref) for ref in in_order if ref not in excluded
        ),
        canonical_digest=knowledge.canonical.fingerprint(),
        knowledge_version=knowledge.version,
    )


def _nothing_to_match(ref: ColumnRef) -> Correspondence:
    return Correspondence(ref=ref, target=None, confidence=1.0, explanation=explain_nothing(None))


def _match(
    columns: Side,
    fields: Side,
    knowledge: Knowledge,
    choices: Mapping[ColumnRef, ModelChoice],
    policy: MatchPolicy,
    weights: CombinerWeights,
) -> _Match:
    ranked = rank_fields(columns, fields, weights, kept=policy.candidates_kept, knowledge=knowledge)
    by_signals, implausible = doubt_implausible(ranked, columns, fields, policy)
    shifted = with_decisions(by_signals, knowledge.reviewed, policy)
    before = nothing_before(columns, knowledge.past_mappings, policy)
    doubted = doubt_refused(shifted, before, policy)
    damped, refused_before = doubt_refused_before(
        doubted, columns, fields, knowledge.refused_before, knowledge.past_mappings, policy
    )
    heeded = heed_choices(damped, columns, fields, choices, knowledge.thresholds.of, policy)
    ranking, alone = doubt_lone(heeded, columns, fields, policy)
    rejected = frozenset((pair.ref, pair.target) for pair in knowledge.rejected_pairs)
    offered = ranking.confidence * _still_open(columns, fields, ranking, rejected)
    shared = frozenset(
        index
        for index, field in enumerate(fields.columns)
        if (known := knowledge.canonical.field(_target(fields, index))) and not known.one_source
    )
    chosen = assign(
        ranking.fields, np.where(offered < policy.review_floor, 0.0, offered), columns.table_index, shared
    )
    assigned = {
        row: int(ranking.fields[row, rank])
        for row, rank in enumerate(chosen)
        if rank < ranking.fields.shape[1] and offered[row, rank] >= policy.review_floor
    }
    refused = frozenset(ref for ref, _ in rejected)
    silent = frozenset(row for row, ref in enumerate(columns.refs) if before[row] or ref in refused)
    strong = (ranking.confidence[:, 0] >= policy.review_floor).tolist()
    return _Match(
        columns=columns,
        fields=fields,
        ranking=ranking,
        candidates=candidates_of(ranking, [_target(fields, i) for i in range(len(fields.columns))], policy),
        chosen=chosen,
        claims=claimants(ranking.fields, columns.table_index, chosen, strong),
        rejected=rejected,
        refused=refused,
        nothing_before=before,
        asked=worth_asking(Unsettled(columns, fields, ranking, offered, assigned, silent), policy),
        choices=choices,
        implausible={**refused_before, **alone, **implausible},
    )


def _still_open(
    columns: Side, fields: Side, ranking: Ranking, rejected: frozenset[tuple[ColumnRef, FieldRef]]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """1 for candidates that may be proposed, 0 for pairs that a person refused."""
    still_open = np.ones(ranking.fields.shape)
    refused = {ref for ref, _ in rejected}
    for row, ref in enumerate(columns.refs):
        if ref in refused:
            for rank, position in enumerate(ranking.fields[row].tolist()):
                still_open[row, rank] = (ref, _target(fields, position)) not in rejected
    return still_open


def _target(fields: Side, position: int) -> FieldRef:
    field = fields.columns[position]
    return FieldRef(entity=field.table, field=field.name)


def _correspondence(match: _Match, row: int, policy: MatchPolicy, weights: CombinerWeights) -> Correspondence:
    ref = match.columns.refs[row]
    candidates = match.candidates[row]
    question = match.asked.get(row)
    rank = question.rank if question else match.chosen[row]
    best = candidates[rank] if rank < len(candidates) else None
    if best is None or not (question or _is_sure(match, ref, best, policy)):
        return _no_target(ref, candidates, match, row, weights)
    column, field = match.columns.columns[row], match.fields.columns[match.ranking.fields[row, rank]]
    implausible = match.implausible.get((row, int(match.ranking.fields[row, rank])))
    others = [candidate for index, candidate in enumerate(candidates) if index != rank]
    conflicts = tuple(match.columns.refs[other] for other in match.claims[row])
    scores = {
        name: float(m[row, match.ranking.fields[row, rank]]) for name, m in match.ranking.scores.items()
    }
    return Correspondence(
        ref=ref,
        target=best.target,
        confidence=best.confidence,
        candidates=candidates,
        source=_source(best),
        rule=rule_for(column, field),
        explanation=explain(column, field, best),
        objections=(
            *objections(column, field, scores, others[0] if others else None, best, conflicts),
            *([implausible] if implausible else []),
            *([NOTHING_BEFORE] if match.nothing_before[row] else []),
            *objection_of(match.choices.get(ref), best.target),
        ),
        conflicts=conflicts,
        question=question.why if question else "",
    )


def _is_sure(match: _Match, ref: ColumnRef, best: Candidate, policy: MatchPolicy) -> bool:
    """Whether the suggestion reaches the review floor, and nobody refused it."""
    return best.confidence >= policy.review_floor and (ref, best.target) not in match.rejected


def _no_target(
    ref: ColumnRef, candidates: tuple[Candidate, ...], match: _Match, row: int, weights: CombinerWeights
) -> Correspondence:
    """The answer "no target", as sure as the best field that is still free is unlikely."""
    taken = {
        match.candidates[other][match.chosen[other]].target: match.columns.refs[other]
        for other in match.claims[row]
        if match.chosen[other] < len(match.candidates[other])
    }
    nearest_free = next((rank for rank, c in enumerate(candidates) if c.target not in taken), None)
    logit = float(match.ranking.logits[row, nearest_free]) if nearest_free is not None else -MOST_CERTAIN
    logit_of_nothing = weights.nothing.get("base", 0.0) + weights.nothing.get("best", -1.0) * logit
    nearest = candidates[0] if candidates else None
    return Correspondence(
        ref=ref,
        target=None,
        confidence=float(sigmoid(np.array(logit_of_nothing))),
        candidates=candidates,
        explanation=explain_nothing(
            nearest,
            taken.get(nearest.target) if nearest else None,
            before=bool(match.nothing_before[row]),
        ),
        conflicts=tuple(match.columns.refs[other] for other in match.claims[row]),
        at_rest=ref in match.refused,
    )


def _source(best: Candidate) -> MappingSource:
    """History or a language model where it adds more than any other signal, else detected."""
    strongest = max(best.signals, key=lambda signal: signal.share)
    return _SOURCES.get(strongest.signal, MappingSource.AUTO_DETECTED)
