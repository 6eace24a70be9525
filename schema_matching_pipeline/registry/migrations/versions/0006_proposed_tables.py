"""Proposals packed by table."""

from alembic import op

from schema_matching_pipeline.registry.migrations import run_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_script("proposed_tables.sql")


def downgrade() -> None:
    op.execute("DROP TABLE smp.proposed_tables")
    op.execute("ALTER TABLE smp.mapping_proposals ADD COLUMN correspondences JSONB DEFAULT '[]' NOT NULL")
    op.execute("ALTER TABLE smp.mapping_proposals ALTER COLUMN correspondences DROP DEFAULT")
