"""How clients stand is counted anew for those alone of which something changed."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    run_script("client_figures.sql")


def downgrade() -> None:
    drop_routines("note_change", "count_standing", "counted_standing", "miscounted")
    for name in ("client_changes", "client_figures"):
        op.execute(f"DROP TABLE smp.{name}")
