"""Who acts is proven by a key; who manages people is an administrator or the owner of the registry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from schema_matching_pipeline.errors import (
    AlreadyExistsError,
    BadDecisionError,
    NotAllowedError,
    UnknownNameError,
)
from schema_matching_pipeline.model.access import KeyScope, Role
from schema_matching_pipeline.model.registry import ProvenPerson
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline_tests.registry.office import (
    ENGINEER,
    KEY,
    SECOND_STEWARD,
    STEWARD,
    make_office,
    routed,
)
from schema_matching_pipeline_tests.registry.people import add_people, owner_of
from schema_matching_pipeline_tests.registry.steps import connected, one, wait_for_a_lock

ADMIN = "margaret"


@pytest.fixture
def office(registry, app_url):
    made = make_office(registry, app_url)
    add_people(app_url, made.tenant, {ADMIN: Role.ADMIN})
    made.add_client()
    return made


def acting(office, login, key):
    with office.registry.open(office.tenant, login, key=key) as unit:
        return unit.users.acting().login


def test_people_of_a_tenant_are_its_own(office, registry, app_url):
    stranger = make_office(registry, app_url, "strangers")
    with office.open(ADMIN) as unit:
        unit.users.add("only-here", Role.VIEWER)
    with stranger.open() as unit:
        assert "only-here" not in {user.login for user in unit.users.list()}
        with pytest.raises(UnknownNameError, match="Known: ada"):
            unit.users.get("only-here")


def test_a_key_proves_a_login_until_it_is_revoked_or_the_person_leaves(office):
    with office.open(ADMIN) as unit:
        key = unit.api_keys.add(STEWARD, "one", KeyScope.ALL, None)
    assert acting(office, STEWARD, key) == STEWARD
    for login, given in ((STEWARD, "wrong"), ("grace", key), ("nobody", key), ("grace", ""), ("grace", None)):
        with pytest.raises(NotAllowedError, match="do not fit"):
            acting(office, login, given)
    with office.open(ADMIN) as unit:
        newer = unit.api_keys.add(STEWARD, "two", KeyScope.ALL, None)
        unit.api_keys.revoke(STEWARD, unit.api_keys.list(STEWARD)[1].id)
    assert acting(office, STEWARD, newer) == STEWARD
    with pytest.raises(NotAllowedError):
        acting(office, STEWARD, key)
    with office.open(ADMIN) as unit:
        unit.users.set_active(STEWARD, active=False)
    with pytest.raises(NotAllowedError):
        acting(office, STEWARD, newer)


@pytest.mark.parametrize(
    "change",
    [
        lambda users: users.set_active("nobody", active=True),
        lambda users: users.set_role("nobody", Role.ADMIN),
    ],
    ids=["leave", "a role"],
)
def test_a_change_of_nobody_lists_who_there_is(office, change):
    with pytest.raises(UnknownNameError, match="Known: ada, edsger"), office.open(ADMIN) as unit:
        change(unit.users)


@pytest.mark.parametrize("actor", [STEWARD, ENGINEER, "system:pipeline", "nobody"])
def test_only_administrators_manage_people(office, actor):
    for manage in (
        lambda users: users.add("friend", Role.ADMIN),
        lambda users: users.set_role(actor, Role.ADMIN),
        lambda users: users.ensure("friend", Role.ADMIN, "k"),
    ):
        with pytest.raises(NotAllowedError, match="may not manage people"), office.open(actor) as unit:
            manage(unit.users)


def test_an_administrator_without_his_key_manages_nobody(office):
    with (
        pytest.raises(NotAllowedError, match="with the key of his login"),
        office.registry.open(office.tenant, ADMIN) as unit,
    ):
        unit.users.set_role(STEWARD, Role.ADMIN)


def test_the_owner_makes_the_first_administrator(registry, app_url):
    tenant = registry.ensure_tenant("new")
    owner = Registry(owner_of(app_url), secret_key=KEY)
    with owner.open(tenant, "system:owner") as unit:
        key = unit.users.add("first", Role.ADMIN)
    owner.close()
    with registry.open(tenant, "first", key=key) as unit:
        assert unit.users.acting() == ProvenPerson(login="first", role=Role.ADMIN, scope=KeyScope.ALL)
        unit.users.add("second", Role.STEWARD)


def test_a_login_is_taken_once(office):
    with pytest.raises(AlreadyExistsError, match="user named 'ada'"), office.open(ADMIN) as unit:
        unit.users.add(STEWARD, Role.ADMIN)


@pytest.mark.parametrize(
    "login",
    ["", "a b", "ada ", "\u0430da", "ada\u200b", "ada\n", "Ada", "ADA", "x" * 101],
)
def test_a_login_that_could_be_taken_for_another_is_refused(office, login):
    with pytest.raises(BadDecisionError), office.open(ADMIN) as unit:
        unit.users.add(login, Role.STEWARD)


@pytest.mark.parametrize("login", ["system:propose", "policy:standard", "database:me"])
def test_nobody_may_bear_a_name_of_the_machinery(office, login):
    with pytest.raises(Exception, match="users_login_check"), office.open(ADMIN) as unit:
        unit.users.add(login, Role.ADMIN)


def test_the_last_administrator_stays_one(office):
    for change in (
        lambda users: users.set_active(ADMIN, active=False),
        lambda users: users.set_role(ADMIN, Role.VIEWER),
        lambda users: users.set_clients(ADMIN, ("acme",)),
    ):
        with pytest.raises(BadDecisionError, match="last administrator"), office.open(ADMIN) as unit:
            change(unit.users)


def test_an_administrator_confined_to_a_client_manages_nobody(office):
    with office.open(ADMIN) as unit:
        key = unit.users.add("local", Role.ADMIN, ("acme",))
    with (
        pytest.raises(NotAllowedError, match="whole tenant"),
        office.registry.open(office.tenant, "local", key=key) as unit,
    ):
        unit.users.set_clients("local", None)


@pytest.mark.parametrize("clients", [(), ("nowhere",), ("acme", "nowhere")])
def test_a_person_is_confined_to_clients_that_there_are(office, clients):
    with pytest.raises(BadDecisionError), office.open(ADMIN) as unit:
        unit.users.add("local", Role.STEWARD, clients)


@pytest.mark.parametrize("clients", [[None], ["acme", None]], ids=["a gap", "a client and a gap"])
def test_a_gap_is_no_client_to_confine_a_person_to(office, clients):
    with pytest.raises(BadDecisionError, match="Name a client"), office.open(ADMIN) as unit:
        unit.users.set_clients(STEWARD, clients)


def test_a_gap_among_the_clients_of_a_person_does_not_stand_for_all(office):
    office.propose(routed("id", "patient.patient_id"))
    version, digest = office.validate()
    confine = "update smp.users set clients = '{other,NULL}' where login in ('ada', 'edsger')"
    with connected(owner_of(office.url)) as connection:
        connection.execute(
            text("select set_config('smp.tenant_id', :tenant, true)"), {"tenant": office.tenant}
        )
        connection.execute(text(confine))
    with pytest.raises(NotAllowedError, match="may not decide about client"), office.open(STEWARD) as unit:
        unit.publications.approve_final("acme", version, digest, "")
    with pytest.raises(NotAllowedError, match="nobody approves"), office.open(ENGINEER) as unit:
        unit.clients.set_trust_profile("acme", "permissive", review_required=False)


def test_the_last_administrator_stays_one_though_he_takes_another_address_with_it(office):
    change = """select smp.change_person('margaret', '{"active": false, "email": "m@example.org"}')"""
    with pytest.raises(BadDecisionError, match="last administrator"), office.open(ADMIN) as unit:
        unit.users._transaction.run(change)


def test_two_administrators_do_not_take_each_other_s_rights_away_at_the_same_moment(
    office, registry_database
):
    with office.open(ADMIN) as unit:
        unit.users.set_role(SECOND_STEWARD, Role.ADMIN)
    with ThreadPoolExecutor() as pool:
        with office.open(ADMIN) as unit:
            unit.users.set_role(SECOND_STEWARD, Role.STEWARD)
            late = pool.submit(demote, office, SECOND_STEWARD, ADMIN)
            wait_for_a_lock(registry_database.superuser_url)
        with pytest.raises(NotAllowedError, match="may not manage people"):
            late.result()
    with office.open() as unit:
        assert [user.login for user in unit.users.list() if user.role is Role.ADMIN] == [ADMIN]


def demote(office, by, whom):
    with office.open(by) as unit:
        unit.users.set_role(whom, Role.STEWARD)


def test_a_key_appears_nowhere_in_the_audit(office, registry_database):
    with office.open(ADMIN) as unit:
        key = unit.api_keys.add(STEWARD, "one", KeyScope.ALL, None)
    with connected(registry_database.superuser_url) as connection:
        hashed = one(connection, "select key_hash from smp.api_keys where name = 'one'")
        audit = one(connection, "select string_agg(a::text, ' ') from smp.audit_log a")
    assert (key in audit, hashed in audit, "[redacted]" in audit) == (False, False, True)


def test_a_name_without_its_key_is_a_claim_in_the_audit_and_no_person(office):
    for key in ("", None, "guessed"):
        with office.registry.open(office.tenant, STEWARD, key=key) as unit:
            unit.clients.set_trust_profile("acme", key)
    with office.open(STEWARD) as unit:
        unit.clients.set_trust_profile("acme", "conservative")
        seen = unit.audit._transaction.rows(
            "select actor, changed_by is not null as is_proven from smp.audit_log where subject = 'clients' and action = 'updated' order by seq"
        )
    assert [tuple(row.values()) for row in seen] == [(STEWARD, False)] * (len(seen) - 1) + [(STEWARD, True)]


def test_counting_a_request_waits_for_no_disk_and_nothing_after_it_is_hurried(office):
    source = "select source from pg_settings where name = 'synchronous_commit'"
    with office.open(STEWARD) as unit:
        before = unit.users._transaction.one(source)["source"]
        unit.users.acting_again(per_minute=600, size=10)
        assert unit.users._transaction.one(source)["source"] == "session" != before
        assert unit.users._transaction.one("show synchronous_commit")["synchronous_commit"] == "off"
    with office.open(STEWARD) as unit:
        assert unit.users._transaction.one(source)["source"] == before
