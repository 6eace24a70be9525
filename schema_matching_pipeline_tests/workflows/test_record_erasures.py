"""Requests to erase: entered and closed by administrators, kept for longer than whom they are about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schema_matching_pipeline.errors import BadDecisionError, NotAllowedError, UnknownNameError
from schema_matching_pipeline.model.access import Actor, Role
from schema_matching_pipeline.model.erasure import ErasureOf
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline.registry.migrate import downgrade, migrate
from schema_matching_pipeline.runtime import SystemClock
from schema_matching_pipeline.workflows.record_erasures import (
    ErasureAsked,
    close_erasure,
    enter_erasure,
    list_erasures,
)
from schema_matching_pipeline_tests.registry.office import KEY, STEWARD, make_office
from schema_matching_pipeline_tests.registry.people import add_people, key_of
from schema_matching_pipeline_tests.registry.steps import connected

LETTER = "Letter 2026/117"


@pytest.fixture
def office(app_url):
    registry = Registry(app_url, secret_key=KEY)
    made = make_office(registry, app_url)
    add_people(app_url, made.tenant, {"margaret": Role.ADMIN})
    yield made
    registry.close()


@pytest.fixture
def world(office):
    return SimpleNamespace(registry=office.registry, clock=SystemClock())


def acting(office, login="margaret", role=Role.ADMIN):
    return Actor(login=login, tenant_id=office.tenant, role=role, key=key_of(login))


def about(name, of=ErasureOf.PERSON, on=None):
    return ErasureAsked(about=of, name=name, asked_by=LETTER, asked_on=on)


def audited(office):
    with office.open() as unit:
        events = reversed(unit.audit.list(limit=1000))
    return [
        (event.action, event.actor, event.changed) for event in events if event.subject == "erasure_requests"
    ]


def test_a_request_is_open_until_it_is_closed_with_what_was_done(world, office):
    margaret = acting(office)
    asked = enter_erasure(world, margaret, about(STEWARD, on=date(2026, 1, 31)))
    assert (asked.name, asked.asked_by, asked.asked_on) == (STEWARD, LETTER, date(2026, 1, 31))
    assert (asked.entered_by, asked.done, asked.is_there) == ("margaret", None, True)
    closed = close_erasure(world, margaret, asked.id[:8], "Put to rest; the audit is kept by law.")
    assert (closed.done, closed.closed_by) == ("Put to rest; the audit is kept by law.", "margaret")
    with pytest.raises(BadDecisionError, match="what was done stands"):
        close_erasure(world, margaret, asked.id, "something else")
    assert list_erasures(world, margaret) == (closed,)
    created, updated = audited(office)
    assert (created[:2], updated) == (
        ("created", "margaret"),
        ("updated", "margaret", ("closed_at", "closed_by", "done")),
    )
    assert office.registry.verify_audit(office.tenant).intact


def test_open_requests_come_first_the_oldest_before_others(world, office):
    margaret = acting(office)
    newer, older, closed = (
        enter_erasure(world, margaret, about(STEWARD, on=date(2026, 1, day))).id for day in (20, 10, 1)
    )
    close_erasure(world, margaret, closed, "refused")
    assert [each.id for each in list_erasures(world, margaret)] == [older, newer, closed]


def test_a_request_outlives_its_client_and_may_come_after_it(world, office):
    margaret = acting(office)
    office.add_client("brief")
    before = enter_erasure(world, margaret, about("brief", ErasureOf.CLIENT))
    with office.open("margaret") as unit:
        unit.clients.remove("brief")
    after = enter_erasure(world, margaret, about("brief", ErasureOf.CLIENT))
    assert (before.is_there, after.is_there) == (True, False)
    assert {each.id for each in list_erasures(world, margaret) if not each.is_there} == {before.id, after.id}


@pytest.mark.parametrize("of", ErasureOf)
def test_about_nobody_who_ever_was_there_is_no_request(world, office, of):
    with pytest.raises(UnknownNameError, match="nobody"):
        enter_erasure(world, acting(office), about("nobody", of))


def test_nobody_asks_tomorrow(world, office):
    tomorrow = world.clock.now().astimezone(UTC).date() + timedelta(days=1)
    with pytest.raises(BadDecisionError, match="yet to come"):
        enter_erasure(world, acting(office), about(STEWARD, on=tomorrow))


def test_the_database_itself_asks_for_an_administrator(world, office):
    asked = enter_erasure(world, acting(office), about(STEWARD))
    pretended = acting(office, STEWARD)  # by the role that the program was told
    with pytest.raises(NotAllowedError):
        enter_erasure(world, pretended, about(STEWARD))
    with pytest.raises(NotAllowedError):
        close_erasure(world, pretended, asked.id, "done")
    assert list_erasures(world, acting(office)) == (asked,)


def test_a_request_is_of_its_tenant_alone(world, office, app_url):
    asked = enter_erasure(world, acting(office), about(STEWARD))
    elsewhere = make_office(office.registry, app_url, "strangers")
    add_people(app_url, elsewhere.tenant, {"margaret": Role.ADMIN})
    assert list_erasures(world, acting(elsewhere)) == ()
    with pytest.raises(UnknownNameError):
        close_erasure(world, acting(elsewhere), asked.id, "done")


def test_not_even_the_owner_of_the_tables_removes_one(world, office, owner_url):
    enter_erasure(world, acting(office), about(STEWARD))
    with connected(owner_url) as connection:
        connection.execute(text(f"SELECT set_config('smp.tenant_id', '{office.tenant}', true)"))
        with pytest.raises(DBAPIError, match="never changed or removed"):
            connection.execute(text("DELETE FROM smp.erasure_requests"))
        connection.rollback()


def test_what_was_asked_is_told_of_no_client(world, office):
    office.add_client("acme")
    enter_erasure(world, acting(office), about("acme", ErasureOf.CLIENT))
    with office.open() as unit:
        subjects = {event.subject for event in unit.audit.list(limit=1000, client="client")}
        subjects |= {event.subject for event in unit.audit.list(limit=1000, client="acme")}
    assert "erasure_requests" not in subjects


def test_requests_outlive_a_migration_back(world, office, owner_url):
    asked = enter_erasure(world, acting(office), about(STEWARD))
    downgrade(owner_url, "0062")
    migrate(owner_url)
    assert list_erasures(world, acting(office)) == (asked,)
    closed = close_erasure(world, acting(office), asked.id, "done")
    assert audited(office)[-1][:2] == ("updated", "margaret")
    assert closed.closed_by == "margaret"


def test_the_audit_tells_nobody_who_asked(world, office):
    enter_erasure(world, acting(office), about(STEWARD))
    with office.open() as unit:
        told = [event.new for event in unit.audit.list(limit=5) if event.subject == "erasure_requests"]
        (then,) = unit.audit.as_of(datetime.now(UTC), "erasure_requests")
    assert [LETTER in str(text) for text in (*told, then)] == [False, False]
