import pytest

from schema_matching_pipeline.errors import AlreadyExistsError, SecretKeyError, UnknownNameError
from schema_matching_pipeline.model.ids import ConnectionId
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline.registry.repositories.sources import _from_secret, _to_secret
from schema_matching_pipeline_tests.registry.office import (
    KEY,
    SECRET_LOCATION,
    address,
    make_office,
)
from schema_matching_pipeline_tests.registry.steps import connected, rows

NEW_KEY = bytes(reversed(range(32)))


def test_a_client_is_read_as_it_was_added(office):
    with office.open() as unit:
        record = unit.clients.get("acme")
        assert unit.clients.list() == (record,)
    assert record.model_dump(include={"slug", "name", "tenant_id", "trust_profile", "canonical_model"}) == {
        "slug": "acme",
        "name": "Acme",
        "tenant_id": office.tenant,
        "trust_profile": "standard",
        "canonical_model": "practice",
    }
    assert (record.active, record.source_kind, record.created_at.tzinfo is not None) == (
        True,
        "postgresql",
        True,
    )


def test_a_client_changes_its_profile_and_its_activity(office):
    with office.open() as unit:
        unit.clients.set_trust_profile("acme", None)
        for _ in range(2):  # to say the same again is no mistake
            unit.clients.set_active("acme", active=False)
    with office.open() as unit:
        record = unit.clients.get("acme")
    assert (record.trust_profile, record.active) == (None, False)


def test_an_unknown_client_is_answered_with_the_known_ones(office):
    with office.open() as unit:
        for ask in (
            lambda: unit.clients.get("acmee"),
            lambda: unit.clients.set_active("acmee", active=True),
        ):
            with pytest.raises(UnknownNameError, match=r"Did you mean 'acme'\? Known: acme\."):
                ask()


def test_a_slug_is_taken_once_in_the_whole_installation(office, registry, app_url):
    stranger = make_office(registry, app_url, "strangers")
    with pytest.raises(AlreadyExistsError, match="client named 'acme'"):
        stranger.add_client()
    with stranger.open() as unit:
        assert unit.clients.list() == ()


def test_the_tenant_of_a_client_is_known_without_a_tenant(office, registry):
    assert registry.tenant_of("acme") == office.tenant
    assert registry.tenant_by_name("default") == office.tenant
    with pytest.raises(UnknownNameError):
        registry.tenant_of("nobody")
    with pytest.raises(UnknownNameError):
        registry.tenant_by_name("nobody")


def test_an_address_comes_back_as_it_was_given_and_is_stored_nowhere_in_the_clear(office, registry_database):
    with office.open() as unit:
        assert unit.sources.address(unit.clients.get("acme").connection_id) == address()
    with connected(registry_database.superuser_url) as connection:
        stored = rows(connection, "select c::text from smp.connections c") + rows(
            connection, "select a::text from smp.audit_log a"
        )
    text = " ".join(str(row) for row in stored)
    assert "hunter2" not in text
    assert SECRET_LOCATION.encode().hex() not in text


def test_another_key_opens_nothing(office, app_url):
    other = Registry(app_url, secret_key=NEW_KEY)
    with other.open(office.tenant, "system:test") as unit:
        connection = unit.clients.get("acme").connection_id
        with pytest.raises(SecretKeyError, match="sealed with key"):
            unit.sources.address(connection)
    other.close()


def test_an_installation_remembers_its_key(registry, app_url):
    registry.check_key()
    registry.check_key()
    other = Registry(app_url, secret_key=NEW_KEY)
    with pytest.raises(SecretKeyError, match="was made with secret key"):
        other.check_key()
    other.close()


def test_after_rotation_the_new_key_opens_everything_and_the_old_one_nothing(office, registry, app_url):
    registry.check_key()
    make_office(registry, app_url, "strangers").add_client("globex")

    assert registry.rotate_key(NEW_KEY) == 2

    with office.open() as unit:
        connection = unit.clients.get("acme").connection_id
        assert unit.sources.address(connection) == address()
    registry.check_key()
    other = Registry(app_url, secret_key=NEW_KEY)
    other.check_key()
    with other.open(office.tenant, "system:test") as unit:
        assert unit.sources.address(connection) == address()
    other.close()
    old = Registry(app_url, secret_key=KEY)
    with old.open(office.tenant, "system:test") as unit, pytest.raises(SecretKeyError):
        unit.sources.address(connection)
    with pytest.raises(SecretKeyError):
        old.check_key()
    old.close()


def test_a_rotation_that_cannot_open_everything_changes_nothing(office, registry, app_url):
    other = Registry(app_url, secret_key=NEW_KEY)
    with pytest.raises(SecretKeyError):
        other.rotate_key(bytes(32))
    other.close()
    with office.open() as unit:
        assert unit.sources.address(unit.clients.get("acme").connection_id) == address()


def test_a_connection_has_a_name_of_its_own_and_an_unknown_one_lists_the_known(office):
    with office.open() as unit:
        with pytest.raises(UnknownNameError, match="Known: acme"):
            unit.sources.address(ConnectionId("00000000-0000-0000-0000-000000000000"))
        with pytest.raises(AlreadyExistsError, match="connection named 'acme'"):
            unit.sources.add_connection("acme", "file", address())


def test_what_a_block_did_is_undone_when_it_raises(office):
    def give_up():
        with office.open() as unit:
            unit.clients.set_active("acme", active=False)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        give_up()
    with office.open() as unit:
        assert unit.clients.get("acme").active


def test_an_address_sealed_before_data_could_stay_lets_them_leave():
    sealed_then = b'{"location": "postgresql://host/db", "schema_name": null}'
    assert not _from_secret(sealed_then).data_stays
    kept = SourceAddress(location="postgresql://host/db", data_stays=True)
    assert _from_secret(_to_secret(kept)) == kept
