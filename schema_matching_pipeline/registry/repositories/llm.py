"""What may be told to language models, what they said of columns, and every question that left, with its cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.llm import KeptAnswer, LLMCall, LLMPolicy, LLMUse
from schema_matching_pipeline.model.registry import LLMCallRecord
from schema_matching_pipeline.registry.transaction import Transaction, to_json

_POLICY = """
select told, monthly_tokens, monthly_cost from smp.llm_policies
where client is null or client = :client order by client nulls last limit 1
"""

_SET_POLICY = """
insert into smp.llm_policies as kept (client, told, monthly_tokens, monthly_cost)
values (:client, cast(:told as text[]), :monthly_tokens, :monthly_cost)
on conflict (tenant_id, client) do update
set told = excluded.told, monthly_tokens = excluded.monthly_tokens, monthly_cost = excluded.monthly_cost,
    updated_at = now()
where (kept.told, kept.monthly_tokens, kept.monthly_cost)
      is distinct from (excluded.told, excluded.monthly_tokens, excluded.monthly_cost)
"""

_ANSWERS = """
update smp.classification_cache set uses = uses + 1 where digest = any(:digests)
returning digest, prompt, prompt_version, provider, model, answer as text
"""

_KEEP = """
insert into smp.classification_cache (digest, prompt, prompt_version, provider, model, answer)
select value ->> 'digest', value ->> 'prompt', value ->> 'prompt_version', value ->> 'provider', value ->> 'model',
       value ->> 'text'
from jsonb_array_elements(cast(:answers as jsonb)) as given (value)
on conflict (tenant_id, digest) do update
set provider = excluded.provider, model = excluded.model, answer = excluded.answer
"""

_NOTE = """
insert into smp.llm_calls
    (client, prompt, prompt_version, request_digest, question, columns, told, outcome, provider, model, prompt_tokens,
     completion_tokens, cost, asked_at)
values (:client, :prompt, :prompt_version, :digest, :question, :columns, cast(:told as text[]), :outcome, :provider,
        :model, :prompt_tokens, :completion_tokens, :cost, :asked_at)
"""

_USED = """
select count(*) as calls, count(*) filter (where outcome = 'answered') as answered,
       count(*) filter (where outcome = 'unusable') as unusable, count(*) filter (where outcome = 'failed') as failed,
       coalesce(sum(prompt_tokens), 0)::bigint as prompt_tokens,
       coalesce(sum(completion_tokens), 0)::bigint as completion_tokens,
       coalesce(sum(cost), 0) as cost, count(*) filter (where cost is null and outcome <> 'failed') as unpriced
from smp.llm_calls where asked_at >= :since and (cast(:client as text) is null or client = :client)
"""

_CALLS = """
select client, asked_at, prompt, prompt_version, request_digest, columns, told, outcome, provider, model,
       prompt_tokens, completion_tokens, cost, question
from smp.llm_calls where cast(:client as text) is null or client = :client order by id desc limit :limit
"""


class Llm:
    """Language models, as one tenant asks them."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def policy(self, client: ClientId | None) -> LLMPolicy:
        """What holds for a client: its own policy, else the tenant's, else that nothing is told."""
        row = self._transaction.row(_POLICY, client=client)
        return LLMPolicy.model_validate(dict(row)) if row else LLMPolicy()

    def set_policy(self, client: ClientId | None, policy: LLMPolicy) -> None:
        """Says what holds for a client, or for all clients of the tenant that have no policy of their own.

        Raises:
            NotAllowedError: the unit of work was not opened by a person who may manage the client.
        """
        self._transaction.run(
            _SET_POLICY,
            client=client,
            told=[str(kind) for kind in policy.told],
            monthly_tokens=policy.monthly_tokens,
            monthly_cost=policy.monthly_cost,
        )

    def answers(self, digests: Sequence[str]) -> dict[str, KeptAnswer]:
        """What was said when the same was asked before."""
        rows = self._transaction.rows(_ANSWERS, digests=list(digests))
        return {str(row["digest"]): KeptAnswer.model_validate(dict(row)) for row in rows}

    def keep(self, answers: Sequence[KeptAnswer]) -> None:
        """Keeps answers for the next time the same is asked."""
        self._transaction.run(_KEEP, answers=to_json(tuple(answers)))

    def note(self, client: ClientId, call: LLMCall, asked_at: datetime) -> None:
        """Keeps a question as it left, and what it took."""
        self._transaction.run(
            _NOTE,
            client=client,
            prompt=call.request.prompt,
            prompt_version=call.request.prompt_version,
            digest=call.request.fingerprint(),
            question=call.request.user.replace("\0", ""),
            columns=call.columns,
            told=[str(kind) for kind in call.told],
            outcome=str(call.outcome),
            provider=call.provider,
            model=call.model,
            prompt_tokens=call.use.prompt_tokens,
            completion_tokens=call.use.completion_tokens,
            cost=call.cost,
            asked_at=asked_at,
        )

    def used(self, client: ClientId | None, since: datetime) -> LLMUse:
        """What questions took since a moment, about one client or all of the tenant."""
        return LLMUse.model_validate(dict(self._transaction.one(_USED, client=client, since=since)))

    def calls(self, client: ClientId | None, *, limit: int) -> tuple[LLMCallRecord, ...]:
        """The newest questions that left, newest first."""
        rows = self._transaction.rows(_CALLS, client=client, limit=limit)
        return tuple(LLMCallRecord.model_validate(dict(row)) for row in rows)
