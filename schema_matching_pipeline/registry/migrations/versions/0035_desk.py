"""The queue is ordered by what an answer is worth; items are commented, flagged and given to people."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    run_script("desk.sql")


def downgrade() -> None:
    drop_routines("assign_item", "flag_item", "comment_item", "item_on_the_desk")
    op.execute("DROP TABLE smp.item_marks, smp.item_comments")
    restore_routines("unread_tables.sql", "guard_item")
    op.execute(
        "ALTER TABLE smp.review_items DROP COLUMN value_of_information, DROP COLUMN rows_affected;"
        "COMMENT ON TABLE smp.review_items IS 'a decided item is closed but for being withdrawn; item holds candidates and facts'"
    )
    drop_routines("value_of_information", "rows_of")
