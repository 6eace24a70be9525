"""Taking many decisions back takes no longer for each of them than taking back one."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    run_script("undo_many.sql")


def downgrade() -> None:
    restore_routines("blind.sql", "undo_action")
    restore_routines("undo.sql", "objections_to_undo")
