"""The coercion of a mapping follows from its rule."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_script("coercion.sql")


def downgrade() -> None:
    restore_routines("guards.sql", "guard_mapping")
