"""Start-up refuses a role or a database with which the gate would not hold."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from schema_matching_pipeline.errors import UnsafeRoleError
from schema_matching_pipeline.registry.soundness import CLOSED_TABLES, check_soundness, weaknesses
from schema_matching_pipeline_tests.registry.steps import connected, rows


def test_the_application_role_of_a_migrated_registry_is_sound(module_registry):
    with connected(module_registry.app_url) as connection:
        assert weaknesses(connection) == ()


def test_what_the_application_role_may_not_insert_into_is_what_is_called_closed(module_registry):
    with connected(module_registry.app_url) as connection:
        closed = rows(
            connection,
            "SELECT relname FROM pg_class WHERE relnamespace = 'smp'::regnamespace AND relkind = 'r'"
            " AND NOT has_table_privilege(oid, 'insert') ORDER BY relname",
        )
    assert [name for (name,) in closed] == sorted([*CLOSED_TABLES, "alembic_version", "tenants"])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("ALTER ROLE smp_app BYPASSRLS", "bypasses row-level security"),
        ("ALTER ROLE smp_app CREATEROLE", "may make roles"),
        ("GRANT smp_owner TO smp_app", "may act as the owner of the tables"),
        ("ALTER TABLE smp.review_items OWNER TO smp_app", "owns 1 tables"),
        ("GRANT CREATE ON SCHEMA smp TO smp_app", "may add to the schema"),
        ("GRANT INSERT ON smp.publications TO smp_app", "may write to publications"),
        ("GRANT TRUNCATE ON smp.audit_log TO PUBLIC", "may write to audit_log"),
        ("ALTER TABLE smp.clients NO FORCE ROW LEVEL SECURITY", "is not held to its tenant in clients"),
        ("ALTER TABLE smp.clients DISABLE ROW LEVEL SECURITY", "is not held to its tenant in clients"),
        (
            "ALTER TABLE smp.field_mappings DISABLE TRIGGER guard",
            "meets switched-off triggers on field_mappings",
        ),
    ],
)
def test_one_loosened_screw_is_named(module_registry, spoil, words):
    with connected(module_registry.superuser_url) as connection:
        connection.execute(text(spoil))
        connection.execute(text("SET LOCAL ROLE smp_app"))
        found = weaknesses(connection)
        connection.rollback()
    assert found == (words,)


def test_all_weaknesses_are_named_at_once(module_registry):
    with connected(module_registry.owner_url) as connection, pytest.raises(UnsafeRoleError) as caught:
        check_soundness(connection)
    message = str(caught.value)
    assert ["may act as the owner" in message, "owns" in message, "may add to the schema" in message] == [
        True
    ] * 3
    assert "SMP_MIGRATION_URL" in message
