"""A mapping whose rule computes its column from others is of a type of its own."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run_script("computed_rules.sql")


def downgrade() -> None:
    restore_routines("rule_steps.sql", "guard_mapping")
