"""Everything Dagster is told about, in one list."""

from __future__ import annotations

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.assets import ASSETS
from schema_matching_pipeline.entrances.orchestration.checks import PHASE_CHECKS
from schema_matching_pipeline.entrances.orchestration.jobs import JOBS
from schema_matching_pipeline.entrances.orchestration.resources import progress_resource, world_resource
from schema_matching_pipeline.entrances.orchestration.schedules import nightly_reprofiling
from schema_matching_pipeline.entrances.orchestration.sensors import SENSORS


def all_definitions(nightly_cron: str, timezone: str) -> dg.Definitions:
    """Assets, checks, jobs, sensors and the schedule. Nothing is read or opened."""
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=PHASE_CHECKS,
        jobs=JOBS,
        sensors=SENSORS,
        schedules=[nightly_reprofiling(nightly_cron, timezone)],
        resources={"world": world_resource, "progress": progress_resource},
        executor=dg.in_process_executor,  # six short steps: processes of their own would take ten times as long
    )
