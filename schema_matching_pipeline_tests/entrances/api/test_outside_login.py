"""People log in by an identity provider: the whole way by HTTP and in a browser, and every fault of a provider's refused."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import jwt
import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from playwright.sync_api import expect, sync_playwright
from pydantic import SecretStr
from starlette.testclient import TestClient

from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.identity import Grant
from schema_matching_pipeline.runtime import identity_provider as opened
from schema_matching_pipeline.runtime import vouched_actor
from schema_matching_pipeline.settings import load_settings
from schema_matching_pipeline.workflows.manage_people import (
    PersonChange,
    add_person,
    change_person,
    list_people,
)
from schema_matching_pipeline.workflows.read_audit import list_audit
from schema_matching_pipeline_tests.entrances.api.apps import app_for
from schema_matching_pipeline_tests.entrances.api.conftest import serving
from schema_matching_pipeline_tests.entrances.dagster.installation import PEOPLE, Installation, free_port
from schema_matching_pipeline_tests.fakes.identity_provider import CLIENT, SECRET, Provider, identity_provider

DESK = "http://desk.example"
LONG_AGO, LONG_HENCE = 1_000_000_000, 9_000_000_000
ANOTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with identity_provider() as running:
        running.returns_to = f"{DESK}/login/outside/back"
        yield running


@pytest.fixture
def tenant(installation: Installation) -> Installation:
    """A tenant of its own, which the desk under test lets into."""
    return installation.alone("outside")


@pytest.fixture
def desk(tenant: Installation, provider: Provider) -> TestClient:
    return browser(app_of(tenant, provider))


def app_of(tenant: Installation, provider: Provider, **update: object) -> FastAPI:
    """The app of an installation that trusts the provider."""
    administrator = vouched_actor(
        tenant.settings, tenant.world, tenant.steward.tenant_id, PEOPLE[0], Role.ADMIN
    )
    assert administrator.key is not None
    settings = tenant.settings.model_copy(
        update={
            "tenant": name_of(tenant),
            "user": administrator.login,
            "api_key": administrator.key,
            "desk_url": DESK,
            "oidc_issuer": provider.url,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET),
            "oidc_name": "Example ID",
            "oidc_timeout_seconds": 2.0,
            **update,
        }
    )
    return app_for(dataclasses.replace(tenant.world, identity=opened(settings)), settings)


def name_of(tenant: Installation) -> str:
    with psycopg.connect(tenant.owner_url()) as connection:
        found = connection.execute(
            "select name from smp.tenants where id = %s", [tenant.steward.tenant_id]
        ).fetchone()
    assert found is not None
    return str(found[0])


def browser(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=DESK, follow_redirects=False)


def known(tenant: Installation, login: str = "ada", email: str = "ada@example.org") -> None:
    """Somebody whom an administrator knows by the address."""
    add_person(tenant.world, tenant.steward, login, Role.STEWARD, None)
    change_person(tenant.world, tenant.steward, login, PersonChange(email=email))


def sent_out(desk: TestClient, place: str = "/") -> str:
    """Where the provider sends the browser back to, which set out from the login page."""
    away = desk.get("/login/outside", params={"next": place})
    assert away.status_code == 303, away.text
    back = httpx2.get(away.headers["location"], follow_redirects=False)
    assert back.status_code == 302, back.text
    return str(back.headers["location"])


def come_back(desk: TestClient, place: str = "/"):
    return desk.get(sent_out(desk, place))


def me(desk: TestClient):
    return desk.get("/api/v1/auth/me")


def warned(answer) -> str:
    found = re.search(r'role="alert">(.*?)</div>', answer.text, re.DOTALL)
    return found[1].replace("&#39;", "'") if found else ""


def test_who_is_known_by_his_address_is_let_in_with_the_role_he_has(desk, tenant, provider):
    known(tenant)
    provider.email = "Ada@Example.ORG"
    assert "Sign in with Example ID" in desk.get("/login").text
    entered = come_back(desk, "/review?client=a")
    assert (entered.status_code, entered.headers["location"]) == (303, "/review?client=a")
    found = me(desk).json()
    assert (found["login"], found["role"]) == ("ada", "steward")
    assert {name for name in desk.cookies} == {"smp_session", "smp_outside"}  # noqa: C416 - the names alone


def test_what_goes_to_the_provider_says_nothing_about_the_cookie(desk):
    away = desk.get("/login/outside")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}
    cookie = away.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/login/outside"} <= set(cookie.split("; "))
    seed = jwt.decode(
        desk.cookies["smp_journey"].strip('"'), options={"verify_signature": False, "verify_exp": False}
    )["seed"]
    assert seed not in away.headers["location"]
    assert (asked["code_challenge_method"], asked["redirect_uri"]) == (
        "S256",
        f"{DESK}/login/outside/back",
    )
    assert {"state", "nonce", "code_challenge", "client_id", "scope", "response_type"} <= set(asked)
    assert "form-action 'self'" in away.headers["content-security-policy"]


@pytest.mark.parametrize(
    "place", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"]
)
def test_nobody_is_sent_elsewhere(desk, tenant, place):
    known(tenant)
    assert come_back(desk, place).headers["location"] == "/"


def test_where_no_provider_is_set_up_there_is_no_such_place(http):
    assert "Sign in with" not in http.get("/login").text
    assert http.get("/login/outside").status_code == 404
    assert http.get("/login/outside/back").status_code == 404
    assert http.get("/api/v1/auth/ways").json() == {"password": True, "provider": None}


def test_programs_are_told_where_a_browser_begins(desk):
    assert desk.get("/api/v1/auth/ways").json()["provider"] == {
        "name": "Example ID",
        "address": f"{DESK}/login/outside",
    }


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"aud": "another"}, "it is for another program"),
        ({"aud": [CLIENT, "another"]}, "it is for another program"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "it is for another program"),
        ({"iss": "https://elsewhere.example"}, "it is another provider"),
        ({"exp": LONG_AGO}, "it has run out"),
        ({"exp": None}, "it has run out"),
        ({"iat": LONG_HENCE, "exp": LONG_HENCE}, "it is of another time"),
        ({"nonce": "another"}, "it belongs to another login"),
        ({"nonce": None}, "it belongs to another login"),
        ({"email": None}, "it names no e-mail address"),
        ({"email_verified": False}, "is not verified"),
        ({"email_verified": "true"}, "is not verified"),
        ({"at_hash": "nonsense"}, "its at_hash is not right"),
    ],
    ids=lambda each: json.dumps(each)[:40],
)
def test_a_token_that_says_something_else_is_refused(desk, tenant, provider, claims, told):
    known(tenant)
    provider.claims = claims
    answer = come_back(desk)
    assert (answer.status_code, told in warned(answer)) == (401, True), warned(answer)
    assert me(desk).status_code == 401


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("RS256", ANOTHER_KEY), ("HS256", "a key that is shared, and long enough"), ("none", None)],
    ids=["another key", "a shared one", "none"],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(desk, tenant, provider, algorithm, key):
    known(tenant)
    provider.algorithm, provider.signs_with = algorithm, lambda _: key
    answer = come_back(desk)
    assert (answer.status_code, "signed" in warned(answer)) == (401, True), warned(answer)


def test_keys_that_were_changed_are_looked_for(desk, tenant, provider):
    known(tenant)
    assert come_back(desk).status_code == 303
    before = provider.asked.count("/keys")
    assert come_back(desk).status_code == 303
    assert provider.asked.count("/keys") == before
    provider.rotate()
    assert come_back(desk).status_code == 303
    assert provider.asked.count("/keys") == before + 1


def test_a_code_works_once(desk, tenant):
    known(tenant)
    back = sent_out(desk)
    journey = desk.cookies["smp_journey"]
    assert desk.get(back).status_code == 303
    desk.cookies.clear()
    answer = desk.get(back)
    assert (answer.status_code, "not begun in this browser" in warned(answer)) == (401, True)
    desk.cookies.set("smp_journey", journey, domain="desk.example", path="/login/outside")
    answer = desk.get(back)
    assert (answer.status_code, "invalid_grant" in warned(answer)) == (401, True)


def test_a_way_back_that_another_browser_set_out_for_is_refused(tenant, provider):
    known(tenant)
    app = app_of(tenant, provider)
    mine, theirs = browser(app), browser(app)
    back = sent_out(theirs)
    sent_out(mine)
    answer = mine.get(back)
    assert (answer.status_code, "not begun in this browser" in warned(answer)) == (401, True)
    assert provider.asked.count("/token") == 0


@pytest.mark.parametrize(
    ("query", "told"),
    [("error=access_denied", "(access_denied)"), ("error=<b>", "(without a code)"), ("", "")],
)
def test_whom_the_provider_does_not_let_through_is_told_so(desk, query, told):
    state = parse_qs(urlsplit(sent_out(desk)).query)["state"][0]
    answer = desk.get(f"/login/outside/back?state={state}&{query}")
    assert (answer.status_code, told in warned(answer)) == (401, True)
    assert "<b>" not in answer.text


@pytest.mark.parametrize("place", ["/.well-known/openid-configuration", "/keys", "/token"])
@pytest.mark.parametrize("fault", ["500", "nonsense", "slow", "none there"])
def test_a_provider_that_does_not_answer_is_told_of(tenant, provider, place, fault):
    known(tenant)
    desk = browser(app_of(tenant, provider, oidc_timeout_seconds=0.5))
    back = sent_out(desk) if place == "/token" else ""
    if fault == "500":
        provider.status = {place: 500}
    elif fault == "nonsense":
        provider.body = {place: b"<html>"}
    elif fault == "slow":
        provider.seconds = 1.5
    else:
        desk = browser(app_of(tenant, provider, oidc_issuer=f"http://localhost:{free_port()}"))
        back = ""
    answer = desk.get(back or "/login/outside")
    assert (answer.status_code, "dentity provider" in warned(answer)) == (502, True), warned(answer)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"issuer": "https://elsewhere.example"}, "by another name"),
        ({"token_endpoint": "http://elsewhere.example/token"}, "without encryption"),
        ({"jwks_uri": None}, "(jwks_uri)"),
    ],
)
def test_a_provider_that_says_something_odd_about_itself_is_told_of(desk, provider, changes, told):
    provider.changes = changes
    answer = desk.get("/login/outside")
    assert (answer.status_code, told in warned(answer)) == (502, True), warned(answer)


def test_a_wrong_secret_is_the_installation_s_fault_and_told_nobody(tenant, provider):
    desk = browser(app_of(tenant, provider, oidc_client_secret=SecretStr("a wrong one")))
    answer = come_back(desk)
    assert (answer.status_code, "invalid_client" in warned(answer)) == (502, True)
    assert "a wrong one" not in answer.text


def test_a_secret_goes_in_the_body_where_the_provider_wants_it_there(desk, tenant, provider):
    known(tenant)
    provider.changes = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert come_back(desk).status_code == 303


def test_whom_nobody_knows_is_refused_and_told_what_to_do(desk, tenant, provider):
    answer = come_back(desk)
    assert answer.status_code == 403
    assert "You are ada@example.org to the identity provider, which nobody is here" in warned(answer)
    assert {person.login for person in list_people(tenant.world, tenant.steward)} == set(PEOPLE)


def test_who_may_no_longer_act_is_refused_whatever_his_groups_are_worth(tenant, provider):
    known(tenant)
    change_person(tenant.world, tenant.steward, "ada", PersonChange(active=False))
    desk = browser(app_of(tenant, provider, oidc_groups={"staff": Grant(role=Role.VIEWER)}))
    provider.groups = ["staff"]
    answer = come_back(desk)
    assert (answer.status_code, "may no longer act" in warned(answer)) == (403, True)


def test_groups_let_people_in_and_their_worth_of_today_counts(tenant, provider):
    client = tenant.add_client("grouped")
    grants = {
        "everybody": Grant(role=Role.VIEWER),
        "stewards": Grant(role=Role.STEWARD, clients=(client,)),
    }
    desk = browser(app_of(tenant, provider, oidc_groups=grants))
    provider.groups = ["everybody", "stewards", "others"]
    assert come_back(desk).status_code == 303
    found = me(desk).json()
    assert (found["login"], found["role"], found["clients"]) == (
        "oidc:ada@example.org",
        "steward",
        [client],
    )
    provider.groups = ["everybody"]
    assert come_back(desk).status_code == 303
    found = me(desk).json()
    assert (found["role"], found["clients"]) == ("viewer", None)
    provider.groups = []
    answer = come_back(desk)
    assert (answer.status_code, "no longer counts ada@example.org" in warned(answer)) == (403, True)
    assert audited(tenant, "oidc:ada@example.org") == [
        ("test:steward", "admitted by the groups of the identity provider")
    ]


def ended(tenant: Installation) -> None:
    """As if the sessions of the tenant had come to their age."""
    with psycopg.connect(tenant.owner_url()) as connection:
        connection.execute("select set_config('smp.tenant_id', %s, false)", [tenant.steward.tenant_id])
        connection.execute("update smp.sessions set access_until = now()")


def test_a_session_by_the_providers_word_lasts_so_long_and_the_provider_is_asked_again(tenant, provider):
    grants = {"staff": Grant(role=Role.STEWARD), "guests": Grant(role=Role.VIEWER)}
    desk = browser(app_of(tenant, provider, oidc_groups=grants, oidc_session_minutes=30))
    provider.groups = ["staff"]
    entered = come_back(desk)
    assert re.search(r"smp_session=[^;]+;.*?Max-Age=1800;", entered.headers["set-cookie"])
    with psycopg.connect(tenant.owner_url()) as connection:
        connection.execute("select set_config('smp.tenant_id', %s, false)", [tenant.steward.tenant_id])
        lasted = connection.execute(
            "select extract(epoch from access_until - created_at) from smp.sessions order by created_at desc limit 1"
        )
        assert next(lasted)[0] == 1800

    ended(tenant)
    away = desk.get("/review?client=a")
    assert (away.status_code, away.headers["location"]) == (303, "/login/outside?next=/review%3Fclient%3Da")
    part = desk.get(
        "/review/queue", headers={"HX-Request": "true", "HX-Current-URL": f"{DESK}/review?client=a"}
    )
    assert part.headers["HX-Redirect"] == "/login/outside?next=/review%3Fclient%3Da"
    provider.groups = ["guests"]
    assert come_back(desk, "/review?client=a").headers["location"] == "/review?client=a"
    assert me(desk).json()["role"] == "viewer"

    ended(tenant)
    provider.groups = []
    refused = come_back(desk)
    assert (refused.status_code, "no longer counts ada@example.org" in warned(refused)) == (403, True)
    assert desk.get("/").headers["location"] == "/login?next=/"


def test_keys_and_passwords_work_no_longer_than_the_person_would(tenant, provider):
    groups = {"staff": Grant(role=Role.STEWARD)}
    app = app_of(tenant, provider, oidc_groups=groups, oidc_session_minutes=30, oidc_standing_minutes=90)
    desk, script = browser(app), browser(app)
    provider.groups = ["staff"]
    come_back(desk)
    page = desk.get("/settings").text
    assert "You are here by your groups at the identity provider." in page
    guard = {"X-CSRF-Token": found(r'"X-CSRF-Token": "(\w+)"', page)}
    made = desk.post("/settings/keys", data={"name": "nightly", "scope": "all", "days": 0}, headers=guard)
    desk.post("/settings/password", data={"password": "correct horse battery"}, headers=guard)
    proofs = [
        ("oidc:ada@example.org", found(r"(smp_[\w-]{20,})", made.text)),
        ("oidc:ada@example.org", "correct horse battery"),
    ]
    (until,) = (
        each.proven_until for each in list_people(tenant.world, tenant.steward) if each.login == proofs[0][0]
    )
    assert until
    assert timedelta(minutes=89) < until - datetime.now(UTC) < timedelta(minutes=90)
    assert answers(script, proofs) == [(200, ""), (200, "")]

    lapsed(tenant)
    assert answers(script, proofs) == [(401, "The identity provider has not proven you since")] * 2
    assert "/login/outside" in desk.get("/").headers["location"]
    come_back(desk)
    assert answers(script, proofs) == [(200, ""), (200, "")]

    provider.groups = []
    assert come_back(desk).status_code == 403
    assert answers(script, proofs) == [(401, "The identity provider has not proven you since")] * 2
    assert me(desk).status_code == 401
    events = list_audit(tenant.world, tenant.steward, client=None, limit=200)
    (lost,) = [
        event
        for event in events
        if event.subject == "users" and "no group of the identity provider" in str(event.reason)
    ]
    assert (lost.actor, lost.action) == ("test:steward", "updated")


def found(pattern: str, text: str) -> str:
    """The group of the pattern, which the text holds."""
    match = re.search(pattern, text)
    assert match, text
    return match[1]


def answers(script: TestClient, proofs: list[tuple[str, str]]) -> list[tuple[int, str]]:
    """What a key is told that is shown as it is, and what a password that logs in."""
    (login, key), (_, password) = proofs
    by_key = script.get("/api/v1/auth/me", auth=(login, key))
    by_password = script.post("/api/v1/auth/login", json={"username": login, "password": password})
    return [
        (each.status_code, "" if each.is_success else each.json()["error"]["message"].partition(" 20")[0])
        for each in (by_key, by_password)
    ]


def lapsed(tenant: Installation) -> None:
    """As if the provider had proven nobody for long."""
    with psycopg.connect(tenant.owner_url()) as connection:
        connection.execute("select set_config('smp.tenant_id', %s, false)", [tenant.steward.tenant_id])
        connection.execute("update smp.users set proven_until = now() where proven_until is not null")


def test_who_logs_out_is_not_let_in_again_by_himself(desk, tenant):
    known(tenant)
    come_back(desk)
    guard = re.search(r'"X-CSRF-Token": "(\w+)"', desk.get("/settings").text)
    assert guard
    assert desk.post("/logout", headers={"X-CSRF-Token": guard[1]}).status_code == 204
    assert desk.get("/").headers["location"] == "/login?next=/"


def test_an_address_that_an_administrator_took_from_somebody_lets_nobody_in(tenant, provider):
    desk = browser(app_of(tenant, provider, oidc_groups={"staff": Grant(role=Role.VIEWER)}))
    provider.groups = ["staff"]
    assert come_back(desk).status_code == 303
    change = PersonChange(email="another@example.org")
    change_person(tenant.world, tenant.steward, "oidc:ada@example.org", change)
    answer = come_back(desk)
    assert (answer.status_code, "goes by another address here" in warned(answer)) == (403, True)


def test_the_role_an_administrator_gave_is_not_changed_by_groups(tenant, provider):
    known(tenant)
    desk = browser(app_of(tenant, provider, oidc_groups={"staff": Grant(role=Role.ADMIN)}))
    provider.groups = ["staff"]
    assert come_back(desk).status_code == 303
    assert me(desk).json()["role"] == "steward"


def test_whoever_is_let_in_by_groups_has_no_key_that_nobody_was_shown(tenant, provider):
    desk = browser(app_of(tenant, provider, oidc_groups={"staff": Grant(role=Role.VIEWER)}))
    provider.groups = ["staff"]
    assert come_back(desk).status_code == 303
    keys = desk.get("/api/v1/users/oidc:ada@example.org/keys").json()["items"]
    assert [(key["name"], key["counts"]) for key in keys] == [("identity provider", True), ("first", False)]


def test_groups_that_are_worth_a_client_that_is_not_there_let_nobody_in(tenant, provider):
    grants = {"staff": Grant(role=Role.STEWARD, clients=("nobody",))}
    desk = browser(app_of(tenant, provider, oidc_groups=grants))
    provider.groups = ["staff"]
    answer = come_back(desk)
    assert (answer.status_code, "There is no client named nobody" in warned(answer)) == (422, True)


def test_another_claim_than_the_address_counts_at_the_provider_s_word(tenant, provider):
    known(tenant)
    desk = browser(app_of(tenant, provider, oidc_email_claim="upn"))
    provider.claims = {"email": None, "email_verified": None, "upn": "ada@example.org"}
    assert come_back(desk).status_code == 303


def test_a_name_that_is_locked_is_locked_for_the_provider_too(desk, tenant):
    known(tenant)
    form = {"login": "ada", "password": "a guess", "tenant": name_of(tenant)}
    assert [desk.post("/login", data=form).status_code for _ in range(5)] == [401] * 5
    answer = come_back(desk)
    assert (answer.status_code, "Too many logins by that name" in warned(answer)) == (429, True)


def test_too_many_from_one_address_are_refused(tenant, provider):
    desk = browser(app_of(tenant, provider, logins_per_minute=4))
    told = [desk.get("/login/outside").status_code for _ in range(3)]
    assert (told[0], told[-1]) == (303, 429)


def audited(tenant: Installation, login: str) -> list[tuple[str, str | None]]:
    """Who made the person, and why."""
    events = list_audit(tenant.world, tenant.steward, client=None, limit=200)
    return [
        (event.actor, event.reason)
        for event in events
        if event.subject == "users" and event.action == "created" and login in str(event.new)
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"OIDC_ISSUER": "http://id.example.org", "OIDC_CLIENT_ID": "desk"}, "SMP_OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://id.example.org?x=y", "OIDC_CLIENT_ID": "desk"}, "SMP_OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://id.example.org"}, "it also needs SMP_OIDC_CLIENT_ID"),
        ({"OIDC_CLIENT_ID": "desk"}, "nothing without SMP_OIDC_ISSUER"),
        ({"OIDC_GROUPS": "staff=viewer"}, "it must be JSON"),
        ({"OIDC_GROUPS": '{"staff": {"role": "king"}}'}, "SMP_OIDC_GROUPS: staff"),
        ({"OIDC_GROUPS": '{"staff": {"role": "viewer", "clients": []}}'}, "SMP_OIDC_GROUPS: staff"),
        (
            {
                "OIDC_ISSUER": "https://id.example.org",
                "OIDC_CLIENT_ID": "desk",
                "OIDC_GROUPS": '{"staff": {"role": "viewer"}}',
                "DATABASE_URL": "postgresql://a@b/c",
                "DAGSTER_URL": "postgresql://a@b/d",
                "SECRET_KEY": "ab" * 32,
            },
            "it also needs SMP_USER and SMP_API_KEY",
        ),
    ],
)
def test_settings_that_do_not_fit_are_refused(monkeypatch, given, told):
    for name, value in given.items():
        monkeypatch.setenv(f"SMP_{name}", value)
    with pytest.raises(ConfigurationError, match=told):
        load_settings()


def test_a_person_presses_a_button_and_is_in(tenant, provider):
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed here (Debian: apt-get install chromium)")
    known(tenant)
    provider.asks_first, provider.returns_to = True, ""
    app = app_of(tenant, provider)
    with serving(app) as address, sync_playwright() as playwright:
        served = app.state.installation
        settings = served.settings.model_copy(update={"desk_url": address})
        app.state.installation = dataclasses.replace(served, settings=settings)
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = started.new_context(base_url=address).new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto("/settings")
        expect(page).to_have_url(re.compile(r"/login\?next="))
        wrong = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        page.get_by_role("link", name="Sign in with Example ID").press("Enter")
        page.get_by_role("link", name="Be ada@example.org").click()
        expect(page.locator(".me summary")).to_have_text("ada")
        assert [each["id"] for each in wrong if each["impact"] in {"serious", "critical"}] == []
        page.goto("/login")
        provider.claims = {"nonce": "another"}
        page.get_by_role("link", name="Sign in with Example ID").click()
        page.get_by_role("link", name="Be ada@example.org").click()
        expect(page.get_by_role("alert")).to_contain_text("it belongs to another login")
        started.close()
    assert [text for text in said if "401" not in text and "403" not in text] == []
