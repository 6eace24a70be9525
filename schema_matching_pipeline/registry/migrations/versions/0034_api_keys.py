"""Keys of people: several each, with a name, a scope and an end; an e-mail by which a person is known outside."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    run_script("api_keys.sql")


def downgrade() -> None:
    op.execute(
        "ALTER TABLE smp.users ADD COLUMN api_key_hash TEXT;"
        "ALTER TABLE smp.users NO FORCE ROW LEVEL SECURITY;"
        "ALTER TABLE smp.api_keys NO FORCE ROW LEVEL SECURITY;"
        "UPDATE smp.users AS people SET api_key_hash = (SELECT key_hash FROM smp.api_keys AS keys"
        " WHERE keys.user_id = people.id AND scope = 'all' AND revoked_at IS NULL AND expires_at IS NULL"
        " ORDER BY created_at DESC LIMIT 1);"
        "ALTER TABLE smp.users FORCE ROW LEVEL SECURITY;"
        "COMMENT ON TABLE smp.users IS 'closed; api_key_hash and password_hash prove a person,"
        " clients are those he is confined to (null: all of the tenant)'"
    )
    restore_routines("sessions.sql", "acting_person", "begin_session", "refresh_session", "end_sessions_of")
    restore_routines("sessions.sql", "set_password")
    restore_routines("notifications.sql", "redacted")
    restore_routines("confined_people.sql", "deciding_person", "change_person")
    drop_routines("add_person(text, text, text, text[], text)", "add_key", "revoke_key", "vouch_for")
    drop_routines(
        "note_key_use", "shown_scope", "shown_api_key", "role_within", "require_self_or_administrator"
    )
    restore_routines("people.sql", "add_person")
    op.execute(
        "DROP INDEX smp.users_tenant_id_lower_idx;"
        "ALTER TABLE smp.sessions DROP COLUMN scope, DROP COLUMN api_key_id;"
        "DROP TABLE smp.api_key_uses, smp.api_keys"
    )
