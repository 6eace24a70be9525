"""One client: how far its pipeline is, what waits for whom, what its checks say, and what may be done about it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.entrances.api.ui.page_actions import on_page, shown_anew
from schema_matching_pipeline.entrances.api.ui.pipeline_steps import pipeline_steps
from schema_matching_pipeline.entrances.api.ui.queue_query import SAID_KINDS
from schema_matching_pipeline.model.check import CheckSeverity, CheckVerdict
from schema_matching_pipeline.model.pipeline import PipelineState
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client
from schema_matching_pipeline.workflows.decide_review import approve_final, refuse_final
from schema_matching_pipeline.workflows.going_live import going_live
from schema_matching_pipeline.workflows.overview import ClientOverview, client_overview
from schema_matching_pipeline.workflows.readiness import readiness
from schema_matching_pipeline.workflows.start_pipeline import WORKING
from schema_matching_pipeline.workflows.world import World

router = APIRouter(prefix="/clients/{client}")

HOLDING_SHOWN = 10
COLOURS = ("red", "amber", "green")
Reason = Annotated[str, Form(max_length=2000)]
Version = Annotated[int, Form(ge=1, le=2**31 - 1)]


@router.get("")
def client(request: Request, world: TheWorld, actor: TheActor, client: str) -> Response:
    """Where the client stands, and what to do next."""
    found = client_overview(world, actor, client)
    publishing = _is_publishing(found)
    given = {
        **dict(found),
        "goes": going_live(world, actor, client) if _awaits_approval(found) else None,
        "publishing": publishing,
        "run": found.status.run,
        "gate": found.status.gate,
        "steps": pipeline_steps(found.status.run, publishing=publishing),
        "coloured": sorted(
            ((_colour(check), check) for check in found.status.checks),
            key=lambda pair: COLOURS.index(pair[0]),
        ),
        "working": _is_working(found),
        "idle_because": _idle_because(world, found),
        "holding_shown": HOLDING_SHOWN,
        "on_page": on_page,
        "kinds": SAID_KINDS,
        "now": world.clock.now(),
    }
    return shown(request, "client.html", given, actor=actor)


@router.post("/approve")
def approve(world: TheWorld, actor: TheActor, client: str, version: Version, reason: Reason = "") -> Response:
    """Approves the version that was shown for production, while it is the newest; its publication follows by itself."""
    approve_final(world, actor, client, reason.strip(), version=version)
    return shown_anew()


@router.post("/refuse")
def refuse(world: TheWorld, actor: TheActor, client: str, version: Version, reason: Reason = "") -> Response:
    """Refuses the version that was shown for production, while it is the newest."""
    refuse_final(world, actor, client, reason.strip(), version=version)
    return shown_anew()


@router.post("/rest")
def rest(world: TheWorld, actor: TheActor, client: str, active: Annotated[bool, Form()]) -> Response:
    """Puts the client to rest, or brings it back."""
    change_client(world, actor, client, ClientChange(active=active))
    return shown_anew()


def _is_working(found: ClientOverview) -> bool:
    return found.status.run is not None and found.status.run.state in WORKING - {PipelineState.PENDING}


def _awaits_approval(found: ClientOverview) -> bool:
    """Whether nothing but the final approval is missing."""
    gate = found.status.gate
    return (
        found.status.client.active
        and found.status.run is not None
        and not _is_working(found)
        and gate.review_open
        and gate.validated
        and not gate.approved
        and gate.published_version != gate.version
    )


def _is_publishing(found: ClientOverview) -> bool:
    """Whether the newest version is approved, and on its way."""
    gate, run = found.status.gate, found.status.run
    waited = run is not None and run.state is PipelineState.AWAITING_APPROVAL
    return found.status.client.active and waited and gate.approved and gate.published_version != gate.version


def _idle_because(world: World, found: ClientOverview) -> str:
    """Why nothing happens although somebody asked for a run or approved; empty where it does, or nobody did."""
    if found.asked is None and not _is_working(found) and not _is_publishing(found):
        return ""
    return "; ".join(f"{part.name}: {part.why}" for part in readiness(world).parts if not part.ready)


def _colour(check: CheckVerdict) -> str:
    if check.passed:
        return "green"
    return "red" if check.severity is CheckSeverity.ERROR else "amber"
