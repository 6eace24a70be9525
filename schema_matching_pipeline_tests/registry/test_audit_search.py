"""The audit searched: by who, of what kind, what was done and when; alone and together."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.audit import ACTIONS, SUBJECTS, AuditFilter
from schema_matching_pipeline.registry.repositories.audit import newest_by
from schema_matching_pipeline_tests.registry.office import ENGINEER, STEWARD
from schema_matching_pipeline_tests.registry.people import add_people
from schema_matching_pipeline_tests.registry.steps import connected

ADMIN = "margaret"


@pytest.fixture
def searched(office, app_url):
    """What two people did one after the other: a client's profile, a person, and a client again."""
    add_people(app_url, office.tenant, {ADMIN: Role.ADMIN})
    with office.open(ADMIN) as unit:
        unit.clients.set_trust_profile("acme", "conservative")
    with office.open(ADMIN) as unit:
        unit.users.add("joan", Role.VIEWER)
    with office.open(ENGINEER) as unit:
        unit.clients.set_trust_profile("acme", "standard")
    return office


def found(office, *, client=None, **asked):
    """The rows by number, the newest first."""
    with office.open(STEWARD) as unit:
        events = unit.audit.list(limit=1000, client=client, asked=AuditFilter(**asked))
    return [event.seq for event in events]


def all_that(office, holds):
    """The same, chosen one by one from the whole list."""
    with office.open(STEWARD) as unit:
        return [event.seq for event in unit.audit.list(limit=1000) if holds(event)]


def test_what_is_asked_for_alone_and_together_is_what_is_found(searched):
    by_admin = all_that(searched, lambda event: event.actor == ADMIN)
    clients = all_that(searched, lambda event: event.subject == "clients")
    updated = all_that(searched, lambda event: event.action == "updated")
    assert (found(searched, actor=ADMIN), found(searched, subject="clients")) == (by_admin, clients)
    assert found(searched, action="updated") == updated
    (one,) = set(by_admin) & set(clients) & set(updated)
    together = {"actor": ADMIN, "subject": "clients", "action": "updated"}
    assert found(searched, client="acme", **together) == found(searched, **together) == [one]
    assert found(searched, actor="nobody") == found(searched, actor=ADMIN, action="published") == []


def test_a_time_begins_with_its_first_moment_and_ends_before_its_last(searched):
    with searched.open(STEWARD) as unit:
        events = unit.audit.list(limit=1000)
    middle = next(event for event in events if event.actor == ADMIN).at
    assert found(searched, since=middle) == [event.seq for event in events if event.at >= middle]
    assert found(searched, until=middle) == [event.seq for event in events if event.at < middle]
    later = middle + timedelta(microseconds=1)
    assert found(searched, since=middle, until=later) == [e.seq for e in events if e.at == middle]


def test_page_by_page_every_row_is_found_once(searched):
    whole, pages, before = found(searched, subject="api_keys"), [], None
    while True:
        with searched.open(STEWARD) as unit:
            page = unit.audit.list(limit=2, before=before, asked=AuditFilter(subject="api_keys"))
        if not page:
            break
        pages += [event.seq for event in page]
        before = pages[-1]
    assert pages == whole != []
    with searched.open(STEWARD) as unit:
        assert unit.audit.list(limit=1, before=2**63 - 1)[0].seq == unit.audit.last()


def test_every_kind_and_action_that_the_audit_writes_can_be_asked_for(searched):
    with searched.open(STEWARD) as unit:
        events = unit.audit.list(limit=1000)
    assert {event.subject for event in events} <= set(SUBJECTS)
    assert {event.action for event in events} <= set(ACTIONS)


# A table of a few rows is read as a whole, whatever there is besides.
_AS_IF_LARGE = "set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off"
_VALUES = {
    "actor": "'ada'",
    "subject": "'users'",
    "action": "'published'",
    "since": "'2026-11-20'",
    "until": "'2026-11-21'",
    "before": "900",
    "limit": "100",
    "of_items": "'{review_items,review_actions}'::text[]",
}


@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        pytest.param((), "newest", id="all"),
        pytest.param(("before",), "newest", id="a further page"),
        pytest.param(("since", "until"), "newest", id="by time"),
        pytest.param(("actor",), "actor", id="by person"),
        pytest.param(("actor", "before"), "actor", id="by person, a further page"),
        pytest.param(("subject",), "kind", id="by kind"),
        pytest.param(("action",), "newest", id="by action"),
        pytest.param(("subject", "since", "until"), "kind", id="by kind and time"),
    ],
)
def test_rows_are_found_in_the_order_of_the_list(office, narrowed, index):
    statement = newest_by(narrowed)
    for name, value in _VALUES.items():
        statement = statement.replace(f":{name}", value)
    with connected(office.url) as connection:
        connection.exec_driver_sql(_AS_IF_LARGE)
        connection.exec_driver_sql(f"select set_config('smp.tenant_id', '{office.tenant}', false)")
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"explain {statement}"))
    chosen = plan.partition("Limit")[2].partition("SubPlan")[0]
    assert f"Index Scan using audit_log_{index}_idx" in chosen
    assert "Sort" not in chosen
