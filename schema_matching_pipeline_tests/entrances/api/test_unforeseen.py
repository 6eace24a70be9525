"""A fault that nobody foresaw is told under a number, with every header, and without what it says."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.app import create_app

SAID = "invalid input: Ada Ames, born 1951-03-02"


@pytest.fixture
def breaking(installation):
    """An app with a page and a route that break."""
    app = create_app(installation.world, installation.settings)

    def broken() -> None:
        raise RuntimeError(SAID)

    for path in ("/broken", "/api/v1/broken"):
        app.add_api_route(path, broken)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("path", ["/broken", "/api/v1/broken"])
def test_it_is_told_under_a_number_that_the_log_has(breaking, path, capfd):
    answer = breaking.get(path)
    logged = capfd.readouterr().err
    assert answer.status_code == 500
    assert SAID not in answer.text + logged
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.headers["X-Trace-Id"]) > 8


def test_programs_are_told_its_code(breaking):
    told = breaking.get("/api/v1/broken").json()["error"]
    assert told["code"] == "INTERNAL_ERROR"
    assert told["details"]["number"] in told["message"]
