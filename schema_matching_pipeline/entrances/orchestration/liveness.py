"""Whether a daemon lives that will launch what is asked for."""

from __future__ import annotations

from time import time

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.instance import open_instance
from schema_matching_pipeline.runtime import dagster_environment
from schema_matching_pipeline.settings import Settings

# Sensors launch and the queue starts: without both nothing moves by itself.
DAEMONS_NEEDED = ("SENSOR", "QUEUED_RUN_COORDINATOR")
# A daemon reports every 30 seconds; one that missed a report and a half is dead.
ALIVE_SECONDS = 45.0


def daemon_is_alive(settings: Settings) -> bool:
    """Whether a daemon of this installation reported lately.

    Raises:
        RegistryError: the embedded server cannot be started.
    """
    with dagster_environment(settings) as home, open_instance(home) as instance:
        return daemon_lives(instance)


def daemon_lives(instance: dg.DagsterInstance, *, since: float = 0.0) -> bool:
    """Whether the daemons that launch runs reported lately, and after ``since``."""
    beats = instance.get_daemon_heartbeats()
    oldest_allowed = max(since, time() - ALIVE_SECONDS)
    return all(name in beats and beats[name].timestamp >= oldest_allowed for name in DAEMONS_NEEDED)
