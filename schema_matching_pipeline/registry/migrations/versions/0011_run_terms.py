"""A run keeps what its client said about the final approval when it began."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_script("run_terms.sql")


def downgrade() -> None:
    restore_routines("publication.sql", "approve_by_policy")
    drop_routines("record_terms")
    op.execute("COMMENT ON TABLE smp.pipeline_runs IS NULL")
    op.execute("ALTER TABLE smp.pipeline_runs DROP COLUMN review_required_before_production")
