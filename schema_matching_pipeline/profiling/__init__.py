"""Profiling: what to measure, and what the measurements mean. Raw values stop here.

Comes in:        SourceTable and ProfilePolicy; then the TableMeasurement an executor took by the plan.
Goes out:        ProfilePlan; SourceProfile of figures, shapes, sketches and masked values; reasons of drift.
How it decides:  types, patterns and personal data are judged on distinct values, each weighing its rows.
To add to it:    one file in patterns/, a function from values to truths under a name.
It must never:   let a raw value out, read a source, or say what a column is worth (that is quality's).
"""

from schema_matching_pipeline.profiling.drift import content_fingerprint, drift
from schema_matching_pipeline.profiling.plan import plan_profile
from schema_matching_pipeline.profiling.profile_drift import Look, baselines, profile_drift
from schema_matching_pipeline.profiling.read import TableReader, read_profile
from schema_matching_pipeline.profiling.renames import with_renames
from schema_matching_pipeline.profiling.source import profile_source

__all__ = [
    "Look",
    "TableReader",
    "baselines",
    "content_fingerprint",
    "drift",
    "plan_profile",
    "profile_drift",
    "profile_source",
    "read_profile",
    "with_renames",
]
