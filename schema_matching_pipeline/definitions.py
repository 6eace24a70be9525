"""Dagster's entry. Importing it does nothing; loading it reads the settings and opens nothing."""

from __future__ import annotations

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.code_location import all_definitions
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.settings import EmbedderKind, Feature, load_settings


@dg.definitions
def definitions() -> dg.Definitions:
    """Everything Dagster is told about, with the nightly hour of the settings and what asks a language model.

    Nothing where the pipeline is switched off.
    """
    settings = load_settings()
    if Feature.PIPELINE not in settings.on:
        return dg.Definitions()
    asking = {
        str(Phase.CLASSIFICATIONS): settings.llm_api_key is not None,
        "mapping_embeddings": settings.embedder is EmbedderKind.OPENAI_COMPATIBLE,
    }
    return all_definitions(
        settings.nightly_cron,
        settings.timezone,
        asking=[name for name, asks in asking.items() if asks],
        watch_seconds=settings.watch_seconds,
    )
