"""What changes, as server-sent events: the audit is the stream, its numbers let a browser go on where it was.

The format is that of the HTML standard, section 9.2: ``id``, ``event`` and ``data``. A change names its kind and its
client; whoever wants to know more asks for it, and is asked who he is.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheInstallation
from schema_matching_pipeline.entrances.api.errors import FAULTS
from schema_matching_pipeline.entrances.api.refusals import TooManyRequestsError
from schema_matching_pipeline.errors import NotAllowedError, RegistryError
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.model.audit import Change
from schema_matching_pipeline.workflows.read_audit import changes_since, last_change
from schema_matching_pipeline.workflows.world import World

router = APIRouter(tags=["operations"])

LOOK_SECONDS = 1.0
ALIVE_LOOKS = 15  # looks without a change until a word says that the line is alive
LONGEST_LOOKS = 3600  # then the browser comes back by itself, and is asked again who it is
RETRY = "retry: 3000\n\n"
RETRY_SECONDS = 60  # for a person who has many open already


@router.get("/events", response_class=StreamingResponse, responses={429: FAULTS[429]})
async def events(request: Request, served: TheInstallation, actor: TheActor) -> StreamingResponse:
    """Tell what changes, as server-sent events named ``change``, until the session ends.

    ``Last-Event-ID`` goes on after that change; without it the stream begins with what changes from now on.
    """
    world, streams = served.world, request.app.state.streams
    held = (actor.tenant_id, actor.login)
    if streams[held] >= served.settings.streams_per_login:
        raise TooManyRequestsError(RETRY_SECONDS)
    shown = request.headers.get("Last-Event-ID", "")
    after = int(shown) if shown.isdecimal() else await run_in_threadpool(last_change, world, actor)
    told = _counted(_told(request, world, actor, after), streams, held)
    return StreamingResponse(told, media_type="text/event-stream")


async def _counted(
    told: AsyncIterator[str], streams: Counter[tuple[str, str]], held: tuple[str, str]
) -> AsyncIterator[str]:
    """The stream, counted as its person's for as long as it is open."""
    streams[held] += 1
    try:
        async for line in told:
            yield line
    finally:
        streams[held] -= 1
        if not streams[held]:
            del streams[held]


async def _told(request: Request, world: World, actor: Actor, after: int) -> AsyncIterator[str]:
    yield RETRY
    quiet = 0
    for _ in range(LONGEST_LOOKS):
        if await request.is_disconnected():
            return
        try:
            changes = await run_in_threadpool(changes_since, world, actor, after)
        except NotAllowedError:
            yield "event: end\ndata: {}\n\n"
            return
        except RegistryError:  # it may come back; the browser keeps its place meanwhile
            changes = ()
        for change in changes:
            yield spelled(change)
            after = max(after, change.seq)
        quiet = 0 if changes else quiet + 1
        if quiet % ALIVE_LOOKS == ALIVE_LOOKS - 1:
            yield ": alive\n\n"
        await asyncio.sleep(LOOK_SECONDS)


def spelled(change: Change) -> str:
    r"""One event as it goes over the line.

    >>> spelled(Change(seq=7, subject="review_items", client="acme"))
    'id: 7\nevent: change\ndata: {"seq":7,"subject":"review_items","client":"acme"}\n\n'
    """
    return f"id: {change.seq}\nevent: change\ndata: {change.model_dump_json()}\n\n"
