"""Figures of a tenant's clients for a monitoring system, each kind in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.metrics import (
    CheckFigure,
    DecisionFigure,
    Metrics,
    ModelFigure,
    RunFigure,
    WaitingFigure,
)
from schema_matching_pipeline.registry.transaction import Transaction

Figure = TypeVar("Figure", bound=Frozen)

_AMONG = "(cast(:among as text[]) is null or client = any (cast(:among as text[])))"

_WAITING = f"""
select client, kind, count(*) as items, extract(epoch from now() - min(opened_at)) as oldest_seconds
from smp.review_items where state in ('open', 'awaiting_second') and {_AMONG} group by client, kind
order by client, kind
"""

_RUNS = f"""
select client, phase, state, count(*) as runs from smp.pipeline_runs where {_AMONG}
group by client, phase, state order by client, phase, state
"""

_MODELS = f"""
select client, outcome, count(*) as calls, sum(prompt_tokens)::bigint as prompt_tokens,
       sum(completion_tokens)::bigint as completion_tokens, coalesce(sum(cost), 0) as cost
from smp.llm_calls where {_AMONG} group by client, outcome order by client, outcome
"""

_CHECKS = f"""
with newest as (
    select distinct on (client, check_name) id from smp.check_results where {_AMONG}
    order by client, check_name, id desc
)
select client, severity, count(*) as failures, count(newest.id) as failing
from smp.check_results as results left join newest using (id)
where not passed and {_AMONG} group by client, severity order by client, severity
"""

_DECISIONS = f"""
select client, decision, count(*) as decisions from smp.review_actions where {_AMONG}
group by client, decision order by client, decision
"""


class Measures:
    """What a monitoring system watches of one tenant."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def metrics(self, among: Sequence[ClientId] | None = None) -> Metrics:
        """The figures of all clients, or of some."""
        return Metrics(
            waiting=self._figures(WaitingFigure, _WAITING, among),
            runs=self._figures(RunFigure, _RUNS, among),
            models=self._figures(ModelFigure, _MODELS, among),
            checks=self._figures(CheckFigure, _CHECKS, among),
            decisions=self._figures(DecisionFigure, _DECISIONS, among),
        )

    def _figures(
        self, kind: type[Figure], statement: str, among: Sequence[ClientId] | None
    ) -> tuple[Figure, ...]:
        rows = self._transaction.rows(statement, among=None if among is None else list(among))
        return tuple(kind.model_validate(dict(row)) for row in rows)
