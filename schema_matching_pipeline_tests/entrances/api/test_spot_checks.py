"""A spot check is answered blind: no answer of the interface and no page says what was accepted, until it is answered."""

from __future__ import annotations

import re

import pytest

from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.model.access import Role, SessionTerms
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.matching import Candidate, MappedColumn, SignalScore
from schema_matching_pipeline.model.review import ReviewItem, SpotCheck
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline_tests.entrances.api.test_pages import guard_of

API = "/api/v1"
HAD, NEEDED, SHARE = 0.6171234, 0.5393432, 4.3217654
FIGURES = ("6171234", "5393432", "3217654")
ROUNDED = re.compile(r"(?<![\d:])(0\.6[12]|0\.5[34]|4\.3|4\.32)(?!\d)")  # as pages tell them


@pytest.fixture
def asked(installation):
    """A column that comes back: its client, the item, and the mapping that was accepted."""
    client = installation.add_client("spot")
    installation.propose(client)
    with open_as(installation.world, installation.steward) as unit:
        mapped = next(each for each in unit.mappings.current(client) if each.target)
        unit.spot_checks.draw(client, [a_check(mapped, unit.mappings.candidates(client, mapped.ref))])
        item = next(line.item for line in unit.reviews.list(client=client).items if line.item.asks_blind)
    return client, item, mapped


def a_check(mapped: MappedColumn, candidates: tuple[Candidate, ...]) -> SpotCheck:
    assert mapped.target is not None
    targets = {mapped.target, *(one.target for one in candidates[:6])}
    return SpotCheck(
        id=content_id("spot check", mapped.ref),
        ref=mapped.ref,
        approval_hash=mapped.approval_hash,
        choices=tuple(sorted(targets, key=str)),
        target=mapped.target,
        risk_class=RiskClass.CRITICAL,
        reason=f"confidence {HAD} reaches {NEEDED}",
        needed=NEEDED,
        had=HAD,
        candidates=(
            Candidate(
                target=mapped.target,
                confidence=HAD,
                signals=(SignalScore(signal="name_tokens", score=1.0, share=SHARE),),
            ),
        ),
    )


def places(client: str, item: ReviewItem) -> tuple[list[str], list[str]]:
    """Where the interface and the pages tell of an item."""
    return (
        [
            f"/review/{item.id}",
            f"/review/queue?client={client}",
            f"/audit?client={client}&limit=200",
            f"/clients/{client}",
            f"/clients/{client}/trust",
        ],
        [
            f"/review/{item.id}?client={client}",
            f"/review?client={client}",
            f"/review/queue?client={client}",
            f"/review/{item.id}/news?version=1&client={client}",
            f"/audit?client={client}",
            f"/clients/{client}",
            f"/trust?client={client}",
        ],
    )


def test_nobody_is_told_what_was_accepted_until_it_is_answered(http, people, asked):
    client, item, mapped = asked
    routes, pages = places(client, item)
    told = {place: http.get(f"{API}{place}", auth=people[Role.ADMIN]) for place in routes}
    log_in(http, people[Role.ADMIN])
    told |= {place: http.get(place) for place in pages}
    assert {place: answer.status_code for place, answer in told.items()} == dict.fromkeys(told, 200)
    assert {place for place, answer in told.items() if any(each in answer.text for each in FIGURES)} == set()
    of_item = [answer.text for place, answer in told.items() if place.startswith(f"/review/{item.id}")]
    beside = [
        text[max(0, text.find('<div id="item"')) :] for text in of_item
    ]  # the queue before it tells of others
    assert [ROUNDED.findall(text) for text in beside] == [[]] * 3
    rows = [row for row in told[routes[2]].json()["items"] if item.id in row["subject_key"]]
    assert [(row["subject"], row["field"]) for row in rows] == [("review_items", None)]
    found = http.get(f"{API}/review/{item.id}", auth=people[Role.STEWARD]).json()
    assert (found["item"]["target"], found["item"]["candidates"], found["values"]) == (None, [], None)
    assert [f"{each['entity']}.{each['field']}" for each in found["item"]["choices"]] == list(
        map(str, item.choices)
    )
    assert str(mapped.target) in map(str, item.choices)


def log_in(http, person):
    http.cookies.clear()
    login, key = person
    http.post("/login", data={"login": login, "password": key, "tenant": "default", "next": "/"})
    return {"X-CSRF-Token": guard_of(http.get("/"))}


