"""What holds the gate is told with the figures of the review queue, and only where figures decide."""

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run_script("cut_figures.sql")


def downgrade() -> None:
    restore_routines("holding_figures.sql", "holding_review")
    drop_routines("cut_figure", "digits_of")
