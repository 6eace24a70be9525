"""What holds a gate says by which rule a person is asked, and the threshold also where two people are."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    run_script("holding_rules.sql")


def downgrade() -> None:
    restore_routines("large_gates.sql", "holding_review")
