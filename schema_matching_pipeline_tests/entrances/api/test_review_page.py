"""The review desk: what is asked, with its evidence; a decision shows the next item, and none is lost or overwritten."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.model.access import Role, SessionTerms
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.review import DecisionKind, ItemKind, QueueOrder
from schema_matching_pipeline.workflows.list_review import ItemFilter, list_items
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline_tests.entrances.api.test_pages import guard_of
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS

DAYS = tuple(f"2021-03-{number % 28 + 1:02}" for number in range(40))
MEDICATIONS = {
    "medication_id": tuple(str(number) for number in range(100, 140)),
    "patient_id": PATIENTS["patient_id"],
    "drug": ("Aspirin", "Ibuprofen") * 20,
    "dose": ("10", "20") * 20,
    "dose_unit": ("mg", "ml") * 20,
    "from_day": DAYS,
}
HOSTILE = "<img src=x onerror=alert(1)>"
TURNED = "ab\u202ecd"
PART = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def tenant(installation):
    return installation.alone("desk")


@pytest.fixture(scope="module")
def client(tenant):
    slug = tenant.add_client(
        "desk",
        patients={**PATIENTS, HOSTILE: ("",) * 40, TURNED: ("",) * 40, "{{7*7}}": ("",) * 40},
        visits={
            "visit_id": tuple(str(number) for number in range(40)),
            "patient": PATIENTS["patient_id"],
            "reason": ("cough", "fever", "check-up", "other") * 10,
        },
    )
    tenant.propose(slug)
    return slug


@pytest.fixture(scope="module")
def asked(tenant, client):
    """What waited before any test decided."""
    return tenant.items(client)


@pytest.fixture(scope="module")
def undoing(tenant):
    """A client with suggestions that are critical, and others that are not."""
    slug = tenant.add_client("undoing", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(slug)
    return slug


@pytest.fixture
def enter(app, installation):
    def opened(actor):
        browser = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
        started = begin_session(installation.world, actor, SessionTerms(access_minutes=10))
        browser.get(f"/enter?ticket={AccessTokens(installation.settings.key).made(started, 10)}")
        browser.headers["X-CSRF-Token"] = guard_of(browser.get("/settings"))
        return browser

    return opened


@pytest.fixture
def desk(enter, tenant, asked):
    return enter(tenant.steward)


def open_items(tenant, client, kind=None):
    return [item for item in tenant.items(client) if kind is None or item.kind is kind]


def decide(browser, item, decision, **more):
    data = {"decision": decision, "expected_row_version": item.row_version, **more}
    return browser.post(f"/review/{item.id}/decide", data=data, headers=PART)


def test_the_desk_shows_the_queue_and_its_first_item(desk, tenant, client):
    page = desk.get(f"/review?client={client}").text
    rows = re.findall(r'<li id="row-(\w+)"', page)
    shown = re.search(r'<div id="item" class="item" data-item="(\w+)"', page)
    assert set(rows) == {item.id for item in tenant.items(client)}
    assert shown
    assert shown[1] == rows[0]
    assert f'href="/review/{rows[1]}?client={client}"' in page


def test_an_item_has_an_address_of_its_own_and_a_part_for_the_open_page(desk, tenant, client):
    item = open_items(tenant, client)[-1]
    whole, part = desk.get(f"/review/{item.id}").text, desk.get(f"/review/{item.id}", headers=PART).text
    assert f'data-item="{item.id}" data-version="{item.row_version}"' in whole
    assert whole.startswith("<!doctype html>")
    assert part.startswith(f'<div id="item" class="item" data-item="{item.id}"')


def test_names_a_source_chose_are_text(desk, client, asked):
    pages = "".join(desk.get(f"/review?client={client}&decided={which}").text for which in ("false", "true"))
    for item in asked:
        pages += desk.get(f"/review/{item.id}", headers=PART).text
    assert "&lt;img src=x onerror=alert(1)&gt;" in pages.replace("<wbr>", "")
    assert HOSTILE not in pages
    assert TURNED not in pages
    assert "{{7*7}}" in pages
    assert "patients.49" not in pages.replace("<wbr>", "")


def test_filters_narrow_the_queue_and_stand_in_the_address(desk, tenant, client):
    page = desk.get(f"/review?client={client}&kind=quality&table=patients").text
    rows = set(re.findall(r'<li id="row-(\w+)"', page))
    wanted = {
        item.id for item in open_items(tenant, client, ItemKind.QUALITY) if item.ref.table == "patients"
    }
    assert rows == wanted
    assert f"client={client}&amp;kind=quality&amp;table=patients" in page
    nothing = desk.get(f"/review?client={client}&table=nowhere").text
    assert "Nothing waits that passes the filters" in nothing


def test_a_client_that_is_not_there_is_said_not_to_be(desk):
    assert desk.get("/review?client=nobody").status_code == 404


def test_values_of_persons_are_shown_masked(desk, asked):
    pages = "".join(desk.get(f"/review/{item.id}", headers=PART).text for item in asked)
    assert "person1@example.org" not in pages
    assert "1950-03-01" not in pages


def test_an_item_of_another_tenant_is_not_there(enter, installation, tenant, client):
    stranger = enter(installation.alone("strangers").steward)
    item = open_items(tenant, client)[0]
    answers = [
        stranger.get(f"/review/{item.id}"),
        stranger.get(f"/review/{item.id}", headers=PART),
        stranger.get(f"/review/{item.id}/news?version=1"),
        stranger.get(f"/review?client={client}"),
        stranger.get(f"/review/blocked?client={client}"),
        stranger.get(f"/review/fields?client={client}&q=birth"),
        decide(stranger, item, "approve"),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)


def test_who_may_not_decide_is_shown_no_form_and_refused(http, people, waiting, installation):
    login, key = people[Role.VIEWER]
    http.post("/login", data={"login": login, "password": key, "tenant": "default", "next": "/"})
    http.headers["X-CSRF-Token"] = guard_of(http.get("/"))
    item = installation.items(waiting)[0]
    page = http.get(f"/review/{item.id}", headers=PART).text
    assert 'name="decision"' not in page
    assert "a steward or an administrator decides" in page
    assert decide(http, item, "approve").status_code == 403


def test_fields_are_found_by_their_names_and_by_what_they_mean(desk, client):
    found = desk.get(f"/review/fields?client={client}&q=birth dat").text
    assert re.findall(r'value="([\w.]+)"', found)[0] == "patient.birth_date"
    assert "No field of the model says that." in desk.get(f"/review/fields?client={client}&q=zzz").text


def test_a_field_that_the_values_of_the_column_cannot_fill_says_so(desk, client, asked):
    item = next(one for one in asked if one.ref.column == "reason")
    found = desk.get(f"/review/fields?client={client}&q=birth date&item={item.id}").text
    assert (
        '<small class="taken" data-objects="yes">unlikely: its values are text; none reads as a date</small>'
        in found
    )
    assert "unlikely" not in desk.get(f"/review/fields?client={client}&q=birth date").text
    assert "unlikely" not in desk.get(f"/review/fields?client={client}&q=last name&item={item.id}").text


def test_what_holds_the_client_is_told_with_who_may_decide(desk, tenant, client):
    told = desk.get(f"/review/blocked?client={client}").text
    assert "a steward or an admin" in told
    assert f"/review/{open_items(tenant, client)[0].id[:4]}" in told or "more, all in the queue" in told


def test_a_decision_shows_the_item_that_comes_next(desk, tenant, client):
    first, second = open_items(tenant, client, ItemKind.QUALITY)[:2]
    answer = decide(desk, first, "approve", next=second.id)
    assert answer.status_code == 200
    assert f'data-item="{second.id}"' in answer.text
    assert f'<li id="row-{first.id}" hx-swap-oob="delete"' in answer.text
    assert "left out" in answer.text
    assert answer.headers["HX-Push-Url"] == f"/review/{second.id}"
    assert first.id not in {item.id for item in tenant.items(client)}


def test_what_somebody_else_decided_first_is_told_and_nothing_is_overwritten(desk, enter, tenant, client):
    item = open_items(tenant, client, ItemKind.QUALITY)[0]
    other = enter(tenant.second)
    decide(other, item, "include", reason="It is in use again.")
    answer = decide(desk, item, "exclude", said="It holds nothing.")
    assert answer.status_code == 409
    assert "test:second said include" in answer.text
    assert "exclude, because It holds nothing." in answer.text
    history = desk.get(f"/api/v1/review/{item.id}").json()["history"]
    assert [act["decision"] for act in history] == [DecisionKind.INCLUDE]
    assert "changed while you look at it" in desk.get(f"/review/{item.id}/news?version=1").text


def test_a_decision_that_makes_no_sense_is_told_beside_the_form(desk, tenant, client):
    item = open_items(tenant, client)[0]
    answer = decide(desk, item, "unmap")
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#said")
    assert "needs a reason" in answer.text


def test_approving_with_another_field_chosen_maps_to_that(desk, tenant, client):
    item = next(each for each in open_items(tenant, client) if each.ref.column)
    unsaid = decide(desk, item, "approve", target="patient.name_prefix")
    assert (unsaid.status_code, "needs a reason" in unsaid.text) == (422, True)
    answer = decide(desk, item, "approve", target="patient.name_prefix", reason="It is a title.")
    assert "now maps to patient.name_prefix" in answer.text
    history = desk.get(f"/api/v1/review/{item.id}").json()["history"]
    assert history[-1]["decision"] == "override"
    assert [act["reason"] for act in history] == ["It is a title."]


def test_a_decision_is_taken_back_and_its_item_shown_again(desk, tenant, undoing):
    item = open_items(tenant, undoing, ItemKind.QUALITY)[0]
    made = decide(desk, item, "approve")
    undo = re.search(r'data-undo="(/review/\w+/undo)"', made.text)
    assert undo
    back = desk.post(undo[1], headers=PART)
    assert f'data-item="{item.id}"' in back.text
    assert "taken back" in back.text
    assert item.id in {each.id for each in tenant.items(undoing)}


def test_a_field_that_another_column_has_by_now_is_marked_where_it_is_suggested(desk, tenant):
    client = tenant.add_client("twice", patients=PATIENTS)
    tenant.propose(client)
    asked = [item for item in open_items(tenant, client, ItemKind.MAPPING) if item.target]
    born = next(item for item in asked if item.ref.column == "date_of_birth")
    other = next(item for item in asked if item != born)
    assert "as well" not in decide(desk, other, "approve", target=str(born.target), reason="It fits.").text
    assert desk.get(f"/review?client={client}").text.count("field taken") == 1
    page = re.sub(r"<wbr>", "", desk.get(f"/review/{born.id}?client={client}").text)
    assert (
        f"The field is taken: {other.ref} fills {born.target} by now, which admits one column of a table."
        in page
    )
    assert f"taken: {other.ref} fills it" in page
    said = decide(desk, born, "approve").text
    assert f"now maps to {born.target}. {other.ref} fills {born.target} as well" in said


def test_many_items_are_shown_decided_together_and_taken_back_as_a_whole(desk, tenant, undoing):
    before = {item.id for item in tenant.items(undoing)}
    meant = [item for item in tenant.items(undoing) if item.kind is ItemKind.MAPPING]
    critical = [item for item in meant if item.risk_class is RiskClass.CRITICAL]
    plain = [item for item in meant if item not in critical]
    assert len(plain) > 3
    ids = ",".join(item.id for item in (*plain, *critical))
    told = desk.post(f"/review/bulk/preview?client={undoing}", data={"items": ids}, headers=PART).text
    assert f"<b>{len(plain)} item" in told
    assert f"{len(critical)} are for people to look at one by one" in told
    assert "decided one by one" in told
    shown = re.search(r'name="items" value="([\w,:]+)"', told)
    assert shown
    assert set(shown[1].split(",")) == {f"{item.id}:{item.row_version}" for item in plain}
    otherwise = [f"{shown[1]},{plain[0].id}:{plain[0].row_version + 1}", f"{shown[1]},{plain[0].id}"]
    refused = [
        desk.post("/review/bulk", data={"items": sent, "decision": "approve"}, headers=PART).status_code
        for sent in otherwise
    ]
    assert (refused, {item.id for item in tenant.items(undoing)}) == ([409, 422], before)
    made = desk.post(
        f"/review/bulk?client={undoing}", data={"items": shown[1], "decision": "approve"}, headers=PART
    )
    assert made.status_code == 200
    assert before - {item.id for item in tenant.items(undoing)} == {item.id for item in plain}
    undo = re.search(r'data-undo="(/review/bulk/[\w-]+/undo)"', made.text)
    assert undo
    back = desk.post(undo[1], headers=PART)
    assert {item.id for item in tenant.items(undoing)} == before
    redo = re.search(r'data-redo="(/review/bulk/[\w-]+/redo)"', back.text)
    assert redo
    assert f"{len(plain)} decision" in desk.post(redo[1], headers=PART).text
    assert not {item.id for item in tenant.items(undoing)} & {item.id for item in plain}


def test_many_are_shown_from_the_highest_confidence_that_takes_some_in(desk, tenant):
    client = tenant.add_client("steps", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    told = desk.post(f"/review/bulk/preview?client={client}", data={}, headers=PART).text
    steps = re.findall(r'<option value="([\d.]+)"( selected)?>(?:any|[\d.]+) \((\d+) items?\)</option>', told)
    assert [float(step) for step, _, _ in steps] == [0.98, 0.95, 0.9, 0.8, 0.5, 0.0]
    plain = [
        item.had
        for item in open_items(tenant, client, ItemKind.MAPPING)
        if item.risk_class is not RiskClass.CRITICAL and not item.objections
    ]
    counted = [sum(had >= float(step) for had in plain) for step, _, _ in steps]
    assert [int(many) for _, _, many in steps] == counted
    first = next(place for place, many in enumerate(counted) if many)
    assert [place for place, (_, chosen, _) in enumerate(steps) if chosen] == [first]
    assert f"<b>{counted[first]} item" in told
    at_least = {"at_least": steps[first][0]}
    again = desk.post(f"/review/bulk/preview?client={client}", data=at_least, headers=PART).text
    assert (f"<b>{counted[first]} item" in again, "bulk-step" in again) == (True, False)


def test_many_flagged_columns_are_left_out_in_the_words_of_one_and_the_numbers_add_up(desk, tenant):
    empty = dict.fromkeys(("dose", "dose_unit", "end_date"), ("",) * 40)
    client = tenant.add_client("outside", patients=PATIENTS, medications={**MEDICATIONS, **empty})
    tenant.propose(client)
    flagged = open_items(tenant, client, ItemKind.QUALITY)
    query = f"/review/bulk/preview?client={client}&kind=quality"
    told = desk.post(query, data={}, headers=PART).text
    plain = re.sub(r"<[^>]+>|\s+", " ", told)
    would = re.search(
        r"<b>(\d+) columns?</b> of .*? whose flag is sure to [\d.]+ or more would be left out\.",
        told,
        re.DOTALL,
    )
    assert would, plain
    assert "approved" not in told
    assert "&gt;" not in re.sub(r"<[^>]+>", "", told)
    assert "certainty of the flag" in told
    numbers = [
        int(number) for number in re.findall(r"\d+", told.partition('id="bulk-sum">')[2].partition("</p>")[0])
    ]
    assert (numbers[0], sum(numbers[1:])) == (len(flagged), len(flagged))
    assert numbers[1] == int(would[1]) > 1
    page = desk.get(f"/review?client={client}&kind=quality").text
    assert '<option value="approve">leave out</option>' in page
    shown = re.search(r'name="items" value="([\w,:]+)"', told)
    assert shown
    made = desk.post(
        f"/review/bulk?client={client}&kind=quality",
        data={"items": shown[1], "decision": "approve"},
        headers=PART,
    )
    assert f"{would[1]} columns left out together." in made.text


def test_what_waits_is_less_sure_than_was_chosen_or_would_be_decided_or_is_looked_at(desk, tenant):
    client = tenant.add_client("sum", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    asked = open_items(tenant, client, ItemKind.MAPPING)
    bound = sorted(item.had for item in asked)[len(asked) // 2]
    below = sum(item.had < bound for item in asked)
    assert 0 < below < len(asked)
    told = desk.post(f"/review/bulk/preview?client={client}", data={"at_least": bound}, headers=PART).text
    said = told.partition('id="bulk-sum">')[2].partition("</p>")[0]
    assert said.startswith(f"{len(asked)} such items wait: ")
    assert f"{below} {'is' if below == 1 else 'are'} below the confidence that was chosen." in said


def test_that_no_field_fits_is_offered_once_and_told_apart_from_leaving_out(desk, tenant, client):
    kinds = {item.kind: item for item in open_items(tenant, client)}
    for kind, item in kinds.items():
        page = desk.get(f"/review/{item.id}").text
        offered = re.findall(r"<button [^>]*>(?:<span>)?(No field|Leave it out)\b", page)
        hidden = page.count("once-chosen")
        assert offered.count("No field") - hidden == (1 if item.ref.column else 0), kind
        assert ("stays in use" in page, "neither matched nor validated" in page) == (
            bool(item.ref.column),
            kind is ItemKind.MAPPING,
        )
    assert (
        f'<span class="tag">{ItemKind.QUALITY}</span>'
        in desk.get(f"/review/{kinds[ItemKind.QUALITY].id}").text
    )


def test_critical_items_are_not_decided_together_whatever_is_sent(desk, tenant, client):
    critical = [item for item in tenant.items(client) if item.risk_class is RiskClass.CRITICAL]
    data = {"items": f"{critical[0].id}:{critical[0].row_version}", "decision": "approve"}
    answer = desk.post("/review/bulk", data=data, headers=PART)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#bulk-said")
    assert critical[0].id in {item.id for item in tenant.items(client)}


def test_a_bulk_without_a_client_or_a_choice_says_what_to_do(desk):
    answer = desk.post("/review/bulk/preview", data={}, headers=PART)
    assert answer.status_code == 422
    assert "Choose a client, or select items" in answer.text


def test_a_column_is_taken_for_a_field_that_none_fills(desk, tenant):
    known = {name: values for name, values in PATIENTS.items() if name != "last_name"}
    client = tenant.add_client("gapped", patients={**known, "zq": PATIENTS["last_name"]})
    tenant.propose(client)
    tenant.decide_all(client)
    gap = next(item for item in tenant.items(client) if item.asks_for_a_column)
    assert "Which column fills it?" in desk.get(f"/review/{gap.id}", headers=PART).text
    answer = decide(desk, gap, "approve", column="patients.zq", reason="It fits.")
    assert f"patients.zq: now maps to {gap.target}." in answer.text
    assert gap.id not in {item.id for item in tenant.items(client)}


def test_what_is_skipped_comes_last_for_that_person_until_he_logs_out(enter, tenant, undoing):
    mine, others = enter(tenant.steward), enter(tenant.second)

    def rows(browser):
        return re.findall(r'<li id="row-(\w+)"', browser.get(f"/review?client={undoing}").text)

    before = rows(mine)
    first, second, *rest = before
    answer = mine.post(f"/review/{first}/skip?client={undoing}", data={"next": second}, headers=PART)
    assert "It comes last for you now." in answer.text
    assert f'data-item="{second}"' in answer.text
    mine.post(f"/review/{second}/skip?client={undoing}", headers=PART)
    assert rows(mine) == [*rest, first, second]
    assert rows(others) == before
    assert f"{len(before)} items waiting" in mine.get(f"/review/queue?client={undoing}").text
    mine.post(f"/review/{first}/skip?client={undoing}", headers=PART)
    assert rows(mine) == [*rest, second, first]
    mine.post("/logout")
    assert not any(cookie.name == "smp_skipped" for cookie in mine.cookies.jar)


def test_the_only_item_that_is_left_stays_where_it_is_when_it_is_skipped(enter, tenant):
    client = tenant.add_client("lonely", patients=PATIENTS)
    tenant.propose(client)
    browser = enter(tenant.steward)
    for item in tenant.items(client):
        answer = browser.post(f"/review/{item.id}/skip?client={client}&table=patients", headers=PART)
        assert answer.status_code == 200
    last = tenant.items(client)[-1]
    narrowed = f"client={client}&words={last.ref.column}&kind={last.kind}"
    answer = browser.post(f"/review/{last.id}/skip?{narrowed}", headers=PART)
    assert f'data-item="{last.id}"' in answer.text
    assert "nothing else is left" in answer.text


def test_an_item_is_flagged_commented_and_taken_without_being_decided(desk, tenant, undoing):
    item = tenant.items(undoing)[0]

    def mark(what, **data):
        answer = desk.post(f"/review/{item.id}/{what}", data=data, headers=PART)
        assert answer.status_code == 200
        return answer.text

    assert "Ask the clinic &lt;b&gt;first" in mark("flag", reason="Ask the clinic <b>first")
    assert "<small>test:steward, " in mark("comment", text="The registry of 2019 has another date.")
    assert "It is yours: give it away" in mark("assign", login="test:steward")
    mine = desk.get(f"/review/queue?client={undoing}&assignee=test%3Asteward&flagged=true").text
    assert re.findall(r'<li id="row-(\w+)"', mine) == [item.id]
    assert "1 comment" in mine
    assert "Flagged" not in mark("flag")
    assert "Make it yours" in mark("assign", login="")
    assert item.id in {each.id for each in tenant.items(undoing)}


@pytest.mark.parametrize("order", QueueOrder)
def test_the_queue_is_put_in_the_order_that_is_wanted(desk, tenant, undoing, order):
    page = desk.get(f"/review/queue?client={undoing}&order={order}").text
    wanted = list_items(tenant.world, tenant.steward, ItemFilter(client=undoing, order=order))
    assert re.findall(r'<li id="row-(\w+)"', page) == [line.item.id for line in wanted.items]


def test_an_empty_queue_says_what_happens_next(enter, installation):
    alone = enter(installation.alone("idle").steward)
    assert "Nothing waits for a decision" in alone.get("/review").text
