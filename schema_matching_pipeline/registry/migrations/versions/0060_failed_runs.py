"""Runs that failed before anything was made hold no client."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0060"
down_revision = "0059"


def upgrade() -> None:
    run_script("failed_runs.sql")


def downgrade() -> None:
    restore_routines("language_model.sql", "remove_client")
