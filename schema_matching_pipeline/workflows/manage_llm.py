"""What may be told to a language model about a client, what a month may take, and what it took."""

from __future__ import annotations

from collections.abc import Sequence

from schema_matching_pipeline.model.access import Actor, Permission, require, require_whole_tenant
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.llm import LLMPolicy, LLMUse, Told
from schema_matching_pipeline.model.registry import LLMCallRecord
from schema_matching_pipeline.workflows.ask_model import month_begin
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class LLMChange(Frozen):
    """What is to change of a policy; None leaves it as it is, ``any_cost`` takes the bound of the cost away."""

    told: tuple[Told, ...] | None = None
    monthly_tokens: int | None = None
    monthly_cost: float | None = None
    any_cost: bool = False


class LLMReport(Frozen):
    """What holds for a client, or for all of the tenant that have no policy of their own, and what was taken.

    ``model`` is the model asked first, None where none is configured; ``month`` is what this month took, ``ever``
    all time; ``calls`` are the newest questions as they left.
    """

    client: str | None
    model: str | None
    policy: LLMPolicy
    month: LLMUse
    ever: LLMUse
    calls: tuple[LLMCallRecord, ...] = ()


def show_llm(world: World, actor: Actor, client: str | None, *, calls: int = 0) -> LLMReport:
    """The policy in force and the use of language models, with the newest questions if wanted.

    Raises:
        NotAllowedError: the actor may not see the client, or not all of them.
        UnknownNameError: there is no such client.
    """
    _require(actor, Permission.READ, client)
    now = world.clock.now()
    with open_as(world, actor) as unit:
        if client is not None:
            unit.clients.get(client)
        return LLMReport(
            client=client,
            model=world.model.model if world.model else None,
            policy=unit.llm.policy(client),
            month=unit.llm.used(client, month_begin(now)),
            ever=unit.llm.used(client, now.replace(year=1970)),
            calls=unit.llm.calls(client, limit=calls),
        )


def change_llm(world: World, actor: Actor, client: str | None, change: LLMChange) -> LLMPolicy:
    """The policy as it stands after the change; without a client, the one of all that have none of their own.

    Raises:
        NotAllowedError: the actor may not manage the client, or not all of them.
        UnknownNameError: there is no such client.
    """
    _require(actor, Permission.MANAGE_CLIENTS, client)
    with open_as(world, actor) as unit:
        if client is not None:
            unit.clients.get(client)
        present = unit.llm.policy(client)
        wanted = LLMPolicy(
            told=_in_order(present.told if change.told is None else change.told),
            monthly_tokens=present.monthly_tokens if change.monthly_tokens is None else change.monthly_tokens,
            monthly_cost=None
            if change.any_cost
            else present.monthly_cost
            if change.monthly_cost is None
            else change.monthly_cost,
        )
        unit.llm.set_policy(client, wanted)
        return unit.llm.policy(client)


def _require(actor: Actor, permission: Permission, client: str | None) -> None:
    if client is None:
        require_whole_tenant(actor, permission)
    else:
        require(actor, permission, client)


def _in_order(told: Sequence[Told]) -> tuple[Told, ...]:
    return tuple(kind for kind in Told if kind in told)
