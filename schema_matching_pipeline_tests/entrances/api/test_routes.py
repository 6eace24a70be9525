"""What programs do by REST, end to end on a client: follow it, decide about it, approve it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.entrances.api.body_limit import MOST_BYTES
from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.review import ItemKind
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.readiness import ORCHESTRATOR
from schema_matching_pipeline_tests.entrances.dagster.installation import DOCTORS, PATIENTS

API = "/api/v1"
WHY = {"reason": "The clinic says so."}


@pytest.fixture
def steward(http, people):
    http.auth = people[Role.ADMIN]
    return http


@pytest.fixture
def proposed(installation):
    """A client with suggestions that wait, whatever other tests taught about patients."""
    client = installation.add_client("routes", patients=PATIENTS, doctors=DOCTORS)
    installation.propose(client)
    return client


def a_suggestion(installation, client):
    """An item that suggests a field, which people may approve or reject."""
    return next(item for item in installation.items(client) if item.kind is ItemKind.MAPPING and item.target)


def code_of(answer):
    return (answer.status_code, answer.json()["error"]["code"])


def test_a_pipeline_is_started_and_followed_by_the_id_of_its_run(steward, installation):
    client = installation.add_client("started")
    job = steward.post(f"{API}/pipeline/start", json={"client_id": client})
    assert job.status_code == 202
    status = f"{API}/pipeline/{job.json()['run_id']}/status"
    assert steward.get(status).json()["run"]["state"] == "pending"
    assert steward.get(f"{API}/jobs/{job.json()['job_id']}").json()["status"] == "pending"
    assert code_of(steward.post(f"{API}/pipeline/start", json={"client_id": client})) == (409, "CLIENT_BUSY")
    carry_on(installation.settings, installation.world, client)
    found = steward.get(status).json()
    assert (found["run"]["state"], found["progress"]) == ("awaiting_review", 60)
    assert found["waiting"] == len(installation.items(client))
    assert steward.get(f"{API}/jobs/{job.json()['job_id']}").json()["status"] == "completed"


def test_one_phase_runs_alone_and_carries_the_trace_of_who_asked(steward, installation, proposed):
    answer = steward.post(f"{API}/match", json={"client_id": proposed})
    before = len(installation.runs(proposed))
    carry_on(installation.settings, installation.world, proposed)
    run = installation.runs(proposed)[before]
    assert installation.phases_begun(run.run_id) == ["mappings"]
    assert run.tags["smp/trace"] == answer.headers["X-Trace-Id"]


def test_a_run_with_open_questions_is_not_resumed(steward, installation, proposed):
    run = installation.run(proposed).id
    assert code_of(steward.post(f"{API}/pipeline/{run}/resume")) == (409, "GATE_CLOSED")
    assert code_of(steward.post(f"{API}/approve/{run}")) == (409, "GATE_CLOSED")


@pytest.fixture(scope="module")
def settled(installation):
    """A client that waits for nothing but the final approval."""
    client = installation.add_client("settled")
    installation.propose(client)
    installation.clear_queue(client)
    return client


def test_a_version_is_approved_only_while_it_is_the_one_that_was_shown(steward, installation, settled):
    road, version = f"{API}/approve/{installation.run(settled).id}", installation.gate(settled).version
    for answer in (
        steward.post(road, json={"expected_version": version + 1}),
        steward.post(f"{road}/refuse", json={**WHY, "expected_version": version + 1}),
    ):
        assert code_of(answer) == (409, "STALE_DECISION")
        assert f"version {version} was settled at 20" in answer.json()["error"]["message"]
    assert installation.gate(settled).holding_final[0].needed == "a final approval"
    refused = steward.post(f"{road}/refuse", json={**WHY, "expected_version": version})
    assert refused.json()["approved"] is False
    approved = steward.post(road, json={"expected_version": version})
    assert (approved.status_code, approved.json()["approved"]) == (200, True)


def test_approving_again_changes_nothing_and_deciding_otherwise_is_told(steward, installation, proposed):
    item = a_suggestion(installation, proposed).id
    first = steward.post(f"{API}/review/{item}/reject", json=WHY)
    again = steward.post(f"{API}/review/{item}/reject", json=WHY)
    assert (first.status_code, again.status_code) == (200, 200)
    assert code_of(steward.post(f"{API}/review/{item}/approve")) == (409, "STALE_DECISION")


def test_a_refusal_without_a_reason_is_none(steward, installation, proposed):
    item = a_suggestion(installation, proposed).id
    for road, code in (("reject", "VALIDATION_ERROR"), ("override", "BAD_DECISION")):
        for body in ({}, {"reason": ""}, {"reason": "  "}):
            assert code_of(steward.post(f"{API}/review/{item}/{road}", json=body)) == (422, code)


@pytest.fixture
def doctors(installation):
    """A client with suggestions that are not critical: its name, and their ids."""
    client = installation.add_client("doctors", doctors=DOCTORS)
    installation.propose(client)
    items = [item for item in installation.items(client) if item.risk_class != "critical"]
    assert len(items) > 1
    return client, [item.id for item in items if item.kind == "mapping"]


def test_critical_items_are_decided_one_by_one_and_named(steward, installation, proposed):
    items = installation.items(proposed)
    critical = [item for item in items if item.risk_class == "critical"]
    body = {"decision": "reject", "items": [item.id for item in items], **WHY}
    preview = steward.post(f"{API}/review/bulk", json={**body, "preview": True}).json()
    assert {line["item_id"] for line in preview["excluded"]} == {item.id for item in critical}
    assert preview["count"] == len(items) - len(critical)
    refused = steward.post(f"{API}/review/bulk", json=body)
    assert code_of(refused) == (422, "BAD_DECISION")
    assert all(item.id in refused.text and str(item.ref) in refused.text for item in critical)
    assert installation.items(proposed) == items


def test_many_are_taken_back_and_decided_again_as_one(steward, installation, doctors):
    client, _ = doctors
    waiting = installation.items(client)
    made = steward.post(
        f"{API}/review/bulk", json={"decision": "approve", "filter": {"client": client, "at_least": 0.0}}
    ).json()
    assert made["count"] > 1
    batch, decided = made["batch_id"], {line["item_id"] for line in made["items"]}
    undone = steward.post(f"{API}/review/bulk/{batch}/undo", json=WHY)
    assert {item["id"]: item["state"] for item in undone.json()["items"]} == dict.fromkeys(decided, "open")
    assert [item.but(row_version=1) for item in installation.items(client)] == [
        item.but(row_version=1) for item in waiting
    ]
    assert steward.post(f"{API}/review/bulk/{batch}/undo").json()["items"] == []
    assert len(steward.post(f"{API}/review/bulk/{batch}/redo").json()["items"]) == len(decided)
    assert decided.isdisjoint({item.id for item in installation.items(client)})

    one, *others = sorted(decided)
    assert steward.post(f"{API}/review/bulk/{batch}/undo").status_code == 200
    assert steward.post(f"{API}/review/{one}/reject", json=WHY).status_code == 200
    refused = steward.post(f"{API}/review/bulk/{batch}/redo")
    assert code_of(refused) == (409, "STALE_DECISION")
    (blocking,) = refused.json()["error"]["details"]["blocking"]
    assert blocking == f"Item {one} changed since and is rejected."
    assert {item.id for item in installation.items(client)} >= set(others)


def test_one_decision_is_taken_back_while_it_is_as_it_was_shown(steward, installation, proposed):
    before = a_suggestion(installation, proposed)
    decided = steward.post(f"{API}/review/{before.id}/reject", json=WHY).json()["items"][0]
    stale = {"expected_row_version": decided["row_version"] - 1}
    assert code_of(steward.post(f"{API}/review/{before.id}/undo", json=stale)) == (409, "STALE_DECISION")
    undone = steward.post(
        f"{API}/review/{before.id}/undo", json={**WHY, "expected_row_version": decided["row_version"]}
    )
    assert undone.json()["items"][0]["state"] == "open"
    assert [item["id"] for item in undone.json()["left"][0]["opened"]] == [before.id]
    assert steward.post(f"{API}/review/{before.id}/undo").status_code == 200
    assert code_of(steward.post(f"{API}/review/bulk/nothing/undo")) == (404, "RESOURCE_NOT_FOUND")
    history = steward.get(f"{API}/review/{before.id}").json()["history"]
    assert [act["decision"] for act in history] == ["reject", "undo"]


def test_the_audit_names_columns_and_fields(steward, installation, proposed):
    item = a_suggestion(installation, proposed)
    column, field = str(item.ref), str(item.target)
    steward.post(f"{API}/review/{item.id}/reject", json=WHY)
    steward.post(f"{API}/review/{item.id}/comment", json={"text": "It is theirs."})
    rows = steward.get(f"{API}/audit?client={proposed}&limit=200").json()["items"]
    by_kind = {row["subject"]: (row["column"], row["field"]) for row in rows if row["column"] == column}
    assert by_kind == {
        "item_comments": (column, field),
        "review_actions": (column, field),
        "review_items": (column, field),
        "rejected_pairs": (column, field),
        "field_mappings": (column, field),
    }
    of_mapping = [
        row["action"] for row in rows if (row["subject"], row["column"]) == ("field_mappings", column)
    ]
    assert (of_mapping[-1], len(of_mapping) > 1) == ("created", True)


def test_who_gives_a_field_to_a_second_column_is_told_before_and_after(steward, installation, proposed):
    asked = [
        item
        for item in installation.items(proposed)
        if item.kind is ItemKind.MAPPING and item.target and item.ref.table == "patients"
    ]
    item = next(item for item in asked if item.target.field in {"birth_date", "last_name", "first_name"})
    other = next(each for each in asked if each != item)
    target = {"entity": item.target.entity, "field": item.target.field}
    first = steward.post(f"{API}/review/{other.id}/override", json={"target": target, **WHY}).json()
    assert first["warnings"] == []

    taken = {"table": other.ref.table, "column": other.ref.column}
    listed = steward.get(f"{API}/review/queue?client={proposed}&size=200").json()["items"]
    assert {line["item"]["id"]: line["taken_by"] for line in listed}[item.id] == taken
    assert steward.get(f"{API}/review/{item.id}").json()["taken_by"] == taken
    meant = {"decision": "approve", "filter": {"client": proposed, "at_least": 0.0}, "preview": True}
    excluded = steward.post(f"{API}/review/bulk", json=meant).json()["excluded"]
    why = {line["item_id"]: line["why"] for line in excluded}[item.id]
    assert why in {f"{other.ref} fills {item.target} by now", "critical items are decided one by one"}

    second = steward.post(f"{API}/review/{item.id}/approve", json=WHY).json()
    assert second["warnings"] == [
        f"{other.ref} fills {item.target} as well, which admits one column of a table: take one of the two back."
    ]


def test_the_audit_is_searched_and_its_further_pages_by_the_same(steward, proposed):
    def found(**asked):
        return steward.get(f"{API}/audit", params={"client": proposed, "limit": 200, **asked})

    rows = found().json()["items"]
    decided = [row["seq"] for row in rows if (row["action"], row["subject"]) == ("created", "review_items")]
    asked = {"action": "created", "subject": "review_items"}
    first = found(**asked, limit=1).json()
    further = found(**asked, before=first["next_before"]).json()
    assert [row["seq"] for row in first["items"] + further["items"]] == decided
    (one,) = found(since=rows[-1]["at"], until=rows[0]["at"], limit=1).json()["items"]
    assert rows[-1]["at"] <= one["at"] < rows[0]["at"]
    assert found(actor="nobody").json() == {"items": [], "next_before": None}
    assert code_of(found(subject="user"))[0] == code_of(found(since="2026-11-20"))[0] == 422
    assert code_of(found(since=rows[0]["at"], until=rows[0]["at"]))[0] == 422


def asked_twice(installation, item):
    """The item, as one that takes two people."""
    with psycopg.connect(installation.owner_url()) as connection:
        connection.execute(
            "select set_config('smp.tenant_id', %s, true), set_config('smp.actor', 'system:test', true)",
            [installation.steward.tenant_id],
        )
        connection.execute("update smp.review_items set required_approvals = 2 where id = %s", [item])


def test_the_second_person_is_not_told_what_the_first_one_said(http, people, installation, proposed):
    item = a_suggestion(installation, proposed).id
    asked_twice(installation, item)
    first, second = people[Role.STEWARD], people[Role.ADMIN]
    http.post(f"{API}/review/{item}/comment", json={"text": "It is theirs."}, auth=first)
    http.post(f"{API}/review/{item}/approve", json=WHY, auth=first)
    mine = http.get(f"{API}/review/{item}", auth=first).json()
    assert (mine["blind"], mine["agreed"], len(mine["history"]), len(mine["comments"])) == (
        False,
        [first[0]],
        1,
        1,
    )
    for who in (second, people[Role.VIEWER]):
        told = http.get(f"{API}/review/{item}", auth=who)
        assert (told.json()["blind"], told.json()["item"]["state"]) == (True, "awaiting_second")
        assert first[0] not in told.text
        assert WHY["reason"] not in told.text
    (said,) = (
        row
        for row in http.get(f"{API}/audit?client={proposed}", auth=second).json()["items"]
        if row["subject"] == "review_actions"
    )
    assert (said["column"] is None, said["field"]) == (False, None)

    differs = http.post(f"{API}/review/{item}/reject", json={"reason": "No."}, auth=second).json()
    assert differs["items"][0]["state"] == "reconcile"
    for who in (first, second):
        told = http.get(f"{API}/review/{item}", auth=who).json()
        assert [act["who"] for act in told["history"]] == [first[0], second[0]]
        assert (told["blind"], told["item"]["state"]) == (False, "reconcile")
    listed = http.get(f"{API}/review/queue?client={proposed}", auth=first).json()["items"]
    assert {line["item"]["id"]: line["item"]["state"] for line in listed}[item] == "reconcile"
    settled = http.post(f"{API}/review/{item}/reject", json={"reason": "Right."}, auth=first).json()
    assert settled["items"][0]["state"] == "rejected"


def test_items_are_noted_upon_flagged_given_to_people_and_found_by_that(steward, installation, doctors):
    client, ids = doctors
    item = ids[0]
    steward.post(f"{API}/review/{item}/comment", json={"text": "<script>alert(1)</script>"})
    steward.post(f"{API}/review/{item}/flag", json={"reason": "ask first"})
    detail = steward.post(f"{API}/review/{item}/assign", json={"login": f"a-{Role.STEWARD}"}).json()
    assert (detail["flag"], detail["assignee"]) == ("ask first", f"a-{Role.STEWARD}")
    assert [said["text"] for said in detail["comments"]] == ["<script>alert(1)</script>"]
    for query in ("flagged=true", f"assignee=a-{Role.STEWARD}"):
        found = steward.get(f"{API}/review/queue?client={client}&{query}").json()
        assert [(line["item"]["id"], line["flag"], line["comments"]) for line in found["items"]] == [
            (item, "ask first", 1)
        ]
    assert code_of(steward.post(f"{API}/review/{item}/assign", json={"login": "nobody"})) == (
        422,
        "BAD_DECISION",
    )
    meant = {"decision": "approve", "filter": {"client": client, "at_least": 0.0}, "preview": True}
    excluded = steward.post(f"{API}/review/bulk", json=meant).json()["excluded"]
    assert {line["item_id"]: line["why"] for line in excluded}[item] == "it is flagged: ask first"


def test_many_items_are_decided_alike_after_a_look(steward, installation, doctors):
    client, ids = doctors
    waiting = {item.id for item in installation.items(client)}
    body = {"decision": "reject", "items": ids, **WHY}
    preview = steward.post(f"{API}/review/bulk", json={**body, "preview": True}).json()
    assert (preview["count"], {line["item_id"] for line in preview["items"]}) == (len(ids), set(ids))
    assert preview["tables"] == [{"client": client, "table": "doctors", "count": len(ids)}]
    assert {line["item_id"] for line in preview["samples"]} <= set(ids)
    assert {item.id for item in installation.items(client)} == waiting
    assert code_of(steward.post(f"{API}/review/bulk", json={**body, "items": [*ids, "ffffffff"]})) == (
        404,
        "RESOURCE_NOT_FOUND",
    )
    assert {item.id for item in installation.items(client)} == waiting


def test_mappings_leave_as_csv_that_no_spreadsheet_runs(steward, installation):
    client = installation.add_client(
        "formula",
        patients={"=cmd|calc": tuple("abcdefgh"), "email": tuple(f"{n}@example.org" for n in range(8))},
    )
    installation.propose(client)
    answer = steward.get(f"{API}/clients/{client}/mappings.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    columns = {row["source_column"] for row in csv.DictReader(io.StringIO(answer.text))}
    assert columns == {"'=cmd|calc", "email"}


def test_a_body_that_is_too_large_is_refused(steward):
    body = b'{"yaml": "' + b"x" * MOST_BYTES + b'"}'
    headers = {"Content-Type": "application/json"}
    assert code_of(steward.post(f"{API}/canonical", content=body, headers=headers)) == (
        413,
        "PAYLOAD_TOO_LARGE",
    )


def test_a_text_that_the_registry_cannot_hold_is_the_askers_mistake(steward):
    assert code_of(steward.get(f"{API}/clients/a%00b")) == (422, "VALIDATION_ERROR")


def test_readiness_says_what_is_missing(http, installation):
    silent = http.get("/readyz")
    told = {part["name"]: part["ready"] for part in silent.json()["parts"]}
    assert (silent.status_code, told) == (
        503,
        {"database": True, "schema": True, ORCHESTRATOR: False, "disk": True},
    )
    assert "smp up" in silent.json()["parts"][2]["why"]


def test_a_disk_without_room_is_told_of(installation):
    settings = installation.settings.model_copy(update={"least_free_megabytes": 10**9})
    with TestClient(create_app(installation.world, settings)) as http:
        answer = http.get("/readyz")
    assert (answer.status_code, answer.json()["parts"][-1]["ready"]) == (503, False)
    assert "make room" in answer.json()["parts"][-1]["why"]


def test_who_sends_more_than_his_share_waits(installation):
    login = "hasty"
    key = add_person(installation.world, installation.steward, login, Role.VIEWER, None).key
    slow = create_app(installation.world, installation.settings.model_copy(update={"requests_per_minute": 4}))
    with TestClient(slow, raise_server_exceptions=False) as http:
        first, second = (http.get(f"{API}/config", auth=(login, key)) for _ in range(2))
    assert first.status_code == 200
    assert code_of(second) == (429, "RATE_LIMITED")
    assert 1 <= int(second.headers["Retry-After"]) <= 15


def test_an_orchestrator_that_looked_lately_is_ready(installation):
    installation.world.registry.beat("a part")
    assert 0 <= installation.world.registry.silent_for("a part") < 60


def test_the_registry_is_told_as_it_stood(steward, installation, proposed):
    item = a_suggestion(installation, proposed)
    asked = {"kind": "item_comments", "client": proposed}

    def told(at):
        return steward.get(f"{API}/audit/as-of", params={**asked, "at": at.isoformat()})

    before = datetime.now(UTC)
    assert steward.post(f"{API}/review/{item.id}/comment", json={"text": "seen"}).status_code == 200
    then = told(before).json()
    now = told(datetime.now(UTC)).json()
    assert (then["total"], now["total"], now["kind"], now["withheld"]) == (0, 1, "item_comments", 0)
    assert (now["items"][0]["state"]["body"], now["items"][0]["state"]["item_id"]) == ("seen", item.id)
    assert code_of(told(datetime.now(UTC) + timedelta(days=1))) == (422, "VALIDATION_ERROR")
