"""Logins reach the audit once each, whatever happens in between, and nobody fills it from outside."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from structlog.testing import capture_logs

from schema_matching_pipeline.errors import LockedOutError, NotKnownError, RegistryUnavailableError
from schema_matching_pipeline.model.access import Role, SessionTerms
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline.registry.migrate import downgrade, migrate
from schema_matching_pipeline.runtime import SystemClock
from schema_matching_pipeline.workflows.carry_logins import carry_logins
from schema_matching_pipeline.workflows.log_in import (
    Credentials,
    LoggedIn,
    end_other_sessions,
    log_in,
    log_out,
    refresh_session,
)
from schema_matching_pipeline_tests.registry.office import KEY, PATIENT, make_office
from schema_matching_pipeline_tests.registry.people import add_people, key_of
from schema_matching_pipeline_tests.registry.steps import connected, rows

PROGRAM = SessionTerms(access_minutes=60, refresh_minutes=600, agent="curl/8")


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


def shown(office, login="margaret", secret=None, address="203.0.113.9"):
    return Credentials(
        tenant_id=office.tenant,
        login=login,
        secret=SecretStr(secret or key_of(login)),
        address=address,
        agent="curl/8",
        trace_id="t-1",
    )


def fail(world, office, login="margaret", address="203.0.113.9", fault=NotKnownError):
    with pytest.raises(fault):
        log_in(world, shown(office, login, "a guess", address), PROGRAM)


def audited(office):
    """What the audit says of logins, the first row first."""
    with office.open() as unit:
        return [event for event in reversed(unit.audit.list(limit=1000)) if event.subject == "logins"]


def in_short(office):
    return [(event.subject_key, event.actor) for event in audited(office)]


def secrets_of(begun: LoggedIn) -> list[str]:
    return [secret.get_secret_value() for secret in (begun.tokens.access, begun.tokens.refresh) if secret]


def end_connections(registry_database):
    """The server ends every connection of the application, as it does where a process is killed."""
    with connected(registry_database.superuser_url) as connection:
        rows(
            connection,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'smp' AND datname = current_database()",
        )


def an_hour_passes(office, owner_url):
    with connected(owner_url) as connection:
        connection.execute(text(f"SELECT set_config('smp.tenant_id', '{office.tenant}', true)"))
        connection.execute(text("UPDATE smp.login_events SET due_at = due_at - interval '1 hour'"))


def test_a_login_is_in_the_audit_with_from_where_by_what_and_by_which_request(world, office):
    log_in(world, shown(office), PROGRAM)
    assert audited(office) == []
    assert carry_logins(world) == 1
    (event,) = audited(office)
    assert (event.action, event.subject_key, event.actor) == ("created", "login/margaret", "margaret")
    assert (event.address, event.agent, event.trace_id) == ("203.0.113.9", "curl/8", "t-1")
    assert event.at >= office_time(event)
    assert office.registry.verify_audit(office.tenant).intact


def office_time(event):
    return type(event.at).fromisoformat(event.model_dump(mode="json")["new"]["at"])


def test_each_kind_of_login_is_told_once_and_in_its_order(world, office):
    first = log_in(world, shown(office), PROGRAM)
    _, refresh = secrets_of(first)
    going_on = refresh_session(world, office.tenant, refresh, PROGRAM, "203.0.113.9")
    for _ in range(2):
        with pytest.raises(NotKnownError):
            refresh_session(world, office.tenant, refresh, PROGRAM, "198.51.100.7")
    second, third = log_in(world, shown(office), PROGRAM), log_in(world, shown(office), PROGRAM)
    assert end_other_sessions(world, third.actor) == 1
    log_out(world, third.actor)
    assert carry_logins(world) == 6
    assert carry_logins(world) == 0
    assert in_short(office) == [
        ("login/margaret", "margaret"),
        ("reused/margaret", "system:refresh"),
        ("login/margaret", "margaret"),
        ("login/margaret", "margaret"),
        ("logout/margaret", "margaret"),
        ("logout/margaret", "margaret"),
    ]
    assert audited(office)[1].address == "198.51.100.7"
    secrets = [secret for begun in (first, going_on, second, third) for secret in secrets_of(begun)]
    assert not [secret for secret in secrets if secret in str(audited(office))]


def test_failures_lead_to_a_lock_and_what_is_tried_meanwhile_fills_nothing(world, office):
    for _ in range(5):
        fail(world, office)
    for _ in range(3):
        fail(world, office, fault=LockedOutError)
    carry_logins(world)
    failed, locked = ("failed/margaret", "system:login"), ("locked/margaret", "system:login")
    assert in_short(office) == [failed] * 4 + [locked]


def test_a_name_that_nobody_has_is_counted_by_the_hour_and_never_written_down(world, office, owner_url):
    for login in ("nobody", "correct horse battery", "nobody"):
        fail(world, office, login)
    fail(world, office, "nobody", address="198.51.100.7")
    assert carry_logins(world) == 0
    an_hour_passes(office, owner_url)
    assert carry_logins(world) == 2
    found = [
        (e.subject_key, e.actor, e.address, e.model_dump(mode="json")["new"]["times"])
        for e in audited(office)
    ]
    assert found == [
        ("failed", "system:login", "203.0.113.9", 3),
        ("failed", "system:login", "198.51.100.7", 1),
    ]
    assert "correct horse" not in str(audited(office))


def test_a_stranger_of_many_addresses_gets_a_hundred_rows_an_hour_and_one_for_the_rest(
    office, owner_url, world
):
    for number in range(103):
        with office.registry.open(office.tenant, "nobody", address=f"2001:db8::{number:x}") as unit:
            unit.sessions.note_login(f"nobody {number}", went_well=False)
    an_hour_passes(office, owner_url)
    assert carry_logins(world) == 101
    rest = audited(office)[-1]
    assert (rest.address, rest.agent, rest.model_dump(mode="json")["new"]["times"]) == (None, None, 3)


def test_what_a_process_did_not_come_to_carry_is_carried_by_the_next_and_once(
    world, office, registry_database
):
    log_in(world, shown(office), PROGRAM)
    with suppress(RegistryUnavailableError), office.registry.open(office.tenant, "system:logins") as unit:
        assert unit.sessions.carry_logins() == 1
        end_connections(registry_database)
    assert audited(office) == []
    log_in(world, shown(office), PROGRAM)
    assert carry_logins(world) == 2
    assert in_short(office) == [("login/margaret", "margaret")] * 2


def test_logins_of_one_tenant_are_no_part_of_another_s_audit(world, office, app_url):
    stranger = make_office(office.registry, app_url, "strangers")
    log_in(world, shown(office), PROGRAM)
    assert carry_logins(world) == 1
    assert (len(audited(office)), audited(stranger)) == (1, [])


def test_a_tenant_whose_logins_are_refused_holds_up_nobody_behind_it(world, office, app_url, owner_url):
    stranger = make_office(office.registry, app_url, "strangers")
    add_people(app_url, stranger.tenant, {"margaret": Role.ADMIN})
    for each in (office, stranger):
        log_in(world, shown(each), PROGRAM)
    first, behind = office.registry.tenants_with_logins()
    with connected(owner_url) as connection:
        connection.execute(
            text(f"ALTER TABLE smp.audit_log ADD CONSTRAINT none CHECK (tenant_id <> '{first}') NOT VALID")
        )
    with capture_logs() as logged:
        assert carry_logins(world) == 1
    assert logged == [
        {"event": "logins_refused", "log_level": "error", "tenant_id": first, "code": "REGISTRY"}
    ]
    assert office.registry.tenants_with_logins() == (first,)
    assert [len(audited(each)) for each in (office, stranger) if each.tenant == behind] == [1]


def test_logins_are_told_of_no_client_whatever_its_name(world, office):
    log_in(world, shown(office), PROGRAM)
    carry_logins(world)
    with office.open() as unit:
        assert unit.audit.list(limit=9, client="login") == ()
        assert "logins" not in {event.subject for event in unit.audit.list(limit=100, client="margaret")}


def test_a_migration_back_carries_what_is_kept_first(world, office, owner_url):
    log_in(world, shown(office), PROGRAM)
    fail(world, office, "nobody")
    downgrade(owner_url, "0061")
    with connected(owner_url) as connection:
        connection.execute(text(f"SELECT set_config('smp.tenant_id', '{office.tenant}', true)"))
        kept = rows(connection, "SELECT subject_key FROM smp.audit_log WHERE subject = 'logins' ORDER BY seq")
    migrate(owner_url)
    assert kept == [("login/margaret",), ("failed",)]
    assert office.registry.verify_audit(office.tenant).intact


def test_a_cut_tail_of_the_audit_is_not_healed_by_logins(world, office, registry_database):
    office.add_client()
    cut = "DELETE FROM smp.audit_log WHERE seq > (SELECT max(seq) - 4 FROM smp.audit_log)"
    with connected(registry_database.superuser_url) as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(cut))
    for _ in range(6):
        log_in(world, shown(office), PROGRAM)
    assert carry_logins(world) == 6
    assert not office.registry.verify_audit(office.tenant).intact


def test_who_carries_signs_what_comes_after_by_his_own_name(world, office):
    log_in(world, shown(office), PROGRAM)
    with office.open("system:pipeline") as unit:
        assert unit.sessions.carry_logins() == 1
        unit.canonical.put(PATIENT.but(name="another"))
        (newest, *_) = unit.audit.list(limit=1)
    assert (newest.subject, newest.actor, newest.address) == ("canonical_models", "system:pipeline", None)


def test_a_logout_is_told_of_whose_session_it_was(world, office):
    begun = log_in(world, shown(office), PROGRAM)
    log_out(world, begun.actor.but(login="somebody"))
    carry_logins(world)
    assert in_short(office)[-1] == ("logout/margaret", "margaret")
