"""The pages of administrators: people, trust, audit, settings. What a role may not do, its page does not do either."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from html import unescape

import psycopg
import pytest

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline_tests.entrances.api.test_pages import guard_of

PAGES = ("/", "/audit", "/trust", "/settings")


@pytest.fixture
def logged_in(http, people):
    def enter(role, page="/"):
        http.cookies.clear()
        login, key = people[role]
        data = {"login": login, "password": key, "tenant": "default", "next": "/"}
        assert http.post("/login", data=data).status_code == 303
        http.headers["X-CSRF-Token"] = guard_of(http.get(page))
        return http

    return enter


@pytest.mark.parametrize("role", Role)
def test_everybody_sees_what_everybody_may_see(logged_in, role):
    browser = logged_in(role)
    assert [page for page in PAGES if browser.get(page).status_code != 200] == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ENGINEER, Role.STEWARD])
def test_people_are_for_administrators(logged_in, role):
    browser = logged_in(role)
    assert browser.get("/users").status_code == 403
    assert 'href="/users"' not in browser.get("/").text
    body = {"login": "nobody-new", "role": "admin"}
    assert browser.post("/users", data=body).status_code == 403


def test_an_administrator_adds_a_person_whose_key_is_shown_once(logged_in, waiting):
    browser = logged_in(Role.ADMIN)
    told = browser.post("/users", data={"login": "grace", "role": "steward", "client": waiting})
    found = re.search(r"shown this once: <code>([\w-]+)</code>", told.text)
    assert found
    key = found[1]
    assert key not in browser.get("/users").text
    me = browser.get("/api/v1/auth/me", auth=("grace", key)).json()
    assert (me["role"], me["clients"]) == ("steward", [waiting])


def test_a_person_is_changed_and_given_a_password(logged_in, http):
    browser = logged_in(Role.ADMIN)
    browser.post("/users", data={"login": "joan", "role": "viewer"})
    browser.post("/users/change", data={"login": "joan", "role": "engineer", "active": "true", "client": ""})
    browser.post("/users/password", data={"login": "joan", "password": "correct horse battery"})
    given = {"username": "joan", "password": "correct horse battery"}
    token = http.post("/api/v1/auth/login", json=given).json()["access_token"]
    me = http.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert (me["role"], me["clients"]) == ("engineer", None)
    browser.post("/users/change", data={"login": "joan", "role": "engineer"})
    assert http.post("/api/v1/auth/login", json=given).status_code == 401


def test_a_short_password_is_told_where_it_was_typed(logged_in):
    browser = logged_in(Role.STEWARD)
    told = browser.post("/settings/password", data={"password": "short"}, headers={"HX-Request": "true"})
    assert told.status_code == 422
    assert told.text.startswith('<div class="warning" role="alert">')
    assert "at least 12" in told.text


def test_the_audit_shows_changes_without_secrets_and_verifies(logged_in, waiting, people):
    browser = logged_in(Role.ADMIN)
    page = browser.get(f"/audit?client={waiting}&limit=500").text
    assert "mapping versions" in page
    assert people[Role.ADMIN][1] not in page
    assert "The chain is whole." in browser.post("/audit/verify").text


def test_the_audit_names_the_column_of_an_item_and_leads_to_it(logged_in, waiting, installation):
    item = next(item for item in installation.items(waiting) if item.target)
    page = logged_in(Role.ADMIN).get(f"/audit?client={waiting}&limit=500").text
    (named,) = re.findall(rf'href="/review/{item.id}">(.*?)</a>', page)
    assert named.replace("<wbr>", "") == f"{item.ref} to {item.target}"
    assert page.count(item.id) == 1 + page.count(f"&#34;id&#34;: &#34;{item.id}&#34;")


def test_the_audit_tells_from_where_and_with_which_program_whatever_that_calls_itself(
    logged_in, http, people, installation
):
    client = installation.add_client("programs")
    changed = http.patch(
        f"/api/v1/clients/{client}",
        json={"spot_check_share": 0.1},
        auth=people[Role.ENGINEER],
        headers={"User-Agent": b"<b>stranger\x07</b> " + b"x" * 400},
    )
    assert changed.status_code == 200
    newest = http.get(f"/api/v1/audit?client={client}&limit=1", auth=people[Role.VIEWER]).json()["items"][0]
    agent = f"<b>stranger</b> {'x' * 400}"[:256]
    assert (newest["actor"], newest["address"], newest["agent"]) == ("a-engineer", "testclient", agent)
    page = logged_in(Role.ADMIN).get(f"/audit?client={client}").text
    assert f"From testclient, by &lt;b&gt;stranger&lt;/b&gt; {'x' * 240}</p>" in page


def test_the_audit_says_in_words_what_was_changed_and_keeps_the_raw_text_below(logged_in):
    browser = logged_in(Role.ADMIN)
    browser.post("/users", data={"login": "emmy", "role": "viewer"})
    browser.post("/users/change", data={"login": "emmy", "role": "engineer", "active": "true", "client": ""})
    browser.post("/users/password", data={"login": "emmy", "password": "correct horse battery"})
    page = browser.get("/audit?subject=users&action=updated&limit=2").text
    password, role = page.split("<tr>")[2:]
    assert ("password changed" in password, "password hash" in password) == (True, False)
    assert "<dt>role</dt><dd>viewer → engineer</dd>" in role
    raw = role.partition("as it was written")[2]
    assert ("&#34;role&#34;: &#34;viewer&#34;" in raw, "&#34;role&#34;: &#34;engineer&#34;" in raw) == (
        True,
        True,
    )


def test_the_page_of_the_audit_is_searched_and_its_further_pages_ask_for_the_same(
    logged_in, waiting, installation
):
    today = installation.world.clock.now().astimezone(UTC).date()
    asked = {"client": waiting, "subject": "review_items", "action": "created"}
    asked |= {"first_day": f"{today - timedelta(days=1)}", "last_day": f"{today}"}
    browser = logged_in(Role.VIEWER)
    page = browser.get("/audit", params={**asked, "actor": "", "limit": 2}).text
    rows = re.findall(r"<b>(.*?)</b> (.*?)\n", page)
    assert rows == [("created", "review items")] * 2
    assert f'value="{today}"' in page
    (older,) = re.findall(r'href="(/audit\?[^"]*)" rel="next"', page)
    further = browser.get(older.replace("&amp;", "&")).text
    seen = [re.findall(r"<small>row ([\d,]+)</small>", one) for one in (page, further)]
    assert [len(numbers) for numbers in seen] == [2, 2]
    numbers = [int(number.replace(",", "")) for each in seen for number in each]
    assert numbers == sorted(set(numbers), reverse=True)
    assert re.findall(r"<b>(.*?)</b> (.*?)\n", further) == rows


def test_the_page_of_the_audit_says_which_search_found_nothing(logged_in, waiting):
    browser = logged_in(Role.VIEWER)
    asked = {"client": waiting, "actor": "<b>nobody", "subject": "users", "last_day": "2020-01-31"}
    page = browser.get("/audit", params=asked).text
    assert f"that is of users, by “&lt;b&gt;nobody”, up to 2020-01-31, in {waiting}." in page
    wrong = {"first_day": "2026-11-21", "last_day": "2026-11-20", "client": waiting}
    refused = browser.get("/audit", params=wrong)
    assert (refused.status_code, "ends before it begins" in refused.text) == (422, True)
    assert browser.get("/audit?last_day=9999-12-31").status_code == 422
    assert browser.get("/audit?subject=nothing").status_code == 422


def test_a_client_is_put_under_another_profile_by_who_may(logged_in, installation):
    client = installation.add_client("trusted")
    refused = logged_in(Role.STEWARD).post(f"/trust/{client}", data={"profile": "standard"})
    assert refused.status_code == 403
    told = logged_in(Role.ENGINEER).post(f"/trust/{client}", data={"profile": "standard"})
    assert (told.status_code, told.headers["HX-Redirect"]) == (200, f"/trust?client={client}")
    assert "Thresholds under <b>standard</b>" in logged_in(Role.VIEWER).get(f"/trust?client={client}").text


def test_how_much_comes_back_as_spot_checks_is_set_by_who_manages_clients(logged_in, installation):
    client = installation.add_client("checked")
    assert "5 % come back" in logged_in(Role.VIEWER).get(f"/trust?client={client}").text
    refused = logged_in(Role.STEWARD).post(f"/trust/{client}/checks", data={"percent": "0"})
    assert refused.status_code == 403
    told = logged_in(Role.ENGINEER).post(f"/trust/{client}/checks", data={"percent": "12.5"})
    assert (told.status_code, told.headers["HX-Redirect"]) == (200, f"/trust?client={client}")
    page = logged_in(Role.ENGINEER).get(f"/trust?client={client}").text
    assert ('value="12.5"' in page, "nobody answered one yet" in page) == (True, True)
    assert (
        logged_in(Role.ENGINEER).post(f"/trust/{client}/checks", data={"percent": "101"}).status_code == 422
    )


def risen(installation, client):
    """A threshold of the client that rose, and of which it is suggested that it falls again."""
    with psycopg.connect(installation.owner_url()) as connection:
        connection.execute(
            "select set_config('smp.tenant_id', %s, true), set_config('smp.actor', 'system:test', true)",
            [installation.steward.tenant_id],
        )
        for kind, before, after, wrong in (
            ("tightened", 0.98, 0.99, 3),
            ("suggested", 0.99, 0.98, 0),
        ):
            connection.execute(
                "insert into smp.trust_adjustments"
                " (client, entity, kind, threshold_before, threshold, decided, wrong, bound, made_by)"
                " values (%s, 'patient', %s, %s, %s, 200, %s, 0.02, 'system:pipeline')",
                [client, kind, before, after, wrong],
            )


def test_a_threshold_that_rose_is_shown_and_falls_by_an_administrator_s_word(logged_in, installation):
    client = installation.add_client("risen")
    risen(installation, client)
    page = logged_in(Role.STEWARD, f"/trust?client={client}").get(f"/trust?client={client}").text
    assert "3 of 200 wrong" in page
    assert "Let it fall" not in page
    asked = {"entity": "patient", "reason": "enough was right", "answer": "relax"}
    assert logged_in(Role.STEWARD).post(f"/trust/{client}/relax", data=asked).status_code == 403
    admin = logged_in(Role.ADMIN)
    page = admin.get(f"/trust?client={client}").text
    assert page.count("Let it fall") == 1
    needs = admin.get(f"/api/v1/clients/{client}/thresholds").json()["entities"]
    assert {one["entity"]: one["effective_threshold"] for one in needs}["patient"] == 0.99
    told = admin.post(f"/trust/{client}/relax", data=asked)
    assert (told.status_code, told.headers["HX-Redirect"]) == (200, f"/trust?client={client}")
    page = admin.get(f"/trust?client={client}").text
    assert ("enough was right" in page, "Let it fall" in page) == (True, False)
    adjusted = admin.get("/api/v1/config").json()["adjustments"]
    assert [
        (one["client"], one["kind"], one["threshold"]) for one in adjusted if one["client"] == client
    ] == [(client, "relaxed", 0.98)]


def test_settings_tell_whether_a_secret_is_set_and_not_which(logged_in, installation):
    page = logged_in(Role.VIEWER).get("/settings").text
    known = installation.settings
    secrets = [known.secret_key, known.database_url, known.migration_url, known.dagster_url]
    assert [one for one in secrets if one.get_secret_value() in page] == []
    assert "SMP_DATABASE_URL" in page


def test_the_profile_of_a_client_is_browsed_without_a_script(logged_in, waiting, installation):
    answer = logged_in(Role.VIEWER).get(f"/clients/{waiting}/profile")
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "date_of_birth" in answer.text.replace("<wbr>", "")
    assert f'href="/clients/{waiting}"' in answer.text
    assert "1950-03-01" not in answer.text


def test_a_client_that_was_never_profiled_says_so(logged_in, installation):
    client = installation.add_client("new")
    answer = logged_in(Role.VIEWER).get(f"/clients/{client}/profile")
    assert answer.status_code == 422
    assert (" yet. See the client's page." in unescape(answer.text), "smp onboard" in answer.text) == (
        True,
        False,
    )
