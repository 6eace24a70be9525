"""Runs matchers on a task whose truth is known: ours, and published ones beside it."""

from __future__ import annotations

from time import perf_counter

from pydantic import SecretStr

from schema_matching_pipeline.matching import TaskPrediction, score_predictions
from schema_matching_pipeline.model.bench import TaskScore, TaskSide, TaskTruth
from schema_matching_pipeline.model.source import SourceAddress, SourceSnapshot
from schema_matching_pipeline.ports import PeerMatcher, SourceOpener
from schema_matching_pipeline.workflows.match_schemas import match_schemas
from schema_matching_pipeline.workflows.world import Policies

OURS = "smp"


def score_ours(
    sources: SourceOpener, truth: TaskTruth, source: TaskSide, target: TaskSide, policies: Policies
) -> TaskScore:
    """How our matcher does on a task with default settings; its seconds include reading both sides.

    Raises:
        SourceError: a side cannot be opened.
    """
    started = perf_counter()
    found = match_schemas(sources, _address(source), _address(target), policies)
    seconds = perf_counter() - started
    return score_predictions(
        found.predictions,
        truth,
        source.columns,
        matcher=OURS,
        floor=policies.match.review_floor,
        seconds=seconds,
    )


def score_peer(
    name: str, peer: PeerMatcher, truth: TaskTruth, source: TaskSide, target: TaskSide, policies: Policies
) -> TaskScore:
    """How a peer does on the same task.

    Raises:
        MissingExtraError: its package is not installed.
        MissingDataError: what its package fetches for itself is not there.
    """
    started = perf_counter()
    predictions = tuple(
        TaskPrediction(
            source_table=column.table,
            source_column=column.column,
            target_table=field.table,
            target_column=field.column,
            score=score,
        )
        for column, field, score in peer(source, target)
    )
    seconds = perf_counter() - started
    return score_predictions(
        predictions,
        truth,
        source.columns,
        matcher=name,
        floor=policies.match.review_floor,
        seconds=seconds,
    )


def _address(side: TaskSide) -> tuple[SourceAddress, SourceSnapshot]:
    return SourceAddress(location=SecretStr(str(side.folder))), side.tables
