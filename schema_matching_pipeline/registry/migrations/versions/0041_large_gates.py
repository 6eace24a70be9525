"""Gates of clients for whom thousands of items wait are asked in a fraction of the time."""

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    run_script("large_gates.sql")


def downgrade() -> None:
    restore_routines("blind.sql", "holding_review")
    restore_routines("versions.sql", "holder")
    restore_routines("cut_figures.sql", "cut_figure")
    drop_routines("cut_finer")
