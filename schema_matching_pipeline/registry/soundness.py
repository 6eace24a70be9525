"""Whether the gate would hold: what the application role may do, and whether the law's own parts are in place."""

from __future__ import annotations

from sqlalchemy import Connection, text

from schema_matching_pipeline.errors import UnsafeRoleError

# Written by the law functions and triggers only.
CLOSED_TABLES = (
    "mapping_versions",
    "field_mapping_versions",
    "review_actions",
    "decision_effects",
    "item_comments",
    "item_marks",
    "reveals",
    "trust_adjustments",
    "item_approvals",
    "rejected_pairs",
    "final_approvals",
    "publications",
    "published_mappings",
    "audit_log",
    "audit_heads",
    "users",
    "api_keys",
    "api_key_uses",
    "sessions",
    "failed_logins",
    "login_events",
    "erasure_requests",
    "request_buckets",
    "spot_checks",
    "client_figures",
    "client_changes",
    "pipeline_transitions",
)


def check_soundness(connection: Connection) -> None:
    """Passes when the connected role cannot get round the gate; all that speaks against it is named at once.

    Raises:
        UnsafeRoleError: it may do too much, or the database lacks a part of the law.
    """
    found = weaknesses(connection)
    if found:
        raise UnsafeRoleError(
            f"The role of SMP_DATABASE_URL {'; it '.join(found)}. So the gate would not hold. Use the application role smp_app there and the owner in SMP_MIGRATION_URL."
        )


def weaknesses(connection: Connection) -> tuple[str, ...]:
    """Everything by which the connected role could get round the gate, as the rest of a sentence about it."""
    found = connection.execute(text(_WEAKNESSES), {"closed": list(CLOSED_TABLES)})
    return tuple(str(words) for words in found.scalars())


_WEAKNESSES = """
WITH me AS (SELECT * FROM pg_roles WHERE rolname = current_user),
home AS (SELECT * FROM pg_namespace WHERE nspname = 'smp'),
ours AS (SELECT pg_class.* FROM pg_class JOIN home ON relnamespace = home.oid WHERE relkind = 'r')
SELECT words FROM (
    SELECT 1, 'is a superuser' FROM me WHERE rolsuper
    UNION ALL SELECT 2, 'bypasses row-level security' FROM me WHERE rolbypassrls
    UNION ALL SELECT 3, 'may make roles' FROM me WHERE rolcreaterole
    UNION ALL SELECT 4, 'may act as the owner of the tables' FROM home, me
        WHERE NOT rolsuper AND pg_has_role(current_user, nspowner, 'member')
    UNION ALL SELECT 5, 'owns ' || count(*) || ' tables' FROM ours, me
        WHERE relowner = me.oid HAVING count(*) > 0
    UNION ALL SELECT 6, 'may add to the schema' FROM home, me
        WHERE NOT rolsuper AND has_schema_privilege(current_user, home.oid, 'create')
    UNION ALL SELECT 7, 'may write to ' || string_agg(relname, ', ' ORDER BY relname) FROM ours, me
        WHERE NOT rolsuper AND relowner <> me.oid AND relname = ANY (:closed)
            AND has_table_privilege(current_user, ours.oid, 'insert, update, delete, truncate')
        HAVING count(*) > 0
    UNION ALL SELECT 8, 'is not held to its tenant in ' || string_agg(relname, ', ' ORDER BY relname) FROM ours
        WHERE NOT (relrowsecurity AND relforcerowsecurity) AND EXISTS (
            SELECT FROM pg_attribute WHERE attrelid = ours.oid AND attname = 'tenant_id')
        HAVING count(*) > 0
    UNION ALL SELECT 9, 'meets switched-off triggers on ' || string_agg(DISTINCT relname, ', ' ORDER BY relname)
        FROM ours JOIN pg_trigger ON tgrelid = ours.oid
        WHERE tgenabled <> 'O' HAVING count(*) > 0
) AS found (place, words) ORDER BY place
"""
