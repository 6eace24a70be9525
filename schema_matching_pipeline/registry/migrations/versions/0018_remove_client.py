"""A client that nothing was made of can be removed again, with its connection."""

from __future__ import annotations

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_script("remove_client.sql")


def downgrade() -> None:
    drop_routines("remove_client")
