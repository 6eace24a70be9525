"""What is missing is asked once after a decision, and found by an index."""

from alembic import op

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    run_script("short_decisions.sql")


def downgrade() -> None:
    op.execute("DROP INDEX smp.review_items_expectation_idx")
    restore_routines("versions.sql", "uncovered_fields")
    restore_routines("unread_tables.sql", "ask_about_gaps")
