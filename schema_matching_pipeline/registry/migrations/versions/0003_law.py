"""The law: what the application may write by itself, who decides, and what may be published."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for script in ("guards", "versions", "decisions", "publication", "work_queue"):
        run_script(f"{script}.sql")


def downgrade() -> None:
    drop_routines("work_queue", "due_work")
    drop_routines(
        "publish", "approve_by_policy", "refuse_final", "approve_final", "answer_final", "check_final"
    )
    drop_routines("carry_over", "decide_item", "decide_items", "decide_one", "ask_for_proposal")
    drop_routines("apply_decision", "state_after", "is_repeated", "check_decision", "deciding_person")
    drop_routines("gate", "newest_version", "holding_final", "final_answer", "holding_review", "holder")
    drop_routines("mark_validated", "settle_version", "ask_about_gaps", "is_waived")
    drop_routines("failed_share", "failed_demands")
    drop_routines("uncovered_fields", "mapping_digest", "enter_law")
    drop_routines("guard_transition", "guard_item", "guard_mapping")
    drop_routines("decision_stands", "definition_of", "acts_for_the_law")
    op.execute("DELETE FROM smp.pipeline_transitions")
