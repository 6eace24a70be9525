"""The rule of a suggestion on the desk and by REST: tried on the rows, told where it is wrong, then decided."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.model.access import SessionTerms
from schema_matching_pipeline.model.review import ItemKind
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline_tests.entrances.api.test_pages import guard_of
from schema_matching_pipeline_tests.entrances.api.test_review_page import MEDICATIONS, PART
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS

API = "/api/v1/review"
TRIM = {"steps": [{"step": "trim"}, {"step": "uppercase"}]}


@pytest.fixture(scope="module")
def tenant(installation):
    return installation.alone("rules")


@pytest.fixture(scope="module")
def client(tenant):
    slug = tenant.add_client("rules", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(slug)
    return slug


@pytest.fixture
def desk(app, installation, tenant):
    """The steward's browser."""
    browser = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    started = begin_session(installation.world, tenant.steward, SessionTerms(access_minutes=10))
    browser.get(f"/enter?ticket={AccessTokens(installation.settings.key).made(started, 10)}")
    browser.headers["X-CSRF-Token"] = guard_of(browser.get("/settings"))
    return browser


@pytest.fixture
def about(tenant, client):
    """What is asked about a column."""

    def asked(column):
        return next(
            item
            for item in tenant.items(client)
            if item.ref.column == column and item.kind is ItemKind.MAPPING
        )

    return asked


def test_what_becomes_of_the_values_is_told_and_nothing_is_decided(desk, about):
    item = about("drug")
    told = desk.post(f"{API}/{item.id}/rule", json={"rule": TRIM})
    assert told.status_code == 200
    assert told.json() == {
        "tested": 40,
        "failed": 0,
        "sampled": False,
        "hidden": 0,
        "values": [
            {"before": {"text": before}, "after": {"text": before.upper()}, "rows": 20, "unfit": None}
            for before in ("Aspirin", "Ibuprofen")
        ],
    }
    assert about("drug") == item


def test_values_of_persons_stay_hidden(desk, about):
    told = desk.post(f"{API}/{about('date_of_birth').id}/rule", json={}).text
    assert "9999-99-99" in told
    assert "1950" not in told


def test_a_rule_that_loses_values_is_told_with_how_many(desk, about):
    rule = {"steps": [{"step": "map_values", "codes": {"Aspirin": "ASA"}}]}
    told = desk.post(f"{API}/{about('drug').id}/rule", json={"rule": rule}).json()
    assert (told["tested"], told["failed"], told["values"][0]["unfit"]) == (40, 20, "lost")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"rule": {"steps": [{"step": "trimm"}]}}, 422),
        ({"target": {"entity": "patient", "field": "nothing"}}, 404),
    ],
    ids=["unknown step", "unknown field"],
)
def test_what_cannot_be_tried_is_refused(desk, about, body, status):
    assert desk.post(f"{API}/{about('drug').id}/rule", json=body).status_code == status


def test_what_is_about_no_column_has_no_rule(desk, tenant):
    slug = tenant.add_client("ruleless", patients={**PATIENTS, "first_name": ("",) * 9 + ("Ada",) * 31})
    tenant.propose(slug)
    item = next(each for each in tenant.items(slug) if each.kind is ItemKind.VALIDATION)
    answer = desk.post(f"{API}/{item.id}/rule", json={"rule": TRIM})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "BAD_DECISION")


def test_the_form_shows_the_suggested_rule_and_what_it_does(desk, about):
    item = about("drug")
    part = desk.get(f"/review/{item.id}/rule", headers=PART).text
    assert "All 40 rows end in a value" in part
    assert re.search(r'id="rule-go" disabled', part)


def test_a_step_is_added_moved_and_left_out(desk, about):
    place = f"/review/{about('drug').id}/rule"

    def steps(**sent):
        return re.findall(r'name="step-\d" value="(\w+)"', desk.post(place, data=sent, headers=PART).text)

    two = {"step-0": "trim", "step-1": "replace", "old-1": "-", "new-1": ""}
    assert steps(**two, added="uppercase") == ["trim", "replace", "uppercase"]
    assert steps(**two, act="up-1") == ["replace", "trim"]
    assert steps(**two, act="drop-0") == ["replace"]


def test_mistakes_are_told_beside_what_is_wrong_and_cannot_be_taken(desk, about):
    sent = {"step-0": "substring", "start-0": "0", "length-0": "two", "read": "datetime"}
    part = desk.post(f"/review/{about('drug').id}/rule", data=sent, headers=PART).text
    mistakes = re.findall(r'name="([\w-]+)"(?:(?! name=)[\s\S])*?class="mistake"', part)
    assert mistakes == ["start-0", "length-0", "read"]
    assert "3 mistakes" in part
    assert re.search(r'id="rule-go" disabled', part)


def test_a_rule_is_taken_and_stands_in_the_history(desk, about, tenant, client):
    item = about("dose_unit")
    tried = desk.post(
        f"/review/{item.id}/rule", data={"step-0": "uppercase", "version": item.row_version}, headers=PART
    ).text
    (rule,) = re.findall(r'name="rule" value="([^"]*)"', tried)
    assert f'name="expected_row_version" value="{item.row_version}"' in tried
    data = {
        "decision": "override",
        "target": str(item.target),
        "rule": rule.replace("&#34;", '"'),
        "expected_row_version": item.row_version,
    }
    assert desk.post(f"/review/{item.id}/decide?client={client}", data=data, headers=PART).status_code == 422
    (words,) = re.findall(r'name="reason" id="rule-reason" value="([^"]*)"', tried)
    answer = desk.post(
        f"/review/{item.id}/decide?client={client}", data={**data, "reason": words}, headers=PART
    )
    assert answer.status_code == 200
    assert item.id not in {each.id for each in tenant.items(client)}
    (act,) = desk.get(f"{API}/{item.id}").json()["history"]
    assert (act["decision"], act["rule"]["steps"]) == ("override", [{"step": "uppercase"}])
    assert act["reason"] == "The rule is right: uppercase."


def test_a_rule_for_what_changed_meanwhile_is_not_recorded(desk, about):
    item = about("dose")
    data = {"decision": "override", "target": str(item.target), "rule": "null", "expected_row_version": 7}
    assert desk.post(f"/review/{item.id}/decide", data=data, headers=PART).status_code == 409
    unread = desk.post(f"/review/{item.id}/decide", data={**data, "rule": "{"}, headers=PART)
    assert (unread.status_code, unread.headers["HX-Retarget"]) == (422, "#rule-said")
    assert about("dose") == item
