"""Single phases may be asked for, requests keep their trace, the orchestrator shows that it lives, rates are limited."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    run_script("service.sql")


def downgrade() -> None:
    drop_routines("work_queue", "due_work", "take_token")
    run_script("work_queue.sql")
    op.execute("DROP TABLE smp.request_buckets, smp.heartbeats")
    op.execute(
        "ALTER TABLE smp.run_requests DISABLE TRIGGER USER;"
        "UPDATE smp.run_requests SET kind = 'onboard' WHERE kind IN ('profile', 'classify', 'match');"
        "ALTER TABLE smp.run_requests ENABLE TRIGGER USER;"
        "ALTER TABLE smp.run_requests DROP COLUMN trace_id, DROP CONSTRAINT run_requests_kind_check,"
        " ADD CONSTRAINT run_requests_kind_check CHECK (kind IN ('onboard', 'reprofile', 'validate', 'release'))"
    )
