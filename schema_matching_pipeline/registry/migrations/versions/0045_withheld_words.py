"""Who is to decide unaware of others is told by nobody who they were, also where what they said is taken back."""

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    run_script("withheld_words.sql")


def downgrade() -> None:
    restore_routines("undo.sql", "require_author", "undo_item")
    restore_routines("undo_many.sql", "objections_to_undo")
    drop_routines("is_withheld")
