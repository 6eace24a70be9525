"""Everything Dagster is told about, in one list."""

from __future__ import annotations

from collections.abc import Collection

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.assets import ASSETS
from schema_matching_pipeline.entrances.orchestration.checks import PHASE_CHECKS
from schema_matching_pipeline.entrances.orchestration.jobs import JOBS
from schema_matching_pipeline.entrances.orchestration.resources import progress_resource, world_resource
from schema_matching_pipeline.entrances.orchestration.schedules import nightly_reprofiling
from schema_matching_pipeline.entrances.orchestration.sensors import SENSORS
from schema_matching_pipeline.entrances.orchestration.watching import changed_files
from schema_matching_pipeline.workflows.world import Progress, World

MIDNIGHT = "0 0 * * *"


def all_definitions(
    nightly_cron: str = MIDNIGHT,
    timezone: str = "UTC",
    *,
    asking: Collection[str] = (),
    watch_seconds: int | None = None,
    world: World | dg.ResourceDefinition = world_resource,
    progress: Progress | dg.ResourceDefinition = progress_resource,
) -> dg.Definitions:
    """Assets, checks, jobs, sensors and the schedule. Nothing is read or opened.

    With ``watch_seconds`` files of clients are looked at so often. The assets that are ``asking`` an endpoint that speaks as OpenAI's does bear its badge. A command line that runs a job itself hands in its own world and progress.
    """
    return dg.Definitions(
        assets=dg.map_asset_specs(
            lambda spec: _badged(spec) if spec.key.to_user_string() in asking else spec, ASSETS
        ),
        asset_checks=PHASE_CHECKS,
        jobs=JOBS,
        sensors=[*SENSORS, changed_files(watch_seconds)] if watch_seconds else SENSORS,
        schedules=[nightly_reprofiling(nightly_cron, timezone)],
        resources={"world": world, "progress": progress},
        executor=dg.in_process_executor,  # six short steps: processes of their own would take ten times as long
    )


def _badged(spec: dg.AssetSpec) -> dg.AssetSpec:
    return spec.merge_attributes(kinds={"openai"})
