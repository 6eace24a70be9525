"""What the interface takes, and no more: logins from an address, entries on a page, places of a source."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.entrances.api.routes.sources import require_within
from schema_matching_pipeline.errors import ConfigurationError, UsageError
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.settings import load_settings
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

API = "/api/v1"


def app_with(installation, **update):
    settings = installation.settings.model_copy(update=update)
    return TestClient(create_app(installation.world, settings), follow_redirects=False)


def test_the_page_and_programs_share_the_logins_of_an_address(installation, people):
    login, key = people[Role.VIEWER]
    form = {"login": login, "password": key, "tenant": "default", "next": "/"}
    with app_with(installation, logins_per_minute=4) as http:
        http.headers["X-Forwarded-For"] = "203.0.113.9"  # which nobody believes
        told = [http.post("/login", data=form).status_code for _ in range(3)]
        answer = http.post("/login", data=form)
        program = http.post(f"{API}/auth/login", json={"username": login, "password": key})
    assert told[-1] == answer.status_code == program.status_code == 429
    assert "Too many requests" in answer.text


@pytest.mark.parametrize("road", ["/clients?size=201", "/audit?limit=201", "/review/queue?size=201"])
def test_no_page_is_longer_than_the_longest(http, people, road):
    assert http.get(API + road, auth=people[Role.ADMIN]).status_code == 422
    assert http.get(API + road.replace("201", "200"), auth=people[Role.ADMIN]).status_code == 200


@pytest.mark.parametrize(
    "location",
    [
        "/etc",
        "/srv/exports/../../etc",
        "sqlite:////etc/secrets.db",
        "duckdb:////etc/secrets.duckdb",
        "file:///etc/passwd",
        "postgresql:///clinic?host=/run/postgresql",
    ],
)
def test_what_lies_on_the_machine_is_no_source_but_in_the_folders_named(http, people, location):
    answer = http.post(f"{API}/sources/test", json={"location": location}, auth=people[Role.ENGINEER])
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert "SMP_SOURCE_ROOTS" in answer.json()["error"]["message"]
    assert "secrets" not in answer.text


@pytest.mark.parametrize("location", ["", " ", "\t"])
def test_an_empty_source_is_refused(http, people, location):
    engineer = people[Role.ENGINEER]
    answers = [
        http.post(f"{API}/sources/test", json={"location": location}, auth=engineer),
        http.post(f"{API}/clients", json={"slug": "without-source", "location": location}, auth=engineer),
        http.patch(f"{API}/clients/a", json={"source": {"location": location}}, auth=engineer),
    ]
    told = {(answer.status_code, answer.json()["error"]["code"]) for answer in answers}
    assert told == {(422, "VALIDATION_ERROR")}


def test_a_client_is_added_from_a_folder_that_is_named(installation, people, tmp_path):
    write_tables(tmp_path / "named" / "acme", patients=PATIENTS)
    (tmp_path / "named" / "out").symlink_to("/etc")
    with app_with(installation, source_roots=(tmp_path / "named",)) as http:
        http.auth = people[Role.ENGINEER]
        body = {"slug": "from-a-root", "location": str(tmp_path / "named" / "acme"), "start": False}
        assert http.post(f"{API}/clients", json=body).status_code == 201
        outside = {"source": {"location": str(tmp_path / "named" / "out")}}
        assert http.patch(f"{API}/clients/from-a-root", json=outside).status_code == 422


def test_a_source_with_a_host_is_no_matter_of_folders():
    require_within("postgresql://reader@db.example/clinic", ())
    with pytest.raises(UsageError):
        require_within("postgresql:///clinic", ())


def test_the_folders_are_whole_paths_with_colons_between(monkeypatch):
    monkeypatch.setenv("SMP_SOURCE_ROOTS", "/srv/a:/srv/b")
    assert [str(path) for path in load_settings().source_roots] == ["/srv/a", "/srv/b"]
    monkeypatch.setenv("SMP_SOURCE_ROOTS", "here")
    with pytest.raises(ConfigurationError, match="whole paths"):
        load_settings()


def test_another_origin_asks_by_rest_where_it_is_named_and_with_a_key_alone(installation, people):
    asks = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "Authorization",
    }
    with app_with(installation, cors_origins=("https://app.example",)) as http:
        before = http.options(f"{API}/clients", headers=asks)
        answer = http.get(
            f"{API}/clients", headers={"Origin": "https://app.example"}, auth=people[Role.VIEWER]
        )
        other = http.get(
            f"{API}/clients", headers={"Origin": "https://other.example"}, auth=people[Role.VIEWER]
        )
    assert (before.status_code, before.headers["Access-Control-Allow-Origin"]) == (200, "https://app.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Access-Control-Allow-Credentials" not in {**before.headers, **answer.headers}
    assert "Access-Control-Allow-Origin" not in other.headers


def test_no_other_origin_asks_unless_one_is_named(installation, people):
    with app_with(installation) as http:
        answer = http.get(
            f"{API}/clients", headers={"Origin": "https://app.example"}, auth=people[Role.VIEWER]
        )
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("named", ["*", "https://app.example/place", "app.example"])
def test_origins_are_named_one_by_one(monkeypatch, named):
    monkeypatch.setenv("SMP_CORS_ORIGINS", named)
    with pytest.raises(ConfigurationError, match="SMP_CORS_ORIGINS: they must be origins"):
        load_settings()
