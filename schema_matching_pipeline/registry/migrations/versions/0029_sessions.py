"""People log in with a password, and sessions prove them until they end."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run_script("sessions.sql")


def downgrade() -> None:
    restore_routines("people.sql", "acting_person", "redacted")
    drop_routines("set_password", "end_sessions_of", "end_session", "refresh_session", "begin_session")
    drop_routines("note_login", "password_salt")
    op.execute("DROP TABLE smp.failed_logins, smp.sessions")
    op.execute("ALTER TABLE smp.users DROP COLUMN password_salt, DROP COLUMN password_hash")
