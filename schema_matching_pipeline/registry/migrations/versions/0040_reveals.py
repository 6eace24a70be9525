"""Whoever looks at values of a column as they are is written down, with the reason."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    run_script("reveals.sql")


def downgrade() -> None:
    drop_routines("note_reveal")
    op.execute("DROP TABLE smp.reveals")
