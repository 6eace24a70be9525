"""Dagster's entry. Importing it does nothing; loading it reads the settings and opens nothing."""

from __future__ import annotations

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.code_location import all_definitions
from schema_matching_pipeline.settings import load_settings


@dg.definitions
def definitions() -> dg.Definitions:
    """Everything Dagster is told about, with the nightly hour of the settings."""
    settings = load_settings()
    return all_definitions(settings.nightly_cron, settings.timezone)
