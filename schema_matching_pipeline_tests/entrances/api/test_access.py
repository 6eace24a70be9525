"""Nobody gets in without proof, and every fault says what it is in one form."""

from __future__ import annotations

from time import monotonic

import jwt
import psycopg
import pytest

from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.entrances.api.errors import FaultEnvelope
from schema_matching_pipeline.model.access import Role, SessionTerms
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.read_audit import list_audit
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

ME = "/api/v1/auth/me"
HELD_SECONDS = 3.0


@pytest.fixture
def tokens(http, people):
    login, key = people[Role.STEWARD]
    return http.post("/api/v1/auth/login", json={"username": login, "password": key}).json()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def code_of(answer):
    return FaultEnvelope.model_validate(answer.json()).error.code


def test_a_login_gives_a_token_for_an_hour_that_tells_who_one_is(http, tokens):
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 3600)
    me = http.get(ME, headers=bearer(tokens["access_token"])).json()
    assert (me["login"], me["role"], me["clients"]) == ("a-steward", "steward", None)
    assert "decide" in me["permissions"]


def test_a_key_is_shown_with_its_login(http, people):
    assert http.get(ME, auth=people[Role.ENGINEER]).json()["login"] == "a-engineer"


def test_both_prefixes_speak_of_the_same_things(http, people):
    assert http.get("/api/schema-matching/auth/me", auth=people[Role.VIEWER]).json()["role"] == "viewer"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic nonsense"},
        {"Authorization": "Digest x"},
    ],
)
def test_without_proof_nobody_is_anybody(http, headers):
    answer = http.get(ME, headers=headers)
    assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_that_somebody_else_signed_is_worth_nothing(http, tokens):
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    forged = [jwt.encode(claims, "k" * 32, "HS256"), jwt.encode(claims, "", "none")]
    assert [http.get(ME, headers=bearer(token)).status_code for token in forged] == [401, 401]


def test_a_login_waits_for_nobody_who_writes_to_the_audit_and_is_there_afterwards_once(http, installation):
    person = f"writer-{next(installation.names)}"
    key = add_person(installation.world, installation.steward, person, Role.ENGINEER, None).key
    with psycopg.connect(installation.owner_url()) as holding:
        holding.execute("select set_config('smp.tenant_id', %s, true)", [installation.steward.tenant_id])
        holding.execute("select smp.take_audit_head(smp.current_tenant())")
        began = monotonic()
        answer = http.post("/api/v1/auth/login", json={"username": person, "password": key})
        seconds = monotonic() - began
        me = http.get(ME, headers=bearer(answer.json()["access_token"])).json()["login"]
        holding.execute("select pg_sleep(%s)", [HELD_SECONDS])
        told_meanwhile = logins_of(installation, person)
    assert (answer.status_code, me, told_meanwhile) == (200, person, [])
    assert seconds < HELD_SECONDS
    wait_for("the login in the audit", lambda: logins_of(installation, person))
    http.post("/api/v1/auth/logout", headers=bearer(answer.json()["access_token"]))
    wait_for("the logout, too", lambda: len(logins_of(installation, person)) == 2)
    assert logins_of(installation, person) == [
        (f"logout/{person}", person, "testclient", "testclient"),
        (f"login/{person}", person, "testclient", "testclient"),
    ]


def test_a_login_that_failed_is_in_the_audit_soon(http, installation):
    person = f"guessed-{next(installation.names)}"
    add_person(installation.world, installation.steward, person, Role.VIEWER, None)
    http.post("/login", data={"login": person, "password": "a guess", "tenant": installation.settings.tenant})
    wait_for("the failure in the audit", lambda: logins_of(installation, person))
    assert logins_of(installation, person) == [
        (f"failed/{person}", "system:login", "testclient", "testclient")
    ]


def logins_of(installation, person):
    events = list_audit(installation.world, installation.steward, client=None, limit=500)
    return [
        (event.subject_key, event.actor, event.address, event.agent)
        for event in events
        if event.subject == "logins" and event.subject_key.endswith(f"/{person}")
    ]


def test_a_logout_ends_the_token(http, tokens):
    headers = bearer(tokens["access_token"])
    assert http.post("/api/v1/auth/logout", headers=headers).status_code == 204
    assert http.get(ME, headers=headers).status_code == 401


def test_a_refresh_token_works_once(http, tokens):
    body = {"refresh_token": tokens["refresh_token"]}
    again = http.post("/api/v1/auth/refresh", json=body)
    assert http.get(ME, headers=bearer(again.json()["access_token"])).status_code == 200
    assert http.post("/api/v1/auth/refresh", json=body).status_code == 401
    assert http.get(ME, headers=bearer(again.json()["access_token"])).status_code == 401


def test_a_wrong_password_and_then_too_many_of_them(http):
    body = {"username": "somebody", "password": "a guess"}
    told = [http.post("/api/v1/auth/login", json=body) for _ in range(6)]
    assert [answer.status_code for answer in told] == [401] * 5 + [429]
    assert (code_of(told[-1]), told[-1].headers["Retry-After"]) == ("LOCKED_OUT", "60")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nothing", 404, "RESOURCE_NOT_FOUND"),
        ("delete", "/api/v1/auth/login", 405, "METHOD_NOT_ALLOWED"),
        ("post", "/api/v1/auth/login", 422, "VALIDATION_ERROR"),
    ],
)
def test_faults_of_the_request_have_the_same_form(http, method, path, status, code):
    answer = getattr(http, method)(path)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_every_answer_carries_its_headers(http):
    answer = http.get("/healthz")
    assert answer.json() == {"status": "ok"}
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]) == (
        "nosniff",
        "no-store",
    )
    assert answer.headers["X-Trace-Id"]


def test_a_client_of_another_tenant_is_not_there(http, people, installation, waiting):
    stranger = installation.alone("strangers")
    assert http.get(f"/api/v1/clients/{waiting}", auth=people[Role.ADMIN]).status_code == 200
    started = begin_session(installation.world, stranger.steward, SessionTerms())
    token = AccessTokens(installation.settings.key).made(started, 60)
    answer = http.get(f"/api/v1/clients/{waiting}", headers=bearer(token))
    assert (answer.status_code, code_of(answer)) == (404, "RESOURCE_NOT_FOUND")
    assert waiting not in answer.json()["error"]["message"].replace(repr(waiting), "")
