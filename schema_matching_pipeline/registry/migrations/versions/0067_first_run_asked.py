"""A client is onboarded when somebody asks for it, and never by being there alone."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    run_script("first_run_asked.sql")


def downgrade() -> None:
    restore_routines("service.sql", "due_work")
