"""What assets, checks and sensors are handed: the world, and somebody who watches the progress."""

from __future__ import annotations

from functools import cache

import dagster as dg

from schema_matching_pipeline.workflows.world import Progress, World, silent


@cache
def world_of_process() -> World:
    """The one world of this process, built when first asked for."""
    # Only here, so that loading the definitions needs neither adapters nor a database.
    from schema_matching_pipeline.runtime import build_world
    from schema_matching_pipeline.settings import load_settings

    return build_world(load_settings())


def forget_world() -> None:
    """Makes the next use build a new world: the registry was lost, and may have come back elsewhere."""
    world_of_process.cache_clear()


@dg.resource(description="The registry, the ports and the policies, joined by settings.")
def world_resource(_context: dg.InitResourceContext) -> World:
    """The world of this process."""
    return world_of_process()


@dg.resource(description="Hears how far a phase is. Nobody listens unless the command line runs the job.")
def progress_resource(_context: dg.InitResourceContext) -> Progress:
    """The progress nobody watches."""
    return silent
