"""The type and the coercion of a mapping follow from the steps of its rule, too."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_script("rule_steps.sql")


def downgrade() -> None:
    restore_routines("proven_authors.sql", "guard_mapping")
