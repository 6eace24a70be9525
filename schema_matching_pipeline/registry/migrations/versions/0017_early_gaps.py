"""Required fields that a decision leaves without a source are asked about while others still wait."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run_script("early_gaps.sql")


def downgrade() -> None:
    restore_routines("proven_decisions.sql", "decide_items")
