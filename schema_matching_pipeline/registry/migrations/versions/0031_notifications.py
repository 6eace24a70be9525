"""People are told of news by the channels they opened."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    run_script("notifications.sql")


def downgrade() -> None:
    restore_routines("sessions.sql", "redacted")
    op.execute("DROP TABLE smp.deliveries, smp.news, smp.notification_channels")
    drop_routines("guard_channel")
