"""Matching two sides that both have profiles: no canonical schema, no registry, nothing learned before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from schema_matching_pipeline.canon.told_of_column import told_of_column
from schema_matching_pipeline.matching.engine import Ranking, rank_fields
from schema_matching_pipeline.matching.model_choice import heed_choices
from schema_matching_pipeline.matching.model_question import choice_question, chosen_of
from schema_matching_pipeline.matching.side import Side, client_side
from schema_matching_pipeline.matching.weights import CombinerWeights, packaged_weights
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline.model.llm import ColumnAnswer, ColumnQuestion, Told
from schema_matching_pipeline.model.matching import ModelChoice
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import EntityThreshold


class TaskPrediction(Frozen):
    """One candidate: a column of the source, one of the target, and the calibrated confidence."""

    source_table: str
    source_column: str
    target_table: str
    target_column: str
    score: float


@dataclass(frozen=True)
class TaskRanking:
    """The candidates of every source column, before or after a language model was heard; None without columns."""

    columns: Side
    fields: Side
    ranking: Ranking | None

    @property
    def predictions(self) -> tuple[TaskPrediction, ...]:
        """The candidates of every source column, best first."""
        if self.ranking is None:
            return ()
        confidence = self.ranking.confidence
        return tuple(
            _prediction(ref, self.fields.refs[position], float(confidence[row, rank]))
            for row, ref in enumerate(self.columns.refs)
            for rank, position in enumerate(self.ranking.fields[row].tolist())
        )


def rank_task(
    source: SourceProfile,
    target: SourceProfile,
    source_classes: Classification,
    target_classes: Classification,
    policy: MatchPolicy = MatchPolicy(),  # noqa: B008  # frozen value
    *,
    weights: CombinerWeights | None = None,
) -> TaskRanking:
    """The best candidates of every source column; descriptions are the columns' comments."""
    columns, fields = client_side(source.tables, source_classes), client_side(target.tables, target_classes)
    if not columns.columns or not fields.columns:
        return TaskRanking(columns, fields, None)
    ranking = rank_fields(columns, fields, weights or packaged_weights(), kept=policy.candidates_kept)
    return TaskRanking(columns, fields, ranking)


def match_task(
    source: SourceProfile,
    target: SourceProfile,
    source_classes: Classification,
    target_classes: Classification,
    policy: MatchPolicy = MatchPolicy(),  # noqa: B008  # frozen value
    *,
    weights: CombinerWeights | None = None,
) -> tuple[TaskPrediction, ...]:
    """The best candidates of every source column, best first, without a language model."""
    return rank_task(source, target, source_classes, target_classes, policy, weights=weights).predictions


def task_questions(
    ranked: TaskRanking, source: SourceProfile, told: Collection[Told], policy: MatchPolicy
) -> tuple[ColumnQuestion, ...]:
    """One for each doubtful source column: likely enough to be asked about, and below the bar of what is accepted."""
    if ranked.ranking is None:
        return ()
    profiles, best = source.by_ref(), ranked.ranking.confidence[:, 0].tolist()
    return tuple(
        choice_question(profiles[ref], _candidates(ranked, row, policy), shown)
        for row, ref in enumerate(ranked.columns.refs)
        if policy.model_asked_from <= best[row] < policy.model_bar
        and (shown := told_of_column(profiles[ref], told))
    )


def with_choices(
    ranked: TaskRanking,
    asked: Sequence[ColumnQuestion],
    answers: Sequence[ColumnAnswer],
    policy: MatchPolicy,
) -> TaskRanking:
    """The ranking with what a language model chose; alone it lifts no pair over the bar."""
    if ranked.ranking is None:
        return ranked
    targets = {str(ref): FieldRef(entity=ref.table, field=ref.column) for ref in ranked.fields.refs}
    given = {answer.ref: answer.text for answer in answers}
    choices = {
        question.ref: ModelChoice(
            ref=question.ref, shown=(), chosen=targets[said[0]] if said[0] else None, confidence=said[1]
        )
        for question in asked
        if (said := chosen_of(question, given.get(question.ref))) is not None
    }

    def bar_of(table: str) -> EntityThreshold:
        return EntityThreshold(
            entity=table,
            risk_class=RiskClass.OPTIONAL,
            effective_threshold=policy.model_bar,
            validation_required=False,
        )

    return replace(
        ranked, ranking=heed_choices(ranked.ranking, ranked.columns, ranked.fields, choices, bar_of, policy)
    )


def _candidates(ranked: TaskRanking, row: int, policy: MatchPolicy) -> dict[str, str]:
    """The likeliest target columns by name, each with its type and description."""
    assert ranked.ranking is not None  # noqa: S101
    positions = ranked.ranking.fields[row, : policy.model_candidates].tolist()
    return {str(ranked.fields.refs[at]): _about(ranked.fields, at) for at in positions}


def _about(fields: Side, position: int) -> str:
    field = fields.columns[position]
    declared = field.profile.data_type if field.profile else ""
    return "; ".join(filter(None, (declared, field.description)))


def _prediction(source: ColumnRef, target: ColumnRef, score: float) -> TaskPrediction:
    return TaskPrediction(
        source_table=source.table,
        source_column=source.column,
        target_table=target.table,
        target_column=target.column,
        score=score,
    )
