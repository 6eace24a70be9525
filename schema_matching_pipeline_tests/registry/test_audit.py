"""The audit: written by the database, whole or demonstrably broken."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text

from schema_matching_pipeline_tests.registry.steps import STEWARD, Column, an_office, connected, one, rows

ID = Column("member_no", "patient.id")
CITY = Column("town", "patient.city", "pending_review", 0.7)


@pytest.fixture
def office(app_url):
    return an_office(app_url)


def trail(office, subject, *columns):
    with office.acting() as connection:
        return rows(
            connection,
            f"SELECT {', '.join(columns)} FROM smp.audit_log WHERE subject = :subject ORDER BY seq",
            subject=subject,
        )


def verdict(office):
    with office.acting() as connection:
        return rows(connection, "SELECT * FROM smp.verify_audit()")[0]


def tamper(registry_database, statement):
    """As the superuser, with every trigger off."""
    with connected(registry_database.superuser_url) as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


def test_a_change_by_hand_is_audited_too(office):
    with office.acting("psql:someone", reason="typing error") as connection:
        connection.execute(text("UPDATE smp.clients SET name = 'Acme Ltd' WHERE slug = 'acme'"))
    found = trail(
        office,
        "clients",
        "action",
        "subject_key",
        "changed",
        "old_value",
        "new_value",
        "actor",
        "change_reason",
    )
    assert found[-1] == (
        "updated",
        "acme",
        ["name"],
        {"name": "acme"},
        {"name": "Acme Ltd"},
        "psql:someone",
        "typing error",
    )


def test_a_change_without_an_actor_names_the_database_role(app_url, office):
    with connected(app_url) as connection:
        connection.execute(
            text("SELECT set_config('smp.tenant_id', :tenant, true)"), {"tenant": office.tenant}
        )
        connection.execute(text("UPDATE smp.clients SET name = 'x'"))
    assert trail(office, "clients", "actor")[-1] == ("database:smp_app",)


def test_a_person_is_known_by_his_identifier_his_address_and_his_program(office):
    with office.acting(STEWARD) as connection:
        for name, value in (("address", "10.0.0.7"), ("agent", "curl/8"), ("trace_id", "t-1")):
            connection.execute(text("SELECT set_config(:n, :v, true)"), {"n": f"smp.{name}", "v": value})
        connection.execute(text("UPDATE smp.clients SET name = 'x'"))
    person = office.ask("SELECT id FROM smp.users WHERE login = :login", login=STEWARD)
    found = trail(office, "clients", "changed_by", "ip_address", "user_agent", "trace_id")
    assert found[-1] == (person, "10.0.0.7", "curl/8", "t-1")


def test_secrets_are_not_in_the_trail(office):
    with office.acting() as connection:
        connection.execute(text("UPDATE smp.connections SET config_encrypted = '\\xC0FFEE'"))
    created, updated = trail(office, "connections", "old_value", "new_value")
    assert created[1]["config_encrypted"] == "[redacted]"
    assert updated == ({"config_encrypted": "[redacted]"}, {"config_encrypted": "[redacted]"})


def test_a_write_that_changes_nothing_leaves_no_trace(office):
    before = len(trail(office, "clients", "seq"))
    with office.acting() as connection:
        connection.execute(text("UPDATE smp.clients SET name = name"))
    assert len(trail(office, "clients", "seq")) == before


def test_the_trail_of_a_mapping_outlives_it_and_names_each_kind_of_change(office):
    office.propose(CITY)
    office.decide("item-town-h1", "approve")
    with office.acting() as connection:
        for change in ("validation_status = 'validated'", "status = 'deprecated'"):
            connection.execute(text(f"UPDATE smp.field_mappings SET {change}"))
    with office.as_owner() as connection:
        connection.execute(text("DELETE FROM smp.field_mappings"))
    found = trail(office, "field_mappings", "action", "confidence_delta")
    assert found == [
        ("created", None),
        ("decided", pytest.approx(0.3)),
        ("validated", 0.0),
        ("deprecated", 0.0),
        ("deleted", None),
    ]


def test_every_state_of_a_mapping_is_kept(office):
    office.propose(CITY)
    office.decide("item-town-h1", "approve")
    with office.as_owner() as connection:
        connection.execute(text("DELETE FROM smp.field_mappings"))
        history = rows(
            connection,
            "SELECT version, mapping ->> 'disposition' FROM smp.field_mapping_versions ORDER BY version",
        )
    assert history == [(1, "pending_review"), (2, "approved")]


def test_decisions_and_publications_are_in_the_trail(office):
    office.propose(CITY, ID, Column("dob", "patient.birth_date"))
    office.decide("item-town-h1", "approve")
    office.approve_final(*office.validate())
    office.publish()
    assert trail(office, "review_items", "action") == [("created",), ("decided",)]
    assert trail(office, "review_actions", "action", "actor") == [("decided", STEWARD)]
    assert trail(office, "final_approvals", "action", "actor") == [("decided", STEWARD)]
    assert trail(office, "publications", "action", "actor") == [("published", "system:release")]


def test_a_change_that_is_undone_leaves_no_trace(office):
    before = verdict(office)
    with pytest.raises(ZeroDivisionError), office.acting() as connection:
        _change_and_fail(connection)
    assert verdict(office) == before


def _change_and_fail(connection):
    connection.execute(text("UPDATE smp.clients SET name = 'x'"))
    raise ZeroDivisionError


def test_an_untouched_chain_is_whole(office):
    office.propose(ID, CITY)
    seen, broken_at, message = verdict(office)
    assert (broken_at, message) == (None, f"All {seen} rows are as they were written.")


def test_chains_of_two_tenants_are_their_own(office, app_url):
    other = an_office(app_url, tenant="other", clients=("globex",))
    first, second = verdict(office), verdict(other)
    assert first == second
    with office.acting() as connection:
        assert one(connection, "SELECT min(seq) FROM smp.audit_log") == 1


@pytest.mark.parametrize(
    ("statement", "broken_at", "words"),
    [
        pytest.param(
            "UPDATE smp.audit_log SET actor = 'nobody' WHERE seq = 3", 3, "was changed", id="a changed row"
        ),
        pytest.param(
            "UPDATE smp.audit_log SET created_at = created_at - interval '1 day' WHERE seq = 4",
            4,
            "was changed",
            id="a moved time",
        ),
        pytest.param(
            "UPDATE smp.audit_log SET ip_address = '10.0.0.8' WHERE seq = 4",
            4,
            "was changed",
            id="another address",
        ),
        pytest.param(
            "UPDATE smp.audit_log SET user_agent = 'curl/8' WHERE seq = 4",
            4,
            "was changed",
            id="a program where there was none",
        ),
        pytest.param("DELETE FROM smp.audit_log WHERE seq = 3", 3, "is missing", id="a missing row"),
        pytest.param(
            "UPDATE smp.audit_log SET hash = 'x' WHERE seq = 5", 5, "was changed", id="a changed hash"
        ),
        pytest.param("DELETE FROM smp.audit_log WHERE seq >= 6", 6, "ends at row 5", id="a cut tail"),
    ],
)
def test_tampering_is_found_at_the_first_broken_row(registry_database, office, statement, broken_at, words):
    tamper(registry_database, statement)
    _, found, message = verdict(office)
    assert (found, words in message) == (broken_at, True)


@pytest.mark.parametrize("forged", ["'curl/9'", "NULL", "''"], ids=["another", "none", "an empty one"])
def test_a_program_that_was_written_cannot_be_changed_unseen(registry_database, office, forged):
    with office.acting() as connection:
        connection.execute(text("SELECT set_config('smp.agent', 'curl/8', true)"))
        connection.execute(text("UPDATE smp.clients SET name = 'x'"))
    (at,) = trail(office, "clients", "seq")[-1]
    assert verdict(office)[1] is None
    tamper(registry_database, f"UPDATE smp.audit_log SET user_agent = {forged} WHERE seq = {at}")
    assert verdict(office)[1:] == (at, f"Row {at} was changed after it was written, or a row before it was.")


def test_a_cut_tail_is_not_healed_by_what_comes_after(registry_database, office):
    tamper(registry_database, "DELETE FROM smp.audit_log WHERE seq >= 6")
    office.propose(ID, CITY)
    assert verdict(office)[1:] == (6, "Row 6 is missing.")


def test_a_row_that_is_hashed_anew_breaks_the_next_one(registry_database, office):
    tamper(
        registry_database,
        """WITH forged AS (UPDATE smp.audit_log SET actor = 'nobody' WHERE seq = 3 RETURNING *)
           SELECT 1 FROM forged""",
    )
    tamper(
        registry_database,
        """UPDATE smp.audit_log AS entry SET hash = smp.audit_hash(
               (SELECT hash FROM smp.audit_log WHERE seq = 2 AND tenant_id = entry.tenant_id), entry) WHERE seq = 3""",
    )
    assert verdict(office)[1] == 4


@pytest.mark.parametrize(
    "setting", ["timezone = 'Asia/Tokyo'", "extra_float_digits = 0", "datestyle = 'German'"]
)
def test_the_verdict_does_not_depend_on_the_session(office, setting):
    office.propose(CITY)
    office.decide("item-town-h1", "approve")
    with office.acting() as connection:
        connection.execute(text(f"SET LOCAL {setting}"))
        assert rows(connection, "SELECT broken_at FROM smp.verify_audit()") == [(None,)]


def test_three_thousand_rows_in_one_statement_are_audited_quickly(office):
    insert = """INSERT INTO smp.field_mappings (client, source_table, source_field, canonical_entity, canonical_field,
                    disposition, confidence_score, required_threshold, mapping_source, approval_hash)
                SELECT 'acme', 'wide', 'c' || n, 'patient', 'city', 'auto_accepted', 0.99, 0.97, 'auto_detected', 'h'
                FROM generate_series(1, 3000) AS n"""
    with office.acting() as connection:
        before = one(connection, "SELECT count(*) FROM smp.audit_log")
        started = time.monotonic()
        connection.execute(text(insert))
        seconds = time.monotonic() - started
        written = one(connection, "SELECT count(*) FROM smp.audit_log") - before
    assert written == 3000
    assert seconds < 60, "a busy machine is slow at everything"
    assert verdict(office)[1] is None
