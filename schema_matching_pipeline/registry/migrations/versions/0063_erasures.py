"""Who asked to erase what is held about a client or a person, and what was done."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    run_script("erasures.sql")


def downgrade() -> None:
    drop_routines("close_erasure", "enter_erasure")
    op.execute("DROP TABLE smp.erasure_requests")
