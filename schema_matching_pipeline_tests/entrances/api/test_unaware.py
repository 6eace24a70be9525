"""Who is to be the second person is told nowhere who was the first, not even where he takes that word back."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.audit import NOT_TOLD
from schema_matching_pipeline.model.review import ItemState
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.notify_people import news_of
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.read_audit import acts_since, changes_since, last_change
from schema_matching_pipeline_tests.entrances.api.test_pages import guard_of
from schema_matching_pipeline_tests.entrances.api.test_routes import a_suggestion, asked_twice
from schema_matching_pipeline_tests.entrances.dagster.installation import DOCTORS, PATIENTS

API = "/api/v1"


@pytest.fixture
def first(installation):
    """Somebody of whom nothing else is told: login and key."""
    login = f"zacharias-{next(installation.names)}-first"
    return login, add_person(installation.world, installation.steward, login, Role.STEWARD, None).key


@pytest.fixture
def heard(http, first, installation):
    """An item that waits for a second person, its client, and the row of the audit before the first one spoke."""
    client = installation.add_client("unaware", patients=PATIENTS, doctors=DOCTORS)
    installation.propose(client)
    item = a_suggestion(installation, client)
    asked_twice(installation, item.id)
    before = last_change(installation.world, installation.steward)
    said = http.post(f"{API}/review/{item.id}/approve", json={"reason": f"{first[0]} knows it."}, auth=first)
    assert said.json()["items"][0]["state"] == ItemState.AWAITING_SECOND
    http.post(f"{API}/review/{item.id}/comment", json={"text": f"{first[0]} asked the clinic."}, auth=first)
    return item, client, before


def places_that_name(first, http, item, client, person):
    """Where the first is named in what the person may read of the item and its client, by REST and on pages."""
    told = {
        place: http.get(f"{API}{place}", auth=person)
        for place in (
            f"/review/{item.id}",
            f"/review/queue?client={client}",
            f"/audit?client={client}&limit=200",
            f"/clients/{client}",
            f"/clients/{client}/mappings?candidates=true&decisions=true",
            f"/clients/{client}/trust",
        )
    }
    http.cookies.clear()
    http.post("/login", data={"login": person[0], "password": person[1], "tenant": "default", "next": "/"})
    pages = ("", f"?client={client}", f"/{item.id}?client={client}")
    told |= {f"/review{place}": http.get(f"/review{place}") for place in pages}
    told |= {place: http.get(place) for place in (f"/clients/{client}", f"/audit?client={client}")}
    assert {place: answer.status_code for place, answer in told.items()} == dict.fromkeys(told, 200)
    return {place for place, answer in told.items() if first[0] in answer.text}


def test_who_is_to_be_the_second_reads_nowhere_who_was_the_first(http, people, installation, heard, first):
    item, client, before = heard
    assert places_that_name(first, http, item, client, people[Role.STEWARD]) == set()
    assert f"/audit?client={client}&limit=200" in places_that_name(first, http, item, client, first)
    world, second = installation.world, installation.second
    with open_as(world, second) as unit:
        (standing,) = (line for line in unit.standing.list() if line.client == client)
    assert first[0] not in repr(
        (
            changes_since(world, second, before),
            acts_since(world, second.tenant_id, before),
            [news.headline for news in news_of(standing)],
        )
    )


def test_who_may_not_take_the_first_word_back_is_not_told_whose_it_is(http, people, heard, first):
    item, _, _ = heard
    login, key = people[Role.STEWARD]
    refused = http.post(f"{API}/review/{item.id}/undo", auth=(login, key))
    assert (refused.status_code, first[0] in refused.text) == (403, False)
    http.post("/login", data={"login": login, "password": key, "tenant": "default", "next": "/"})
    guard = {"X-CSRF-Token": guard_of(http.get("/"))}
    refused = http.post(f"/review/{item.id}/undo", headers=guard)
    assert (refused.status_code, first[0] in refused.text) == (403, False)


def test_who_takes_the_first_word_back_is_not_told_whose_it_was(http, people, heard, first):
    item, client, _ = heard
    undone = http.post(f"{API}/review/{item.id}/undo", auth=people[Role.ADMIN])
    assert (undone.status_code, first[0] in undone.text) == (200, False)
    for role in (Role.ADMIN, Role.STEWARD):
        assert places_that_name(first, http, item, client, people[role]) == set()
    second = http.post(f"{API}/review/{item.id}/approve", auth=people[Role.ADMIN])
    assert second.json()["items"][0]["state"] == ItemState.AWAITING_SECOND
    settled = http.post(f"{API}/review/{item.id}/approve", auth=first)
    assert settled.json()["items"][0]["state"] == ItemState.APPROVED
    assert f"/review/{item.id}" in places_that_name(first, http, item, client, people[Role.STEWARD])


def test_what_the_first_did_is_not_found_by_his_name_before_the_second_decided(http, people, heard, first):
    item, client, _ = heard
    second = people[Role.ADMIN]

    def found(person, **asked):
        asked_for = {"client": client, "limit": 200, **asked}
        return http.get(f"{API}/audit", params=asked_for, auth=person).json()["items"]

    his = [row["seq"] for row in found(first, actor=first[0])]
    assert {row["subject"] for row in found(first, actor=first[0])} >= {"review_actions", "item_comments"}
    assert [found(second, actor=name) for name in (first[0], NOT_TOLD)] == [[], []]
    assert {row["actor"] for row in found(second, subject="review_actions")} == {NOT_TOLD}
    http.cookies.clear()
    http.post("/login", data={"login": second[0], "password": second[1], "tenant": "default", "next": "/"})
    page = http.get("/audit", params={"client": client, "actor": first[0]}).text
    assert ("Nothing is like that" in page, "<tbody>" in page) == (True, False)

    http.post(f"{API}/review/{item.id}/approve", auth=second)
    assert [row["seq"] for row in found(second, actor=first[0])] == his
