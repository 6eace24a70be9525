"""How long each phase of finished runs took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from schema_matching_pipeline.entrances.orchestration.ending import is_check_step, phase_of_step
from schema_matching_pipeline.entrances.orchestration.instance import open_instance
from schema_matching_pipeline.entrances.orchestration.launch import SegmentRun
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.runtime import dagster_environment
from schema_matching_pipeline.settings import Settings


def phase_seconds(settings: Settings, runs: Iterable[SegmentRun]) -> dict[Phase, float]:
    """Seconds of wall time by phase, summed over the runs; the checks of a phase are not counted."""
    seconds: dict[Phase, float] = defaultdict(float)
    with dagster_environment(settings) as home, open_instance(home) as instance:
        for run in runs:
            for step in instance.get_run_step_stats(run.run_id):
                phase = phase_of_step(step.step_key)
                if phase and not is_check_step(step.step_key) and step.start_time and step.end_time:
                    seconds[phase] += step.end_time - step.start_time
    return dict(seconds)
