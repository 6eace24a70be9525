"""What a monitoring system watches of a tenant: counts and ages, of clients by their slug and of nothing by its value."""

from __future__ import annotations

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.llm import CallOutcome
from schema_matching_pipeline.model.pipeline import Phase, PipelineState
from schema_matching_pipeline.model.review import ItemKind


class WaitingFigure(Frozen):
    """Items of one kind that wait for people, and for how long the oldest of them does."""

    client: ClientId
    kind: ItemKind
    items: int
    oldest_seconds: float


class RunFigure(Frozen):
    """Runs that stand in a state, by the phase they entered last; None before the first."""

    client: ClientId
    phase: Phase | None
    state: PipelineState
    runs: int


class ModelFigure(Frozen):
    """What language models were asked about a client, and what that took."""

    client: ClientId
    outcome: CallOutcome
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float


class CheckFigure(Frozen):
    """How often checks of a client failed, by how bad that is, and how many of them fail as they last ran."""

    client: ClientId
    severity: str
    failures: int
    failing: int


class DecisionFigure(Frozen):
    """Decisions that people made, or took back."""

    client: ClientId
    decision: str
    decisions: int


class Metrics(Frozen):
    """All figures of the clients that the reader may see."""

    waiting: tuple[WaitingFigure, ...]
    runs: tuple[RunFigure, ...]
    models: tuple[ModelFigure, ...]
    checks: tuple[CheckFigure, ...]
    decisions: tuple[DecisionFigure, ...]
