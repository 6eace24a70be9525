"""Whoever comes after a decision is told how it is taken back, and by whom."""

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    run_script("ways_out.sql")


def downgrade() -> None:
    restore_routines("blind.sql", "is_repeated")
    restore_routines("undo.sql", "map_column")
    drop_routines("way_to_undo")
