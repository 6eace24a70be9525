"""The app of one of the processes that serve the desk."""

from __future__ import annotations

import gc

from fastapi import FastAPI

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.entrances.api.shared_figures import forget_the_dead
from schema_matching_pipeline.runtime import build_world
from schema_matching_pipeline.settings import load_settings


def served() -> FastAPI:
    """The app that serves the installation that the environment names."""
    forget_the_dead()
    settings = load_settings()
    app = create_app(build_world(settings), settings)
    _keep_for_good()
    return app


def _keep_for_good() -> None:
    """What was made until now lives as long as the process.

    To look through all of it for what nobody needs takes more than 100 ms, in which nobody is answered.
    """
    gc.collect()
    gc.freeze()
