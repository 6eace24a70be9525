"""That a client was classified; candidates without keys of their own; updates of thousands of rows audited quickly."""

from alembic import op

from schema_matching_pipeline.registry.migrations import run_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_script("classification_runs.sql")
    run_script("audit_updated.sql")


def downgrade() -> None:
    op.execute("DROP TABLE smp.classification_runs")
    for key, table, column in (("client", "clients", "slug"), ("run_id", "pipeline_runs", "id")):
        op.execute(
            f"ALTER TABLE smp.mapping_candidates ADD CONSTRAINT mapping_candidates_tenant_id_{key}_fkey"
            f" FOREIGN KEY (tenant_id, {key}) REFERENCES smp.{table} (tenant_id, {column})"
        )
