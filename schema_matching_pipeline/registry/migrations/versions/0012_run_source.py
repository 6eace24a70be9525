"""A run keeps which source it began with."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_script("run_source.sql")


def downgrade() -> None:
    restore_routines("run_terms.sql", "record_terms")
    drop_routines("source_digest")
    op.execute(
        "COMMENT ON TABLE smp.pipeline_runs IS 'review_required_before_production is the client''s when profiling began; a trigger writes it'"
    )
    op.execute("ALTER TABLE smp.pipeline_runs DROP COLUMN source_digest")
