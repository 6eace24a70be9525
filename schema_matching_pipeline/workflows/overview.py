"""All clients side by side, for the first page; and one of them, for its own."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.llm import LLMPolicy
from schema_matching_pipeline.model.matching import Publication
from schema_matching_pipeline.model.registry import RequestState, RunRequest
from schema_matching_pipeline.model.trust import Thresholds
from schema_matching_pipeline.registry.repositories.standing import ClientStanding, WaitingItems
from schema_matching_pipeline.workflows.gather_knowledge import client_thresholds
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.show_client import ClientStatus, show_client
from schema_matching_pipeline.workflows.world import World


class ClientOverview(Frozen):
    """One client in full: its status, its figures, what waits for whom, and what it goes by.

    ``asked`` is a request for a run that has not ended, ``publication`` what is in production; ``model`` is the language
    model that may be asked, None where there is none.
    """

    status: ClientStatus
    standing: ClientStanding
    waiting: tuple[WaitingItems, ...]
    asked: RunRequest | None
    publication: Publication | None
    thresholds: Thresholds
    model: str | None
    model_policy: LLMPolicy


def overview(world: World, actor: Actor, client: ClientId | None = None) -> tuple[ClientStanding, ...]:
    """Where the clients stand that the actor has to do with, or one of them; those first that wait for people."""
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        return unit.standing.list(actor.clients if client is None else (client,))


def client_overview(world: World, actor: Actor, client: str) -> ClientOverview:
    """Where one client stands, with all that its page tells.

    Raises:
        NotAllowedError: the actor has nothing to do with the client.
        UnknownNameError: there is no such client in the actor's tenant.
    """
    status = show_client(world, actor, client)
    with open_as(world, actor) as unit:
        requests = unit.requests.list(client)
        return ClientOverview(
            status=status,
            standing=unit.standing.list((status.client.slug,))[0],
            waiting=unit.standing.waiting(client),
            asked=next((asked for asked in requests if asked.state is RequestState.OPEN), None),
            publication=unit.publications.latest(client),
            thresholds=client_thresholds(world, unit, client),
            model=world.model.model if world.model else None,
            model_policy=unit.llm.policy(client),
        )
