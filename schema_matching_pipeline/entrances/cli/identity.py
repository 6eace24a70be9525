"""Who sits at the command line, and the world it works in."""

from __future__ import annotations

from functools import cache

from schema_matching_pipeline.model.access import Actor
from schema_matching_pipeline.runtime import build_world, command_line_actor
from schema_matching_pipeline.settings import Settings, load_settings
from schema_matching_pipeline.workflows.world import World


@cache
def settings() -> Settings:
    """The settings of this process."""
    return load_settings()


@cache
def world() -> World:
    """The world of this process; the embedded server is started or joined on first use."""
    return build_world(settings())


def actor() -> Actor:
    """The person at the command line."""
    return command_line_actor(settings(), world())
