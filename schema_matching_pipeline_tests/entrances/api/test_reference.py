"""The REST interface described for people: every route, who may ask it, and examples that it understands."""

from __future__ import annotations

import json
import re
import shlex
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.app import openapi
from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.entrances.api.described import Document
from schema_matching_pipeline.entrances.api.needed import NEEDED, Anybody
from schema_matching_pipeline.entrances.api.reference import reference_of
from schema_matching_pipeline.model.access import SessionTerms
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline_tests.entrances.api.test_permissions import token_of

REFERENCE = reference_of(openapi(), "http://desk.example")
ROUTES = {f"{route.method} {route.path}": route for subject in REFERENCE.subjects for route in subject.routes}
ENDLESS = {"GET /events"}
ASKED = [key for key, route in ROUTES.items() if route.needs != Anybody.NOBODY_KNOWN and key not in ENDLESS]


@pytest.fixture(scope="module")
def tenant(installation):
    return installation.alone("examples")


@pytest.fixture
def desk(app, tenant):
    browser = TestClient(app, follow_redirects=False)
    started = begin_session(tenant.world, tenant.steward, SessionTerms(access_minutes=10))
    browser.get(f"/enter?ticket={AccessTokens(tenant.settings.key).made(started, 10)}")
    return browser


def test_every_route_is_described_with_who_may_ask_it():
    paths = Document.model_validate(openapi()).paths
    described = {f"{method.upper()} {path}" for path, asked in paths.items() for method in asked}
    assert set(ROUTES) == described
    assert len(described) == len(NEEDED)
    assert ROUTES["POST /api/v1/users"].needs == "manage users (admin)"
    assert ROUTES["GET /healthz"].needs == "anybody"


def test_what_a_route_takes_and_gives_is_said_in_words():
    added = ROUTES["POST /api/v1/clients"]
    assert added.body is not None
    (start,) = (each for each in added.body.fields if each.name == "start")
    assert (start.kind.before, start.required, start.default, start.meaning) == (
        "true or false",
        False,
        "true",
        "Ask for its onboarding at once; else nothing starts until somebody asks.",
    )
    assert [(each.status, each.kind and each.kind.thing) for each in added.given] == [
        ("201 Created", "ClientRecord")
    ]
    listed = next(each for each in ROUTES["GET /api/v1/clients"].parameters if each.name == "size")
    assert listed.kind.before == "whole number from 1 to 200"
    scope = ROUTES["POST /api/v1/users/{login}/keys"].body
    assert scope is not None
    assert next(each.kind.before for each in scope.fields if each.name == "scope").startswith("one of ")


def test_every_thing_that_is_named_is_described_beside_the_routes():
    for subject in REFERENCE.subjects:
        told = {thing.name for thing in subject.things}
        named = {field.kind.thing for thing in subject.things for field in thing.fields}
        named |= {given.kind.thing for route in subject.routes for given in route.given if given.kind}
        assert named - {None} <= told


@pytest.mark.parametrize("key", ASKED)
def test_an_example_is_understood(key, http, tenant):
    words = shlex.split(ROUTES[key].example)
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    address = urlsplit(next(word for word in words if word.startswith("http://desk.example")))
    body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
    place = f"{address.path}?{address.query}" if address.query else address.path
    answer = http.request(method, place, json=body, headers=token_of(tenant, tenant.steward))
    assert (method, answer.status_code) != (method, HTTPStatus.METHOD_NOT_ALLOWED)
    if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        assert "mistakes" not in answer.json()["error"]["details"], answer.json()


def test_the_pages_show_the_routes_their_examples_and_what_they_speak_of(desk):
    index = desk.get("/api/docs").text
    page = desk.get("/api/docs/review").text
    places = re.findall(r'href="/api/docs/[\w-]+#([\w.-]+)"', index)
    assert places == [route.anchor for route in ROUTES.values()]
    for route in next(each for each in REFERENCE.subjects if each.slug == "review").routes:
        assert f'id="{route.anchor}"' in page
    assert 'href="/api/docs"' in desk.get("/settings").text


def test_nobody_is_shown_the_pages_without_a_login(http):
    for place in ("/api/docs", "/api/docs/review"):
        answer = http.get(place, follow_redirects=False)
        assert answer.status_code == HTTPStatus.SEE_OTHER
        assert answer.headers["Location"] == f"/login?next={place}"


def test_a_subject_that_is_not_there_is_told_on_a_page(desk):
    for place in ("/api/docs/nothing", "/api/docs/review/nothing"):
        answer = desk.get(place)
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "nothing" in desk.get("/api/docs/nothing").text


def test_a_program_is_given_json_beside_the_pages(http):
    for place in ("/api/docs-of-old", "/api/v1/nothing"):
        answer = http.get(place, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            HTTPStatus.NOT_FOUND,
            "application/json",
        )
