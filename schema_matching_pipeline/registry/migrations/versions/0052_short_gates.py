"""Whoever looks at a gate is told the first of what holds it, and how much there is besides."""

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    run_script("short_gates.sql")


def downgrade() -> None:
    restore_routines("holding_rules.sql", "holding_review")
    drop_routines("gate_in_short", "holding_first", "holding_others", "holding_items")
