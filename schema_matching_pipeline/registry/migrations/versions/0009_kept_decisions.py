"""A decided mapping is not removed by the machinery."""

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_script("kept_decisions.sql")


def downgrade() -> None:
    drop_routines("guard_removal")
