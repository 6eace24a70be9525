"""The second of two people decides without knowing what the first said; where they differ, others settle it."""

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    run_script("blind.sql")


def downgrade() -> None:
    restore_routines("undo.sql", "undo_action", "holding_review", "decide_one", "is_repeated", "state_after")
    drop_routines("is_disputed", "words_on")
