"""A command line in a process of its own, which a test may interrupt or kill in the middle of a phase."""

from __future__ import annotations

import subprocess
import sys
import time

from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline_tests.entrances.dagster.installation import TABLE_OF_PHASE, Installation
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

_CARRY_ON = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # deaf when the tests were started in the background
from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.runtime import build_world
from schema_matching_pipeline.settings import load_settings
settings = load_settings()
try:
    carry_on(settings, build_world(settings), sys.argv[1])
except KeyboardInterrupt:
    sys.exit(130)
"""


def carry_on_elsewhere(installation: Installation, client: str) -> subprocess.Popen[bytes]:
    """A command line that works off what is due for the client."""
    return subprocess.Popen(
        [sys.executable, "-c", _CARRY_ON, client],
        env=installation.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_in(installation: Installation, client: str, phase: Phase) -> str:
    """Kills a command line while its run is inside the phase; Dagster's id of the run."""
    with installation.locked(TABLE_OF_PHASE[phase]):
        process = carry_on_elsewhere(installation, client)
        lost = wait_for(f"{client} to be in {phase}", lambda: run_in(installation, client, phase))
        process.kill()
        process.wait(300)
    return lost


def run_in(installation: Installation, client: str, phase: Phase) -> str | None:
    """Dagster's id of the client's run, once it is in the phase."""
    with open_as(installation.world, installation.steward) as unit:
        run = unit.runs.latest_or_none(client)
    return run.dagster_run_id if run is not None and run.phase is phase else None


def wait_for_run(installation: Installation, client: str) -> str:
    """Waits until the client's pipeline is inside a phase; Dagster's id of the run."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        with open_as(installation.world, installation.steward) as unit:
            run = unit.runs.latest_or_none(client)
        if run is not None and run.dagster_run_id:
            return run.dagster_run_id
        time.sleep(0.02)
    raise AssertionError(f"no run of {client} began")
