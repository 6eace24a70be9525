"""How far automatic work is trusted, as a page: profiles, thresholds, and how confidence held against decisions."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.entrances.api.ui.reliability_plot import plotted
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.workflows.adapt_trust import answer_relaxation, show_client_trust
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client
from schema_matching_pipeline.workflows.list_clients import name_clients
from schema_matching_pipeline.workflows.show_trust import (
    show_guarantee,
    show_thresholds,
    show_trust,
    unknown_everywhere,
)
from schema_matching_pipeline.workflows.world import World

router = APIRouter()

WANTED_ERROR, CERTAINTY = 0.05, 0.95


@router.get("/trust")
def trust(
    request: Request, world: TheWorld, actor: TheActor, client: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """The installation's profiles, and one client's thresholds."""
    given = {
        "config": show_trust(world, actor),
        "unknown": unknown_everywhere(world, actor),
        "clients": name_clients(world, actor),
        "chosen": client,
        **(_of_client(world, actor, client) if client else {"thresholds": None}),
    }
    return shown(request, "trust.html", given, actor=actor)


@router.post("/trust/{client}")
def chosen(
    world: TheWorld,
    actor: TheActor,
    client: str,
    profile: Annotated[str, Form(max_length=100)],
) -> Response:
    """Puts the client under another profile, from its next run on."""
    change_client(world, actor, client, ClientChange(trust_profile=profile))
    return Response(headers={"HX-Redirect": f"/trust?client={client}"})


@router.post("/trust/{client}/checks")
def checked(
    world: TheWorld,
    actor: TheActor,
    client: str,
    percent: Annotated[float, Form(ge=0.0, le=100.0)],
) -> Response:
    """Says how much of what is accepted comes back as spot checks, from the client's next run on."""
    change_client(world, actor, client, ClientChange(spot_check_share=percent / 100))
    return Response(headers={"HX-Redirect": f"/trust?client={client}"})


@router.post("/trust/{client}/relax")
def relaxed(
    world: TheWorld,
    actor: TheActor,
    client: str,
    entity: Annotated[str, Form(max_length=200)],
    reason: Annotated[str, Form(max_length=2000)] = "",
    answer: Annotated[Literal["relax", "keep"], Form()] = "keep",
) -> Response:
    """Lets the threshold of an entity fall as is suggested, or not."""
    answer_relaxation(world, actor, client, entity, accepted=answer == "relax", reason=reason)
    return Response(headers={"HX-Redirect": f"/trust?client={client}"})


def _of_client(world: World, actor: Actor, client: str) -> dict[str, object]:
    held = show_guarantee(
        world, actor, client, wanted_error=WANTED_ERROR, certainty=CERTAINTY, with_others=False
    )
    return {
        "thresholds": show_thresholds(world, actor, client),
        "guarantee": held,
        "fared": show_client_trust(world, actor, client),
        "plot": plotted(held.reliability),
        "judged": sum(each.count for each in held.reliability),
    }
