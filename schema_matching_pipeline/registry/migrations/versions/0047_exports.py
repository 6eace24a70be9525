"""What leaves as a file is written down, and so audited."""

from alembic import op

from schema_matching_pipeline.registry.migrations import run_script

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    run_script("exports.sql")


def downgrade() -> None:
    op.execute("DROP TABLE smp.exports")
