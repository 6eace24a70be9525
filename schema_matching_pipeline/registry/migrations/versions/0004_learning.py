"""Packed sketches, the proposal as a whole, what publications teach, and the keys of people."""

from schema_matching_pipeline.registry.migrations import run_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_script("learning.sql")


def downgrade() -> None:
    run_script("drop_learning.sql")
