"""The audit is searched by time, person and kind, each by an index in the order in which its rows are listed."""

from alembic import op

revision = "0066"
down_revision = "0065"

_NEWEST_FIRST = "created_at DESC, seq DESC"


def upgrade() -> None:
    op.execute("DROP INDEX smp.audit_log_newest_idx")
    # What else may be asked for stands at the end: a row that is not like that is passed over without being read.
    op.execute(f"CREATE INDEX audit_log_newest_idx ON smp.audit_log (tenant_id, {_NEWEST_FIRST}, action)")
    op.execute(
        f"CREATE INDEX audit_log_actor_idx ON smp.audit_log (tenant_id, actor, {_NEWEST_FIRST}, subject, action)"
    )
    op.execute(
        f"CREATE INDEX audit_log_kind_idx ON smp.audit_log (tenant_id, subject, {_NEWEST_FIRST}, action)"
    )


def downgrade() -> None:
    for name in ("newest", "actor", "kind"):
        op.execute(f"DROP INDEX smp.audit_log_{name}_idx")
    op.execute("CREATE INDEX audit_log_newest_idx ON smp.audit_log (tenant_id, created_at DESC)")
