"""The gate names a figure only where the figure holds it."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_script("holding_words.sql")


def downgrade() -> None:
    restore_routines("versions.sql", "holding_review")
