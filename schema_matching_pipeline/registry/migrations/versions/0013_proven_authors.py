"""The author of a mapping is a person who proved it."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_script("proven_authors.sql")


def downgrade() -> None:
    restore_routines("coercion.sql", "guard_mapping")
