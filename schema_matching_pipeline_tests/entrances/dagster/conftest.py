"""The installation that the tests of a worker share; each test brings a client of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dagster._core.storage.defs_state.base import set_defs_state_storage

from schema_matching_pipeline.registry.embedded import EmbeddedServer
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    Installation,
    free_port,
    make_installation,
)


@pytest.fixture(scope="session")
def installation(
    embedded_server: EmbeddedServer, _template: str, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    return make_installation(embedded_server, _template, tmp_path_factory.mktemp("installation"), free_port())


@pytest.fixture(autouse=True)
def _no_instance_of_another_test() -> Iterator[None]:
    """Dagster keeps the storage of an instance in a context variable, where a closed one would be asked."""
    with set_defs_state_storage(None):
        yield
