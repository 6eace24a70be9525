"""The audit and the history of mappings."""

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_script("audit_updated.sql")
    run_script("audit.sql")
    run_script("history.sql")


def downgrade() -> None:
    drop_routines("verify_audit", "audit_created", "audit_updated", "audit_deleted", "append_audit")
    drop_routines("take_audit_head", "close_audit_head")
    drop_routines(
        "audit_action", "audit_hash", "only_columns", "changed_columns", "redacted", "refuse_change"
    )
    run_script("drop_history.sql")