def test_the_page_offers_fields_by_name_and_marks_none(http, people, asked):
    client, item, mapped = asked
    log_in(http, people[Role.STEWARD])
    page = http.get(f"/review/{item.id}?client={client}").text
    assert re.findall(r'name="target" value="([^"]+)"', page) == list(map(str, item.choices))
    assert "data-suggested" not in page
    decision = page[page.index('class="desk-decision"') :]
    assert decision.count(str(mapped.target)) == decision.count(
        str(next(each for each in item.choices if each != mapped.target))
    )


def test_the_answer_on_the_desk_tells_what_was_accepted(http, people, asked):
    client, item, mapped = asked
    guard = log_in(http, people[Role.STEWARD])
    form = {"decision": "approve", "target": "", "expected_row_version": item.row_version}
    refused = http.post(f"/review/{item.id}/decide?client={client}", data=form, headers=guard)
    assert (refused.status_code, "Choose the field that the column fills" in refused.text) == (422, True)
    form = {"decision": "approve", "target": str(mapped.target), "expected_row_version": item.row_version}
    answered = http.post(f"/review/{item.id}/decide?client={client}", data=form, headers=guard)
    assert answered.status_code == 200
    told = f"{item.ref}: {mapped.target}, as it was accepted. An answer to a spot check is not taken back. <small>saved"
    assert told in answered.text
    assert f'data-undo="/review/{item.id}/undo"' in answered.text  # so that the key tells it, too
    refused = http.post(f"/review/{item.id}/undo?client={client}", headers=guard)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (403, "#said")
    assert "its answer is not taken back" in refused.text
    page = http.get(f"/review/{item.id}?client={client}").text
    assert "The answer to a spot check is not taken back." in page
    assert "Take it back" not in page


def test_another_answer_by_the_interface_counts_as_an_error(http, people, asked):
    _, item, mapped = asked
    other = next(each for each in item.choices if each != mapped.target)
    body = {"target": {"entity": other.entity, "field": other.field}}
    steward = people[Role.STEWARD]
    said = http.post(f"{API}/review/{item.id}/override", json=body, auth=steward).json()["items"][0]
    assert (said["state"], said["had"], said["spot_check"]) == ("overridden", HAD, True)
    refused = http.post(f"{API}/review/{item.id}/undo", auth=steward)
    assert (refused.status_code, "spot check" in refused.text) == (403, True)


def test_a_spot_check_is_answered_with_a_field_or_none(http, people, asked):
    client, item, _ = asked
    steward = people[Role.STEWARD]
    refused = http.post(f"{API}/review/{item.id}/approve", auth=steward)
    assert (refused.status_code, "answered with the field" in refused.text) == (422, True)
    together = {"decision": "approve", "items": [item.id]}
    refused = http.post(f"{API}/review/bulk", json=together, auth=steward)
    assert (refused.status_code, "spot checks are decided one by one" in refused.text) == (422, True)
    chosen = {"decision": "approve", "filter": {"client": client, "at_least": 0}, "preview": True}
    found = http.post(f"{API}/review/bulk", json=chosen, auth=steward).json()
    assert item.id not in {line["item_id"] for line in found["items"]}
    assert "spot checks are answered one by one" in {line["why"] for line in found["excluded"]}


def test_spot_checks_are_counted_apart_from_what_holds_the_gate(http, people, asked):
    client, _, _ = asked
    found = http.get(f"{API}/review/queue?client={client}", auth=people[Role.STEWARD]).json()
    holding = sum(line["item"]["state"] != "spot_check" for line in found["items"])
    assert (found["spot_checks"], found["total"]) == (1, holding + 1)
    log_in(http, people[Role.STEWARD])
    page = http.get(f"/review/queue?client={client}").text
    assert f"{holding} items waiting, and 1 spot check that holds nothing" in page


def test_whatever_is_no_spot_check_is_overridden_for_a_reason_alone(http, installation):
    tenant = installation.alone("reasons")  # where nobody taught anything, so that something is asked
    client = tenant.add_client("reasons")
    tenant.propose(client)
    started = begin_session(tenant.world, tenant.steward, SessionTerms(access_minutes=60))
    http.headers["Authorization"] = f"Bearer {AccessTokens(tenant.settings.key).made(started, 60)}"
    found = http.get(f"{API}/review/queue?client={client}&kind=mapping").json()
    item = next(line["item"] for line in found["items"] if line["item"]["state"] == "open")
    for body in ({"decision": "unmap"}, {"decision": "unmap", "reason": " "}, {"decision": "exclude"}):
        refused = http.post(f"{API}/review/{item['id']}/override", json=body)
        assert (refused.status_code, "this decision needs a reason" in refused.text) == (422, True)
