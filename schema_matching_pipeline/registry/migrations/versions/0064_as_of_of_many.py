"""The registry as it stood, also where it has a hundred thousand rows."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    run_script("as_of_of_many.sql")


def downgrade() -> None:
    restore_routines("as_of.sql", "as_of")
