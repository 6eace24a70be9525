"""The app of one installation after the other, whose routes are made once."""

from __future__ import annotations

from collections import Counter
from copy import copy

from fastapi import FastAPI
from starlette.datastructures import State

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.entrances.api.auth.journeys import Journeys
from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.entrances.api.dependencies import Installation
from schema_matching_pipeline.entrances.api.login_carrier import LoginCarrier
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.world import World

_first: list[FastAPI] = []


def app_for(world: World, settings: Settings) -> FastAPI:
    """The app that serves an installation as it stands, with all features and for no other origin.

    A new app makes its routes at its first request, half a second long; this one has those of the first app of the
    worker, and a state of its own.
    """
    if not _first:
        _first.append(create_app(world, settings))
    app = copy(_first[0])
    served = Installation(
        world, settings, AccessTokens(settings.key), Journeys(settings.key), LoginCarrier(world)
    )
    app.state = State({**vars(app.state)["_state"], "installation": served, "streams": Counter()})
    app.middleware_stack = None  # it is made around this app at the next request
    return app
