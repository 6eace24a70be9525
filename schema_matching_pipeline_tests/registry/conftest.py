"""A registry on a fresh database, and a tenant with one client in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline_tests.registry.office import KEY, Office, make_office


@pytest.fixture
def registry(app_url: str) -> Iterator[Registry]:
    opened = Registry(app_url, secret_key=KEY)
    yield opened
    opened.close()


@pytest.fixture
def office(registry: Registry, app_url: str) -> Office:
    made = make_office(registry, app_url)
    made.add_client()
    return made
