"""Tables that could not be read hold the gate until they are read or a person lives without them."""

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_script("unread_tables.sql")


def downgrade() -> None:
    restore_routines("run_terms.sql", "approve_by_policy")
    restore_routines("holding_words.sql", "holding_review")
    restore_routines("versions.sql", "ask_about_gaps")
    restore_routines("asked_questions.sql", "guard_item", "shown_share")
    drop_routines("unread_tables", "is_gap")
