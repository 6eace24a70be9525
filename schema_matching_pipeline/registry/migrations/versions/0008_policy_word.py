"""The machinery does not say by itself that no person approves a production."""

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_script("policy_word.sql")


def downgrade() -> None:
    drop_routines("guard_client")
