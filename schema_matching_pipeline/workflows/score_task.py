"""Runs matchers on a task whose truth is known: ours, and published ones beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from pydantic import SecretStr

from schema_matching_pipeline.matching import (
    TaskPrediction,
    choice_request,
    is_choice,
    score_predictions,
)
from schema_matching_pipeline.model.bench import TaskScore, TaskSide, TaskTruth
from schema_matching_pipeline.model.llm import ColumnAnswer, ColumnQuestion, Told
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.source import SourceAddress, SourceSnapshot
from schema_matching_pipeline.ports import LanguageModel, PeerMatcher, SourceOpener
from schema_matching_pipeline.workflows.ask_model import MemoryLedger, Questionnaire, ask_by_ledger
from schema_matching_pipeline.workflows.match_schemas import match_schemas
from schema_matching_pipeline.workflows.world import Policies

OURS = "smp"


@dataclass
class AskedModel:
    """A language model that is asked about doubtful columns of tasks, and what that took."""

    model: LanguageModel
    ledger: MemoryLedger
    columns: int = 0
    answered: int = 0

    @property
    def name(self) -> str:
        """As a matcher of its own, beside ours alone."""
        return f"{OURS} + {self.model.model}"

    @property
    def told(self) -> tuple[Told, ...]:
        """What may be told."""
        return self.ledger.policy.told

    def answers(self, questions: Sequence[ColumnQuestion]) -> Sequence[ColumnAnswer]:
        """One answer for each question, or why there is none."""
        if not questions:
            return ()
        form = Questionnaire(MatchPolicy().model_columns, choice_request, is_choice)
        given = ask_by_ledger(self.model, self.ledger, questions, form, about="bench").given
        self.columns += len(given)
        self.answered += sum(answer.text is not None for answer in given)
        return given


def score_ours(
    sources: SourceOpener,
    truth: TaskTruth,
    source: TaskSide,
    target: TaskSide,
    policies: Policies,
    *,
    asked: AskedModel | None = None,
) -> TaskScore:
    """How our matcher does on a task with default settings, perhaps with a language model.

    Its seconds include reading both sides, and what the model takes.

    Raises:
        SourceError: a side cannot be opened.
    """
    started = perf_counter()
    found = match_schemas(sources, _address(source), _address(target), policies, ask=asked)
    seconds = perf_counter() - started
    return score_predictions(
        found.predictions,
        truth,
        source.columns,
        matcher=asked.name if asked else OURS,
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
