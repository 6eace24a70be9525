"""Thresholds rise by themselves where suggestions are wrong too often, and fall when an administrator says so."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    run_script("adaptive_trust.sql")


def downgrade() -> None:
    drop_routines("answer_relaxation", "adapt_trust", "adjustment_in_force", "wilson_bound")
    op.execute("DROP TABLE smp.trust_adjustments; DROP VIEW smp.judged_suggestions")
