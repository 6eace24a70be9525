"""Decisions made together are those of one person, and an undo leaves the runs that other columns wait for."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    run_script("own_batches.sql")


def downgrade() -> None:
    restore_routines("undo_many.sql", "undo_action")
    restore_routines("undo.sql", "decide_items")
