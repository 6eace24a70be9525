"""People log in, stay so for a while, and are not guessed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from schema_matching_pipeline.errors import (
    BadDecisionError,
    LockedOutError,
    NotAllowedError,
    NotKnownError,
    UnknownNameError,
)
from schema_matching_pipeline.model.access import Role, SessionTerms
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline.runtime import SystemClock
from schema_matching_pipeline.workflows.log_in import (
    Credentials,
    begin_session,
    end_other_sessions,
    list_sessions,
    log_in,
    log_out,
    recognise,
    refresh_session,
    set_password,
)
from schema_matching_pipeline_tests.registry.office import KEY, STEWARD, make_office
from schema_matching_pipeline_tests.registry.people import add_people, key_of
from schema_matching_pipeline_tests.registry.steps import connected, rows

PASSWORD = "correct horse battery"
PAGE = SessionTerms(access_minutes=60)
PROGRAM = SessionTerms(access_minutes=60, refresh_minutes=600)


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


def shown(office, login, secret):
    return Credentials(tenant_id=office.tenant, login=login, secret=SecretStr(secret), address="203.0.113.9")


@pytest.fixture
def margaret(office, world):
    return recognise(world, shown(office, "margaret", key_of("margaret")))


@pytest.fixture
def steward(office, world, margaret):
    set_password(world, margaret, STEWARD, PASSWORD)
    return log_in(world, shown(office, STEWARD, PASSWORD), PROGRAM)


def known_by(world, office, login, secret):
    return recognise(world, shown(office, login, secret.get_secret_value())).login


def test_a_password_gives_a_session_that_proves_its_person(world, office, steward):
    assert (steward.actor.login, steward.actor.role) == (STEWARD, Role.STEWARD)
    assert known_by(world, office, STEWARD, steward.tokens.access) == STEWARD


def test_the_token_of_one_person_proves_no_other(world, office, steward):
    with pytest.raises(NotKnownError):
        known_by(world, office, "margaret", steward.tokens.access)


def test_a_key_logs_in_as_well(world, office):
    assert log_in(world, shown(office, "margaret", key_of("margaret")), PAGE).actor.login == "margaret"


@pytest.mark.parametrize("login", [STEWARD, "nobody"])
def test_a_wrong_password_and_a_wrong_login_look_the_same(world, office, steward, login):
    with pytest.raises(NotKnownError, match=r"^Login and password do not fit together\.$"):
        log_in(world, shown(office, login, "another password"), PAGE)


def test_five_wrong_passwords_lock_the_right_one_out_too(world, office, steward):
    for _ in range(5):
        with pytest.raises(NotKnownError):
            log_in(world, shown(office, STEWARD, "another password"), PAGE)
    with pytest.raises(LockedOutError):
        log_in(world, shown(office, STEWARD, PASSWORD), PAGE)


def test_the_lock_opens_by_itself(world, office, steward, owner_url):
    for _ in range(5):
        with pytest.raises(NotKnownError):
            log_in(world, shown(office, STEWARD, "another password"), PAGE)
    with connected(owner_url) as connection:
        rows(connection, f"SELECT set_config('smp.tenant_id', '{office.tenant}', false)")
        rows(
            connection, "UPDATE smp.failed_logins SET locked_until = now() - interval '1 second' RETURNING 1"
        )
    assert log_in(world, shown(office, STEWARD, PASSWORD), PAGE).actor.login == STEWARD


def test_a_session_ends_when_its_person_logs_out(world, office, steward):
    log_out(world, steward.actor)
    with pytest.raises(NotKnownError):
        known_by(world, office, STEWARD, steward.tokens.access)


def test_a_session_ends_by_itself(world, office, steward, owner_url):
    with connected(owner_url) as connection:
        rows(connection, f"SELECT set_config('smp.tenant_id', '{office.tenant}', false)")
        rows(connection, "UPDATE smp.sessions SET access_until = now() - interval '1 second' RETURNING 1")
    with pytest.raises(NotKnownError):
        known_by(world, office, STEWARD, steward.tokens.access)


def test_a_refresh_takes_the_place_of_what_was_before(world, office, steward):
    refresh = steward.tokens.refresh.get_secret_value()
    going_on = refresh_session(world, office.tenant, refresh, PROGRAM, None)
    assert known_by(world, office, STEWARD, going_on.tokens.access) == STEWARD
    with pytest.raises(NotKnownError):
        known_by(world, office, STEWARD, steward.tokens.access)


def test_a_refresh_token_that_is_used_twice_ends_all_that_came_of_it(world, office, steward):
    refresh = steward.tokens.refresh.get_secret_value()
    going_on = refresh_session(world, office.tenant, refresh, PROGRAM, None)
    with pytest.raises(NotKnownError):
        refresh_session(world, office.tenant, refresh, PROGRAM, None)
    with pytest.raises(NotKnownError):
        known_by(world, office, STEWARD, going_on.tokens.access)


def test_another_password_ends_the_sessions_but_the_one_that_says_so(world, office, steward):
    elsewhere = log_in(world, shown(office, STEWARD, PASSWORD), PAGE)
    set_password(world, steward.actor, STEWARD, "another good password")
    assert known_by(world, office, STEWARD, steward.tokens.access) == STEWARD
    with pytest.raises(NotKnownError):
        known_by(world, office, STEWARD, elsewhere.tokens.access)
    assert log_in(world, shown(office, STEWARD, "another good password"), PAGE).actor.login == STEWARD


def test_all_sessions_but_the_present_one_are_ended_at_once(world, office, steward):
    elsewhere = log_in(world, shown(office, STEWARD, PASSWORD), PAGE)
    assert len(list_sessions(world, steward.actor)) == 2
    assert end_other_sessions(world, steward.actor) == 1
    assert [session.address for session in list_sessions(world, steward.actor)] == ["203.0.113.9"]
    with pytest.raises(NotKnownError):
        known_by(world, office, STEWARD, elsewhere.tokens.access)


def test_only_an_administrator_gives_somebody_else_a_password(world, office, steward):
    with pytest.raises(NotAllowedError, match="may not manage people"):
        set_password(world, steward.actor, "margaret", "another good password")


def test_a_person_who_left_is_let_in_no_more(world, office, steward, margaret):
    with office.registry.open(office.tenant, "margaret", key=key_of("margaret")) as unit:
        unit.users.set_active(STEWARD, False)
    with pytest.raises(NotKnownError):
        known_by(world, office, STEWARD, steward.tokens.access)
    with pytest.raises(NotKnownError):
        refresh_session(world, office.tenant, steward.tokens.refresh.get_secret_value(), PROGRAM, None)
    with pytest.raises(NotKnownError):
        log_in(world, shown(office, STEWARD, PASSWORD), PAGE)


@pytest.mark.parametrize("password", ["short", f"my name is {STEWARD}"])
def test_a_password_that_is_guessed_soon_is_refused(world, margaret, password):
    with pytest.raises(BadDecisionError, match="at least 12"):
        set_password(world, margaret, STEWARD, password)


def test_a_password_for_nobody_is_refused(world, margaret):
    with pytest.raises(UnknownNameError):
        set_password(world, margaret, "nobody", PASSWORD)


def test_the_sessions_of_another_tenant_prove_nothing_here(world, office, steward, app_url):
    elsewhere = make_office(office.registry, app_url, "strangers")
    with pytest.raises(NotKnownError):
        known_by(world, elsewhere, STEWARD, steward.tokens.access)


def test_the_machinery_begins_no_session(world, office, margaret):
    with pytest.raises(NotAllowedError):
        begin_session(world, margaret.but(login="system:run", key=None), PAGE)


def test_no_secret_is_kept_as_it_is(world, office, steward, registry_database):
    superuser_url = registry_database.superuser_url
    secrets = [PASSWORD, steward.tokens.access.get_secret_value(), steward.tokens.refresh.get_secret_value()]
    with connected(superuser_url) as connection:
        kept = str(rows(connection, "SELECT * FROM smp.sessions")) + str(
            rows(connection, "SELECT * FROM smp.users")
        )
        audit = str(rows(connection, "SELECT * FROM smp.audit_log"))
    assert [secret for secret in secrets if secret in kept + audit] == []
    assert not [row for row in rows_of_hashes(superuser_url) if row in audit]


def rows_of_hashes(url):
    with connected(url) as connection:
        return [
            str(value)
            for row in rows(
                connection, "SELECT password_hash FROM smp.users UNION ALL SELECT key_hash FROM smp.api_keys"
            )
            for value in row
            if value
        ]
