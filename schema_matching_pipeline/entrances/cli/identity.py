"""Who sits at the command line, and the world it works in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

from schema_matching_pipeline import __version__
from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.runtime import (
    SystemClock,
    build_world,
    command_line_actor,
    knows_who_acts,
    owner_actor,
    owner_registry,
)
from schema_matching_pipeline.settings import Settings, load_settings
from schema_matching_pipeline.workflows.world import World

AGENT = f"smp/{__version__}"
"""What the audit has as the program of whoever sits here; there is no address, for he comes from no other machine."""


@cache
def settings() -> Settings:
    """The settings of this process."""
    return load_settings()


@cache
def world() -> World:
    """The world of this process; the embedded server is started or joined on first use."""
    return build_world(settings())


@cache
def trace_id() -> str:
    """The trace of this process: what its command asks for, writes and logs bears it."""
    return SystemClock().new_id()


def actor() -> Actor:
    """The person at the command line."""
    return command_line_actor(settings(), world()).but(trace_id=trace_id(), agent=AGENT)


@contextmanager
def administration() -> Iterator[tuple[World, Actor]]:
    """The world and who manages people in it: the person at the command line, or the owner where nobody is named yet.

    Raises:
        NotAllowedError: login and key do not fit, or neither they nor the owner's URL are known.
    """
    if knows_who_acts(settings()):
        yield world(), actor()
        return
    with owner_registry(settings()) as registry:
        owner = owner_actor(settings(), world()).but(trace_id=trace_id(), agent=AGENT)
        yield replace(world(), registry=registry), owner
