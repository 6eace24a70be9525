"""A key proves a person for one use: within its scope, until it ends; the registry itself holds it to that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schema_matching_pipeline.errors import (
    BadDecisionError,
    GateError,
    NotAllowedError,
    NotKnownError,
    UnknownNameError,
)
from schema_matching_pipeline.model.access import KeyScope, Role, SessionTerms
from schema_matching_pipeline_tests.registry.office import STEWARD, make_office, routed
from schema_matching_pipeline_tests.registry.people import add_people
from schema_matching_pipeline_tests.registry.steps import connected, rows

ADMIN = "margaret"


@pytest.fixture
def office(registry, app_url):
    made = make_office(registry, app_url)
    add_people(app_url, made.tenant, {ADMIN: Role.ADMIN})
    made.add_client()
    return made


def made_key(office, scope, until=None, login=STEWARD):
    with office.open(login) as unit:
        return unit.api_keys.add(login, f"for {scope}", scope, until)


def opened_by(office, key, login=STEWARD):
    return office.registry.open(office.tenant, login, key=key)


@pytest.mark.parametrize(
    ("scope", "role"),
    [
        (KeyScope.ALL, Role.ADMIN),
        (KeyScope.READ, Role.VIEWER),
        (KeyScope.RUN, Role.ENGINEER),
        (KeyScope.DECIDE, Role.STEWARD),
        (KeyScope.METRICS, Role.VIEWER),
    ],
)
def test_a_person_acts_in_the_role_that_the_key_leaves_him(office, scope, role):
    key = made_key(office, scope, login=ADMIN)
    with opened_by(office, key, ADMIN) as unit:
        person = unit.users.acting()
    assert (person.login, person.role, person.scope) == (ADMIN, role, scope)


@pytest.mark.parametrize("scope", [KeyScope.RUN, KeyScope.READ])
def test_a_key_never_gives_more_than_the_role_of_its_person(office, scope):
    with opened_by(office, made_key(office, scope)) as unit:
        assert unit.users.acting().role is Role.VIEWER


@pytest.mark.parametrize("scope", [KeyScope.READ, KeyScope.RUN, KeyScope.METRICS])
def test_the_registry_takes_no_decision_by_a_key_that_is_not_for_deciding(office, scope):
    office.propose(routed("id", "patient.patient_id"))
    version, digest = office.validate()
    key = made_key(office, scope)
    with pytest.raises(NotAllowedError, match=f"key of scope {scope}"), opened_by(office, key) as unit:
        unit.publications.approve_final("acme", version, digest, "")
    with opened_by(office, made_key(office, KeyScope.DECIDE)) as unit:
        unit.publications.approve_final("acme", version, digest, "")


def test_a_scoped_key_makes_no_key_no_password_and_no_session_that_is_good_for_more(office):
    key = made_key(office, KeyScope.READ, login=ADMIN)
    for grow in (
        lambda unit: unit.api_keys.add(ADMIN, "more", KeyScope.ALL, None),
        lambda unit: unit.sessions.set_password(ADMIN, "correct horse battery"),
        lambda unit: unit.users.set_role(STEWARD, Role.ADMIN),
    ):
        with (
            pytest.raises(NotAllowedError, match="may not manage people"),
            opened_by(office, key, ADMIN) as unit,
        ):
            grow(unit)
    with opened_by(office, key, ADMIN) as unit:
        tokens = unit.sessions.begin(SessionTerms(refresh_minutes=60))
    with opened_by(office, None, "system:refresh") as unit:
        _, refreshed = unit.sessions.refresh(
            tokens.refresh.get_secret_value(), SessionTerms(refresh_minutes=60)
        )
    with opened_by(office, refreshed.access.get_secret_value(), ADMIN) as unit:
        assert (unit.users.acting().role, unit.users.acting().scope) == (Role.VIEWER, KeyScope.READ)


def test_a_revoked_key_ends_with_the_sessions_that_were_begun_with_it(office):
    key = made_key(office, KeyScope.ALL)
    with opened_by(office, key) as unit:
        token = unit.sessions.begin(SessionTerms()).access.get_secret_value()
    with office.open(ADMIN) as unit:
        (shown, first) = unit.api_keys.list(STEWARD)
        unit.api_keys.revoke(STEWARD, shown.id)
        unit.api_keys.revoke(STEWARD, shown.id)
        assert [each.counts for each in unit.api_keys.list(STEWARD)] == [True, False]
    assert (shown.prefix, first.prefix) == (key[:10], None)
    for proof in (key, token):
        with pytest.raises(NotAllowedError, match="do not fit"), opened_by(office, proof) as unit:
            unit.users.acting()


def test_a_key_ends_when_it_was_said_to_and_no_session_outlives_it(office, registry_database):
    with pytest.raises(BadDecisionError, match="in the future"):
        made_key(office, KeyScope.ALL, datetime(2020, 1, 1, tzinfo=UTC))
    end = datetime.now(UTC) + timedelta(minutes=5)
    key = made_key(office, KeyScope.ALL, end)
    with opened_by(office, key) as unit:
        unit.sessions.begin(SessionTerms(access_minutes=60))
        assert [session.ends_at for session in unit.sessions.list(STEWARD)] == [end]
    with connected(registry_database.superuser_url) as connection:
        rows(connection, "update smp.api_keys set expires_at = now() where prefix is not null returning 1")
    with pytest.raises(NotAllowedError, match="do not fit"), opened_by(office, key) as unit:
        unit.users.acting()


def test_whom_groups_let_in_counts_no_longer_than_he_was_proven_and_neither_does_what_he_holds(
    office, registry_database
):
    password = "correct horse battery"
    key = made_key(office, KeyScope.ALL)
    terms = SessionTerms(refresh_minutes=60)
    with opened_by(office, key) as unit:
        unit.sessions.set_password(STEWARD, password)
        stretched = unit.sessions.key_of_password(STEWARD, password)
        tokens = unit.sessions.begin(terms)
    proofs = (key, stretched, tokens.access.get_secret_value())
    prove(office, 60)
    for proof in proofs:
        with opened_by(office, proof) as unit:
            assert unit.users.acting().login == STEWARD

    with connected(registry_database.superuser_url) as connection:  # as if that were too long ago
        rows(
            connection, "update smp.users set proven_until = now() where proven_until is not null returning 1"
        )
    for proof in proofs:
        with pytest.raises(NotKnownError, match="has not proven you since"), opened_by(office, proof) as unit:
            unit.users.acting()
        with pytest.raises(NotAllowedError, match="may not manage people"), opened_by(office, proof) as unit:
            unit.api_keys.add(STEWARD, "more", KeyScope.ALL, None)
    with opened_by(office, None, "system:refresh") as unit:
        assert unit.sessions.refresh(tokens.refresh.get_secret_value(), terms) is None
    with pytest.raises(NotAllowedError, match="do not fit"), opened_by(office, "a guess") as unit:
        unit.users.acting()
    with office.open(STEWARD) as unit:  # by what follows from the secret of the installation
        assert unit.users.acting().login == STEWARD

    prove(office, 60)
    for proof in proofs:
        with opened_by(office, proof) as unit:
            assert unit.users.acting().login == STEWARD


def test_whose_groups_are_lost_ends_at_once_and_the_audit_says_so_once(office):
    key = made_key(office, KeyScope.ALL)
    with opened_by(office, key) as unit:
        token = unit.sessions.begin(SessionTerms()).access.get_secret_value()
    prove(office, 60)
    for _ in range(2):
        prove(office, 0)
    for proof, told in ((key, "has not proven you since"), (token, "do not fit")):
        with pytest.raises(GateError, match=told), opened_by(office, proof) as unit:
            unit.users.acting()
    with office.open(ADMIN) as unit:
        events = unit.audit.list(limit=100)
    actors = [
        event.actor
        for event in events
        if (event.subject, event.action) == ("users", "updated") and "proven_until" in event.changed
    ]
    assert actors == [ADMIN, ADMIN]


def test_nobody_proves_himself(office):
    with pytest.raises(NotAllowedError, match="may not manage people"), office.open(STEWARD) as unit:
        unit.users.prove(STEWARD, 60)
    with pytest.raises(UnknownNameError), office.open(ADMIN) as unit:
        unit.users.prove("nobody", 60)


def prove(office, minutes):
    with office.open(ADMIN) as unit:
        unit.users.prove(STEWARD, minutes)


def test_the_use_of_a_key_is_written_down_and_is_no_change_of_the_audit(office):
    key = made_key(office, KeyScope.READ)
    with office.open(ADMIN) as unit:
        before = len(unit.audit.list(limit=1000))
        assert unit.api_keys.list(STEWARD)[0].last_used_at is None
    with opened_by(office, key) as unit:
        unit.users.acting()
    with office.open(ADMIN) as unit:
        used = unit.api_keys.list(STEWARD)[0].last_used_at
        assert datetime.now(UTC) - used < timedelta(minutes=1)
        assert len(unit.audit.list(limit=1000)) == before


def test_keys_of_another_tenant_are_not_there(office, registry, app_url):
    stranger = make_office(registry, app_url, "strangers")
    add_people(app_url, stranger.tenant, {"root": Role.ADMIN, "lone": Role.VIEWER})
    with stranger.open("root") as unit:
        theirs = unit.api_keys.list("lone")[0].id
    with office.open(ADMIN) as unit:
        assert unit.api_keys.list("lone") == ()
        with pytest.raises(UnknownNameError, match="no user"):
            unit.api_keys.add("lone", "x", KeyScope.ALL, None)
        for login in ("lone", STEWARD):
            with pytest.raises(UnknownNameError, match="no key"):
                unit.api_keys.revoke(login, theirs)


def test_nobody_has_keys_without_end(office):
    with office.open(ADMIN) as unit:
        for number in range(49):
            unit.api_keys.add(STEWARD, f"key {number}", KeyScope.READ, None)
        with pytest.raises(BadDecisionError, match="Revoke one first"):
            unit.api_keys.add(STEWARD, "one more", KeyScope.READ, None)


def test_the_key_by_which_the_installation_vouches_is_one_that_replaces_the_one_before(office):
    with office.open(ADMIN) as unit:
        unit.users.ensure("local", Role.VIEWER, "first secret")
        unit.users.ensure("local", Role.VIEWER, "second secret")
    with pytest.raises(NotAllowedError), opened_by(office, "first secret", "local") as unit:
        unit.users.acting()
    with opened_by(office, "second secret", "local") as unit:
        assert unit.users.acting().login == "local"


def test_an_address_is_one_person_s_and_whoever_loses_it_is_vouched_for_no_more(office):
    with office.open(ADMIN) as unit:
        unit.users.set_email(STEWARD, "Ada@Example.org", "by the address")
        assert unit.users.known_by("ada@example.ORG").login == STEWARD
        assert unit.users.known_by("nobody@example.org") is None
    with opened_by(office, "by the address") as unit:
        assert unit.users.acting().login == STEWARD
    with pytest.raises(BadDecisionError, match="Another person"), office.open(ADMIN) as unit:
        unit.users.set_email("grace", "ada@example.org", "x")
    with pytest.raises(BadDecisionError, match="NAME@HOST"), office.open(ADMIN) as unit:
        unit.users.set_email("grace", "no address", "x")
    with office.open(ADMIN) as unit:
        unit.users.set_email(STEWARD, None, None)
        assert unit.users.known_by("ada@example.org") is None
    with pytest.raises(NotAllowedError), opened_by(office, "by the address") as unit:
        unit.users.acting()
