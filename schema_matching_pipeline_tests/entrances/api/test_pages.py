"""People get in by a form or a ticket, and a page of somebody else's does nothing in their name."""

from __future__ import annotations

import html
import re

import pytest

from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.model.access import Role, SessionTerms
from schema_matching_pipeline.workflows.log_in import begin_session


@pytest.fixture
def inside(http, people):
    """A browser in which a steward is logged in."""
    login, key = people[Role.STEWARD]
    answer = http.post("/login", data={"login": login, "password": key, "tenant": "default", "next": "/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    return http


def guard_of(page):
    found = re.search(r'"X-CSRF-Token": "(\w+)"', page.text)
    assert found
    return found[1]


def test_who_is_not_logged_in_is_led_to_the_form_and_back(http):
    answer = http.get("/?from=mail")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/%3Ffrom%3Dmail")
    assert 'value="/?from=mail"' in http.get(answer.headers["Location"]).text


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere"])
def test_a_login_leads_to_no_other_place_than_ours(http, people, elsewhere):
    login, key = people[Role.STEWARD]
    data = {"login": login, "password": key, "tenant": "default", "next": elsewhere}
    assert http.post("/login", data=data).headers["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_login(http):
    data = {"login": "<b>ada</b>", "password": "wrong", "tenant": "default", "next": "/"}
    answer = http.post("/login", data=data)
    assert answer.status_code == 401
    assert "do not fit together. An administrator gives another password." in answer.text
    assert "&lt;b&gt;ada&lt;/b&gt;" in answer.text


def test_a_login_form_on_a_page_of_somebody_else_logs_nobody_in(http, people):
    login, key = people[Role.STEWARD]
    data = {"login": login, "password": key, "tenant": "default", "next": "/"}
    answer = http.post("/login", data=data, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "smp_session" not in http.cookies


def test_the_cookie_is_for_no_script(inside):
    cookie = next(cookie for cookie in inside.cookies.jar if cookie.name == "smp_session")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite").lower() == "lax"


def test_the_first_page_shows_who_waits(inside, waiting):
    page = inside.get("/").text
    assert waiting in page
    assert "awaiting review" in page


def test_a_form_of_somebody_else_is_refused(inside):
    assert inside.post("/logout").status_code == 403
    assert inside.get("/").status_code == 200


def test_logging_out_ends_the_session(inside):
    cookie = inside.cookies["smp_session"]
    answer = inside.post("/logout", headers={"X-CSRF-Token": guard_of(inside.get("/")), "HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/login")
    inside.cookies.set("smp_session", cookie)
    assert inside.get("/").status_code == 303


def test_a_part_of_a_page_leads_the_whole_page_to_the_login(http):
    answer = http.get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/login?next=/")


def test_a_ticket_lets_in_once(http, installation):
    started = begin_session(installation.world, installation.steward, SessionTerms(access_minutes=10))
    ticket = AccessTokens(installation.settings.key).made(started, 10)
    assert http.get(f"/enter?ticket={ticket}").status_code == 303
    assert http.get("/").status_code == 200
    http.cookies.clear()
    assert http.get(f"/enter?ticket={ticket}").headers["Location"].startswith("/login")


def test_a_place_that_is_not_there_is_a_page_that_says_so(inside):
    answer = inside.get("/nothing")
    assert answer.status_code == 404
    assert "There is nothing at /nothing." in answer.text


def test_an_unknown_item_leads_to_the_queue_and_to_no_terminal(inside):
    page = inside.get("/review/deadbeef")
    assert (page.status_code, "See the review queue." in page.text, "smp " in page.text) == (404, True, False)


def test_a_filter_that_is_not_there_is_told_with_those_that_are(inside, waiting):
    page = inside.get("/review", params={"client": waiting, "kind": "nonsense", "page": 0})
    assert page.status_code == 422
    said = html.unescape(page.text)
    assert "There is no kind 'nonsense'. Kinds are: quality, classification, mapping, validation." in said
    assert "Page: Input should be greater than or equal to 1." in said
    assert "query" not in said


@pytest.mark.parametrize(
    "place", ["/nothing", "/clients/nobody", "/audit?limit=no"], ids=["no page", "no client", "no number"]
)
def test_a_page_that_tells_of_a_fault_keeps_the_ways_on(place, inside):
    page = inside.get(place).text
    assert '<nav aria-label="Main">' in page
    assert 'href="/review"' in page
    assert guard_of(inside.get(place)) == guard_of(inside.get("/"))
    assert "To the clients" in page


def test_a_fault_shows_nobody_the_ways_on_who_is_not_logged_in(http):
    http.cookies.set("smp_session", "forged")
    page = http.get("/nothing").text
    assert "<nav" not in page
    assert "To the login" in page


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://testserver/review?client=a&view=b", '"/review?client=a&amp;view=b"'),
        ("http://elsewhere.example/review", None),
        ("http://testserver//elsewhere.example/", None),
        ("http://testserver/nothing", None),
    ],
    ids=["a page of ours", "of others", "hides another host", "itself"],
)
def test_a_fault_leads_back_to_the_page_of_ours_that_led_there(came_from, back, inside):
    page = inside.get("/nothing", headers={"Referer": came_from}).text
    link = re.search(r"href=(\S+)>Back to the page before", page)
    assert (link and link[1]) == back
