"""What an item has never reads like what it needs, while it has less."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run_script("holding_figures.sql")


def downgrade() -> None:
    restore_routines("unread_tables.sql", "holding_review")
