"""Keys by REST and on the page: one's own, or by an administrator anybody's; each good for its use alone."""

from __future__ import annotations

import re

import pytest

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline_tests.entrances.api.test_pages import guard_of

API = "/api/v1"


def keys_of(person):
    return f"{API}/users/{person[0]}/keys"


def new_key(http, person, scope, **terms):
    answer = http.post(keys_of(person), json={"name": f"for {scope}", "scope": scope, **terms}, auth=person)
    assert answer.status_code == 201, answer.text
    return person[0], answer.json()["key"]


def test_a_key_is_made_seen_and_revoked(http, people):
    person = people[Role.ENGINEER]
    made = new_key(http, person, "read", days=30)
    assert http.get(f"{API}/auth/me", auth=made).json()["permissions"] == ["read", "read_metrics"]
    shown = next(
        key for key in http.get(keys_of(person), auth=person).json()["items"] if key["scope"] == "read"
    )
    assert (shown["prefix"], shown["counts"]) == (made[1][:10], True)
    assert shown["last_used_at"]
    assert made[1] not in http.get(keys_of(person), auth=person).text
    assert http.delete(f"{keys_of(person)}/{shown['id']}", auth=person).status_code == 204
    assert http.get(f"{API}/auth/me", auth=made).status_code == 401
    assert http.delete(f"{keys_of(person)}/nothing", auth=person).status_code == 404


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        ("all", (200, 202, 422)),
        ("read", (200, 403, 403)),
        ("run", (200, 202, 403)),
        ("decide", (200, 403, 422)),
    ],
)
def test_a_key_is_good_for_what_it_was_made_for(http, people, installation, scope, may):
    client = installation.add_client("scoped")
    auth = new_key(http, people[Role.ADMIN], scope)
    told = [
        http.get(f"{API}/clients/{client}", auth=auth),
        http.post(f"{API}/pipeline/start", json={"client_id": client}, auth=auth),
        http.post(
            f"{API}/clients/{client}/columns/use",
            json={"column": "x", "used": True, "reason": "."},
            auth=auth,
        ),
    ]
    assert tuple(answer.status_code for answer in told) == may


def test_a_key_to_be_measured_by_reads_nothing_else(http, people):
    auth = new_key(http, people[Role.VIEWER], "metrics")
    for place in ("/clients", "/auth/me", "/audit", f"/users/{auth[0]}/keys"):
        answer = http.get(API + place, auth=auth)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert http.get("/", auth=auth).status_code == 403


def test_a_scoped_key_makes_no_other_key(http, people):
    auth = new_key(http, people[Role.ADMIN], "decide")
    answer = http.post(keys_of(auth), json={"name": "more"}, auth=auth)
    assert answer.status_code == 403


def test_the_page_makes_a_key_shows_it_once_and_revokes_it(http, people):
    login, key = people[Role.STEWARD]
    http.post("/login", data={"login": login, "password": key, "tenant": "default", "next": "/"})
    http.headers["X-CSRF-Token"] = guard_of(http.get("/"))
    told = http.post("/settings/keys", data={"name": "<b>export", "scope": "decide", "days": "0"})
    made = found_in(told.text, r"shown this once: <code>(smp_[\w-]+)</code>")
    page = http.get("/settings").text
    assert "<b>export" not in page
    assert made[:10] in page
    assert made not in page
    row = found_in(page, r"&lt;b&gt;export.*?name=\"key_id\" value=\"([\w-]+)\"")
    assert "works no more" in http.post("/settings/keys/revoke", data={"key_id": row}).text
    assert http.get(f"{API}/auth/me", auth=(login, made)).status_code == 401


def found_in(text, pattern):
    found = re.search(pattern, text, re.DOTALL)
    assert found
    return found[1]
