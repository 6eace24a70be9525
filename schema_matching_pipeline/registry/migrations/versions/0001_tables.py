"""Every table, the isolation of tenants, and the little that is known across tenants."""

from schema_matching_pipeline.registry.migrations import run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_script("foundation.sql")
    run_script("tables.sql")
    run_script("isolation.sql")


def downgrade() -> None:
    run_script("drop_tables.sql")
