"""Matching two sides that both have profiles: no canonical schema, no registry, nothing learned before."""

from __future__ import annotations

from schema_matching_pipeline.matching.engine import rank_fields
from schema_matching_pipeline.matching.side import client_side
from schema_matching_pipeline.matching.weights import CombinerWeights, packaged_weights
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import ColumnRef


class TaskPrediction(Frozen):
    """One candidate: a column of the source, one of the target, and the calibrated confidence."""

    source_table: str
    source_column: str
    target_table: str
    target_column: str
    score: float


def match_task(
    source: SourceProfile,
    target: SourceProfile,
    source_classes: Classification,
    target_classes: Classification,
    policy: MatchPolicy = MatchPolicy(),  # noqa: B008  # frozen value
    *,
    weights: CombinerWeights | None = None,
) -> tuple[TaskPrediction, ...]:
    """The best candidates of every source column, best first; descriptions are the columns' comments."""
    columns, fields = client_side(source.tables, source_classes), client_side(target.tables, target_classes)
    if not columns.columns or not fields.columns:
        return ()
    ranking = rank_fields(columns, fields, weights or packaged_weights(), kept=policy.candidates_kept)
    confidence = ranking.confidence
    return tuple(
        _prediction(ref, fields.refs[position], float(confidence[row, rank]))
        for row, ref in enumerate(columns.refs)
        for rank, position in enumerate(ranking.fields[row].tolist())
    )


def _prediction(source: ColumnRef, target: ColumnRef, score: float) -> TaskPrediction:
    return TaskPrediction(
        source_table=source.table,
        source_column=source.column,
        target_table=target.table,
        target_column=target.column,
        score=score,
    )
