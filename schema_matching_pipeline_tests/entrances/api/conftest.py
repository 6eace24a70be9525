"""The app on an installation that the tests of a worker share, people in every role, and a client that waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from time import sleep

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.model.access import Actor, Role
from schema_matching_pipeline.registry.embedded import EmbeddedServer
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    Installation,
    free_port,
    make_installation,
)

Keys = Mapping[Role, tuple[str, str]]


@pytest.fixture(scope="session")
def installation(
    embedded_server: EmbeddedServer, _template: str, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    return make_installation(embedded_server, _template, tmp_path_factory.mktemp("desk"), free_port())


@pytest.fixture(scope="session")
def app(installation: Installation) -> FastAPI:
    return create_app(installation.world, installation.settings)


@pytest.fixture
def http(app: FastAPI) -> Iterator[TestClient]:
    """A program, or a browser, that nobody knows yet."""
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def people(installation: Installation) -> Keys:
    """Somebody in every role: login and key."""
    return people_of(installation, installation.steward)


@pytest.fixture(scope="session")
def waiting(installation: Installation) -> str:
    """A client whose queue no test decides."""
    client = installation.add_client("waiting")
    installation.propose(client)
    return client


def people_of(installation: Installation, administrator: Actor) -> Keys:
    """Somebody in every role of the administrator's tenant."""
    return {
        role: (f"a-{role}", add_person(installation.world, administrator, f"a-{role}", role, None).key)
        for role in Role
    }


@pytest.fixture(scope="session")
def served(app: FastAPI) -> Iterator[str]:
    """The app behind a real server: its address."""
    with serving(app) as address:
        yield address


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """A real server around an app for the block: its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="warning", lifespan="off"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
