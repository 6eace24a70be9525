"""A decision is taken back by who made it, alone or with those made together with it, while nothing rests on it."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    run_script("undo.sql")


def downgrade() -> None:
    restore_routines("early_gaps.sql", "decide_items")
    restore_routines("asked_questions.sql", "decide_one")
    restore_routines("changed_rules.sql", "map_column")
    restore_routines("missed_columns.sql", "decide_use")
    restore_routines("cut_figures.sql", "holding_review")
    restore_routines("moot_failures.sql", "state_after")
    restore_routines("missed_columns.sql", "is_repeated")
    drop_routines(
        "redo_batch",
        "undo_batch",
        "refuse_blocked",
        "enter_batch",
        "undo_item",
        "require_author",
        "undo_action",
        "objections_to_undo",
        "last_word",
        "decide_and_keep",
        "keep_effects",
        "about_column",
    )
    op.execute("DROP VIEW smp.standing_actions")
    op.execute("DROP TABLE smp.decision_effects")
    op.execute(
        "ALTER TABLE smp.review_actions DROP COLUMN published_version, DROP COLUMN undoes, DROP COLUMN batch_id,"
        " DROP CONSTRAINT review_actions_id_tenant_id_key, DROP CONSTRAINT review_actions_decision_check,"
        " ADD CONSTRAINT review_actions_decision_check"
        " CHECK (decision IN ('approve', 'reject', 'override', 'unmap', 'exclude', 'include')) NOT VALID;"
        "COMMENT ON TABLE smp.review_actions IS 'closed, append-only'"
    )
