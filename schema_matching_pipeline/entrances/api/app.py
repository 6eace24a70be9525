"""The app: routes and pages found in their folders, faults in one form, every answer with its headers."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

import schema_matching_pipeline
from schema_matching_pipeline.entrances.api import errors, events, operations, routes, ui
from schema_matching_pipeline.entrances.api.accompanied import Accompanied
from schema_matching_pipeline.entrances.api.auth.journeys import Journeys
from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.entrances.api.body_limit import BodyLimit
from schema_matching_pipeline.entrances.api.dependencies import Installation
from schema_matching_pipeline.entrances.api.errors import FAULTS
from schema_matching_pipeline.entrances.api.exposition import Answers
from schema_matching_pipeline.entrances.api.login_carrier import LoginCarrier
from schema_matching_pipeline.entrances.api.needed import NEEDED
from schema_matching_pipeline.settings import Feature, Settings
from schema_matching_pipeline.workflows.world import World

PREFIXES = ("/api/v1", "/api/schema-matching")
"""Both speak of the same things; the first one is described in the OpenAPI document."""

DESCRIPTION = (
    "Everything the pages and the command line do: onboard clients, follow their pipelines, decide what is doubtful, "
    "approve and publish. Every fault has the form `{error: {code, message, details}}`, every list that of a page."
)
# By all processes together: as many as connections to the registry are kept; some of them wait there for each other.
ANSWERED_AT_ONCE = 20


def create_app(world: World, settings: Settings) -> FastAPI:
    """The app that serves an installation."""
    app = _with_routes(settings.on)
    app.state.installation = Installation(
        world, settings, AccessTokens(settings.key), Journeys(settings.key), LoginCarrier(world)
    )
    app.state.answers = Answers()
    app.state.streams = Counter()  # open lines of events, by tenant and login
    app.add_middleware(BodyLimit)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            expose_headers=["X-Trace-Id", "Retry-After", "Content-Disposition"],
        )
    app.add_middleware(Accompanied, answers=app.state.answers, prefixes=PREFIXES)
    errors.install(app)
    pages = tuple(routers(ui, settings.on)) if Feature.DESK in settings.on else ()
    for router in pages:
        app.include_router(router, include_in_schema=False)
    app.state.pages = frozenset(
        route.path for router in pages for route in router.routes if isinstance(route, APIRoute)
    )
    static = files("schema_matching_pipeline.entrances.api.ui").joinpath("static")
    app.mount("/static", StaticFiles(directory=str(static)), name="static")
    return app


def openapi() -> dict[str, object]:
    """The OpenAPI document of every route."""
    return _with_routes(frozenset(Feature)).openapi()


class _Described(FastAPI):
    """An app whose OpenAPI document also says what each route needs of a person."""

    def openapi(self) -> dict[str, object]:
        """The document, made once."""
        document = super().openapi()
        for path, asked in document["paths"].items():
            for method, operation in asked.items():
                operation["x-permission"] = str(NEEDED[f"{method.upper()} {_without_prefix(path)}"])
        return document


def _with_routes(on: Collection[Feature]) -> FastAPI:
    """The app with its REST interface, before it serves anything."""
    app = _Described(
        title="Schema Matching Pipeline",
        version=schema_matching_pipeline.__version__,
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        lifespan=_with_few_threads,
        docs_url=None,
        redoc_url=None,
    )
    for prefix in PREFIXES:
        for router in routers(routes, on):
            app.include_router(
                router, prefix=prefix, responses=FAULTS, include_in_schema=prefix == PREFIXES[0]
            )
    app.include_router(operations.router)
    app.include_router(events.router)
    return app


def _without_prefix(path: str) -> str:
    """The path below the prefix that a route is served under.

    >>> _without_prefix("/api/v1/clients"), _without_prefix("/healthz")
    ('/clients', '/healthz')
    """
    prefix = next((each for each in PREFIXES if path.startswith(f"{each}/")), "")
    return path.removeprefix(prefix)


def routers(folder: object, on: Collection[Feature] = frozenset(Feature)) -> Iterator[APIRouter]:
    """The ``router`` of every module of a folder that has one, and names no ``FEATURE`` or one that is ``on``."""
    for found in iter_modules(folder.__path__, f"{folder.__name__}."):  # type: ignore[attr-defined]  # a package
        module = import_module(found.name)
        feature = getattr(module, "FEATURE", None)
        if hasattr(module, "router") and (feature is None or feature in on):
            yield module.router


@asynccontextmanager
async def _with_few_threads(app: FastAPI) -> AsyncIterator[None]:
    """While it serves, so many requests are answered at once as keep the processor busy; others wait for their turn.

    More of them would take longer each, and keep the memory of all of them.
    """
    served: Installation = app.state.installation
    current_default_thread_limiter().total_tokens = -(-ANSWERED_AT_ONCE // served.settings.desk_workers)
    yield
