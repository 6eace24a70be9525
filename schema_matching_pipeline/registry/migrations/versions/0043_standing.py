"""How clients stand is counted from indexes."""

from alembic import op

from schema_matching_pipeline.registry.migrations import run_script

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    run_script("standing.sql")


def downgrade() -> None:
    for name in ("field_mappings_standing", "column_profiles_filled", "review_items_asked"):
        op.execute(f"DROP INDEX smp.{name}_idx")
