"""What the orchestrator must launch, and that it is named once."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.model.registry import RequestState
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline_tests.registry.steps import Column, an_office, connected, rows

SURE = (Column("member_no", "patient.id"), Column("dob", "patient.birth_date"))
CITY = Column("town", "patient.city", "pending_review", 0.7)


@pytest.fixture
def office(app_url):
    return an_office(app_url)


def due(office):
    """Kind, run key and attempt of everything due, of all tenants."""
    with connected(office.url) as connection:
        return rows(connection, "SELECT client, kind, run_key, attempt FROM smp.work_queue()")


def do(office, statement, **values):
    with office.acting() as connection:
        connection.execute(text(statement), values)


def a_run(office, *states, client="acme"):
    """A pipeline run that went through the states."""
    do(
        office,
        "INSERT INTO smp.pipeline_runs (client, trust_profile) VALUES (:client, 'standard')",
        client=client,
    )
    for state in states:
        do(
            office,
            "UPDATE smp.pipeline_runs SET state = :state WHERE client = :client",
            state=state,
            client=client,
        )


WAITED = ("profiling", "quality_check", "classifying", "matching", "validating", "awaiting_review")


def a_request(office, kind, state, *, attempt=1, retryable=False, version=1):
    do(
        office,
        "INSERT INTO smp.run_requests (client, kind, state, run_key, requested_by, attempt, retryable, version)"
        " VALUES ('acme', :kind, :state, :key, 'ada', :attempt, :retryable, :version)",
        kind=kind,
        state=state,
        key=f"{kind}:acme:{version}:{attempt}",
        attempt=attempt,
        retryable=retryable,
        version=version,
    )


def test_a_new_client_waits_until_somebody_asks(office):
    assert due(office) == []
    a_request(office, "onboard", "open")
    assert due(office) == [("acme", "onboard", "onboard:acme:1:1", 1)]


def test_an_inactive_client_is_left_alone(office):
    do(office, "UPDATE smp.clients SET active = false")
    assert due(office) == []


def test_clients_of_all_tenants_are_served(office, app_url):
    other = an_office(app_url, tenant="other", clients=("globex",))
    a_request(office, "onboard", "open")
    do(
        other,
        "INSERT INTO smp.run_requests (client, kind, state, run_key, requested_by, version)"
        " VALUES ('globex', 'onboard', 'open', 'onboard:globex:1:1', 'bob', 1)",
    )
    assert [client for client, *_ in due(office)] == ["acme", "globex"]


def test_asking_leaves_the_tenant_of_the_transaction_as_it_was(office):
    with office.acting() as connection:
        rows(connection, "SELECT * FROM smp.work_queue()")
        assert rows(connection, "SELECT current_setting('smp.tenant_id')") == [(office.tenant,)]


def test_what_people_asked_for_comes_first_and_alone(office):
    a_request(office, "reprofile", "open")
    assert due(office) == [("acme", "reprofile", "reprofile:acme:1:1", 1)]


@pytest.mark.parametrize("state", ["running", "done", "failed", "cancelled"])
def test_a_request_under_way_or_over_is_not_due(office, state):
    a_request(office, "onboard", state)
    assert due(office) == []


def test_nothing_is_due_while_people_must_decide(office):
    office.propose(*SURE, CITY)
    office.settle()
    a_run(office, *WAITED)
    assert due(office) == []


def test_the_last_decision_makes_the_validation_due(office):
    office.propose(*SURE, CITY)
    office.settle()
    a_run(office, *WAITED)
    office.decide("item-town-h1", "approve")
    assert due(office) == [("acme", "validate", "validate:acme:2", 1)]


def test_a_validation_that_somebody_asked_for_before_does_not_stand_for_the_gate_s_own(office, app_url):
    registry = Registry(app_url, secret_key=bytes(32))
    with registry.open(TenantId(office.tenant), "ada") as unit:
        for _ in range(2):
            asked = unit.requests.add("acme", RequestKind.VALIDATE, "ada")
            unit.requests.mark(asked.run_key, RequestState.DONE)
    registry.close()
    office.propose(*SURE, CITY)
    office.settle()
    a_run(office, *WAITED)
    office.decide("item-town-h1", "approve")
    assert due(office) == [("acme", "validate", "validate:acme:2", 1)]


def test_nothing_is_due_in_the_middle_of_a_run(office):
    office.propose(*SURE)
    office.settle()
    a_run(office, *WAITED[:4])
    assert due(office) == []


def test_an_approved_version_is_to_be_released_once(office):
    office.propose(*SURE)
    a_run(office, *WAITED)
    office.approve_final(*office.validate())
    first = due(office)
    office.publish()
    assert (first, due(office)) == ([("acme", "release", "release:acme:1:1", 1)], [])


@pytest.mark.parametrize(
    ("attempt", "retryable", "expected"),
    [
        pytest.param(1, True, [("acme", "release", "release:acme:1:2", 2)], id="it may pass the second time"),
        pytest.param(1, False, [], id="it will not pass"),
        pytest.param(3, True, [], id="three are enough"),
    ],
)
def test_a_failed_release_is_tried_again_up_to_three_times(office, attempt, retryable, expected):
    office.propose(*SURE)
    a_run(office, *WAITED)
    office.approve_final(*office.validate())
    a_request(office, "release", "failed", attempt=attempt, retryable=retryable)
    assert due(office) == expected


def test_a_request_to_release_again_comes_through_after_three_failures(office):
    office.propose(*SURE)
    a_run(office, *WAITED)
    office.approve_final(*office.validate())
    a_request(office, "release", "failed", attempt=3, retryable=True)
    a_request(office, "release", "open", attempt=4)
    assert due(office) == [("acme", "release", "release:acme:1:4", 4)]
