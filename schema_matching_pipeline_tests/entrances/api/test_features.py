"""What an installation does without is not there: no place of it, and nothing that Dagster would run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from dagster._core.storage.defs_state.base import set_defs_state_storage
from starlette.testclient import TestClient

from schema_matching_pipeline.definitions import definitions
from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.entrances.orchestration.by_hand import run_phase
from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.errors import ConfigurationError, UsageError
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.settings import Feature, load_settings

API = "/api/v1"
STARTS = '/start" hx-target'
GONE = {
    Feature.PIPELINE: (
        "POST /api/v1/pipeline/start",
        "POST /api/schema-matching/profile",
        "POST /clients/{}/start",
    ),
    Feature.DESK: ("GET /", "GET /login", "GET /clients/{}", "POST /clients/{}/rest"),
    Feature.VALUE_BANK: (
        "GET /api/v1/value-bank",
        "GET /api/schema-matching/value-bank/patient",
        "GET /values",
    ),
}
"""What is not there without each."""
KEPT = {
    Feature.PIPELINE: ("GET /api/v1/clients/{}", "GET /clients/{}", "GET /values"),
    Feature.DESK: ("GET /api/v1/clients/{}", "GET /api/v1/value-bank", "GET /metrics", "GET /healthz"),
    Feature.VALUE_BANK: ("GET /", "GET /clients/{}", "GET /review", "GET /api/v1/clients/{}"),
}


@contextmanager
def without(installation, *off: Feature) -> Iterator[TestClient]:
    """The desk of the same installation with these features off."""
    features = ",".join(set(Feature) - set(off))
    app = create_app(installation.world, installation.settings.model_copy(update={"features": features}))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as http:
        yield http


def told(http: TestClient, place: str, client: str, person: tuple[str, str]) -> int:
    method, path = place.split(" ")
    return http.request(method, path.format(client), auth=person).status_code


@pytest.mark.parametrize("off", Feature)
def test_places_of_what_is_off_are_not_there_and_others_are(off, installation, http, waiting, people):
    person = people[Role.ADMIN]
    with without(installation, off) as less:
        assert {told(less, place, waiting, person) for place in GONE[off]} == {404}
        assert {told(less, place, waiting, person) for place in KEPT[off]} == {200}
    assert 404 not in {told(http, place, waiting, person) for place in GONE[off] if place.startswith("GET")}


def test_what_is_off_is_offered_nowhere(http, installation, waiting, people):
    page = http.get(f"/clients/{waiting}", auth=people[Role.ADMIN]).text
    assert (STARTS in page, 'href="/values"' in page) == (True, True)
    with without(installation, Feature.PIPELINE, Feature.VALUE_BANK) as less:
        page = less.get(f"/clients/{waiting}", auth=people[Role.ADMIN]).text
    assert (STARTS in page, 'href="/values"' in page) == (False, False)


def test_decisions_are_made_without_a_pipeline(installation, waiting, people):
    with without(installation, Feature.PIPELINE) as http:
        run = installation.run(waiting).id
        answer = http.post(f"{API}/approve/{run}", auth=people[Role.STEWARD])
        parts = [part["name"] for part in http.get("/readyz").json()["parts"]]
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "GATE_CLOSED")
    assert parts == ["database", "schema", "disk"]


def test_where_nothing_runs_dagster_is_told_of_nothing(monkeypatch):
    monkeypatch.setenv("SMP_FEATURES", "desk,value_bank")
    found = definitions()
    with set_defs_state_storage(
        None
    ):  # Dagster would ask the one of an instance that an earlier test has left
        specs = list(found.resolve_all_asset_specs())
    assert (specs, found.sensors, found.jobs, found.schedules) == ([], None, None, None)


def test_where_nothing_runs_nobody_runs_anything_by_hand(installation, waiting):
    settings = installation.settings.model_copy(update={"features": "desk"})
    for run in (
        lambda: carry_on(settings, installation.world, waiting),
        lambda: run_phase(settings, installation.world, waiting, Phase.MAPPINGS, trace_id=None),
    ):
        with pytest.raises(UsageError, match="pipeline is switched off here"):
            run()


def test_a_feature_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("SMP_FEATURES", "desk, pipelines")
    with pytest.raises(
        ConfigurationError, match="SMP_FEATURES: there is no feature pipelines; there are pipeline, desk"
    ):
        load_settings()
    monkeypatch.setenv("SMP_FEATURES", " desk, value_bank ")
    assert load_settings().on == {Feature.DESK, Feature.VALUE_BANK}
    monkeypatch.setenv("SMP_FEATURES", "")
    assert load_settings().on == set(Feature)
