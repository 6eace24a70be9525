"""Who accepts faster than anybody reads is told so quietly, and alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.policy import ReviewPolicy
from schema_matching_pipeline.model.review import ItemKind
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline_tests.entrances.dagster.installation import DOCTORS, PATIENTS

API = "/api/v1"
TOLD = "You approved 2 of your last 2 items within two seconds each"


@pytest.fixture
def impatient(installation):
    """The app of an installation that looks at two decisions, and takes an hour for a moment."""
    policies = replace(
        installation.world.policies, review=ReviewPolicy(pace_decisions=2, pace_seconds=3600.0)
    )
    app = create_app(replace(installation.world, policies=policies), installation.settings)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def test_who_accepts_faster_than_anybody_reads_is_told_so_and_nobody_else(impatient, installation, people):
    client = installation.add_client("hasty", patients=PATIENTS, doctors=DOCTORS)
    installation.propose(client)
    login = f"{client}-person"
    person = (login, add_person(installation.world, installation.steward, login, Role.STEWARD, None).key)
    asked = [item for item in installation.items(client) if item.kind is not ItemKind.VALIDATION]
    for item in asked[:2]:
        assert impatient.post(f"{API}/review/{item.id}/approve", auth=person).status_code == 200
    assert TOLD not in impatient.get("/review/standing", auth=person).text
    assert impatient.post(f"{API}/review/{asked[2].id}/approve", auth=person).status_code == 200
    assert impatient.get(f"{API}/review/pace", auth=person).json() == {
        "decisions": 2,
        "at_once": 2,
        "hasty": True,
    }
    assert TOLD in impatient.get("/review/standing", auth=person).text
    assert TOLD not in impatient.get("/review/standing", auth=people[Role.VIEWER]).text
