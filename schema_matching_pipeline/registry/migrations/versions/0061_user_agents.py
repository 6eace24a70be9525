"""The audit says with which program somebody did something."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0061"
down_revision = "0060"


def upgrade() -> None:
    run_script("user_agents.sql")


def downgrade() -> None:
    # The column stays, and the hash that knows it: rows written meanwhile would else count as changed.
    restore_routines("proven_decisions.sql", "append_audit")
