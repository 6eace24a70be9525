"""The law refuses to work on a picture of the registry that was taken before it was alone."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    run_script("law_isolation.sql")


def downgrade() -> None:
    restore_routines("versions.sql", "enter_law")
