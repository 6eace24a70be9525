"""Whether the installation can do its work, and if not, why."""

from __future__ import annotations

from schema_matching_pipeline.errors import SmpError
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.registry.migrate import HEAD
from schema_matching_pipeline.workflows.world import World

ORCHESTRATOR = "orchestrator"
ALIVE_SECONDS = 60.0
"""The orchestrator looks at the registry every five seconds; a tick may take some, and one may be missed."""


class Part(Frozen):
    """One part of the installation: whether it does its work, and what is the matter where it does not."""

    name: str
    ready: bool
    why: str = ""


class Readiness(Frozen):
    """Whether every part does its work."""

    ready: bool
    parts: tuple[Part, ...]


def readiness(
    world: World, *, runs: bool = True, free_bytes: int | None = None, least_free_bytes: int = 0
) -> Readiness:
    """How the database, its schema and, where something ``runs``, the orchestrator stand; what cannot be asked is not ready.

    So does the disk where it is told how much of it is free, and how much there must be at least.
    """
    try:
        revision = world.registry.revision()
        parts: tuple[Part, ...] = (Part(name="database", ready=True), _schema(revision))
        if runs:
            parts = (*parts, _orchestrator(world))
    except SmpError as error:
        parts = (Part(name="database", ready=False, why=str(error)),)
    if free_bytes is not None:
        parts = (*parts, _disk(free_bytes, least_free_bytes))
    return Readiness(ready=all(part.ready for part in parts), parts=parts)


def _disk(free: int, least: int) -> Part:
    """Whether there is room.

    >>> _disk(99_000_000, 500_000_000).why
    '99 MB are free where SMP_HOME is, of at least 500; make room, or set SMP_LEAST_FREE_MEGABYTES'
    """
    why = (
        f"{free // 1_000_000:,} MB are free where SMP_HOME is, of at least {least // 1_000_000:,}; make room, or set SMP_LEAST_FREE_MEGABYTES"
        if free < least
        else ""
    )
    return Part(name="disk", ready=not why, why=why)


def _schema(revision: str | None) -> Part:
    why = "" if revision == HEAD else f"it stands at revision {revision}, and this program needs {HEAD}"
    return Part(name="schema", ready=not why, why=why)


def _orchestrator(world: World) -> Part:
    silent = world.registry.silent_for(ORCHESTRATOR)
    if silent is None:
        why = "it never looked at the registry; start it with `smp up`"
    elif silent > ALIVE_SECONDS:
        why = f"it last looked at the registry {silent:.0f} seconds ago; see `smp up`"
    else:
        why = ""
    return Part(name=ORCHESTRATOR, ready=not why, why=why)
