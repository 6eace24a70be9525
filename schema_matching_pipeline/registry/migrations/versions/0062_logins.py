"""Logins are part of the audit, and wait for nobody."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0062"
down_revision = "0061"

# What is not in the audit yet gets there first: nobody else would bring it.
_CARRY_ALL = """
DO $$
DECLARE
    each_tenant uuid;
BEGIN
    LOCK TABLE smp.login_events IN ACCESS EXCLUSIVE MODE;
    FOR each_tenant IN SELECT DISTINCT tenant_id FROM smp.login_events LOOP
        PERFORM set_config('smp.tenant_id', each_tenant::text, true);
        UPDATE smp.login_events SET due_at = clock_timestamp() WHERE tenant_id = each_tenant;
        WHILE smp.carry_logins() > 0 LOOP END LOOP;
    END LOOP;
END $$
"""


def upgrade() -> None:
    run_script("logins.sql")


def downgrade() -> None:
    op.execute(_CARRY_ALL)
    restore_routines("sessions.sql", "note_login", "end_session")
    restore_routines("api_keys.sql", "begin_session", "end_sessions_of")
    restore_routines("proven_people.sql", "refresh_session")
    drop_routines("carry_logins", "uncarried_logins", "keep_strangers_login", "keep_login")
    op.execute("DROP TABLE smp.login_events")
