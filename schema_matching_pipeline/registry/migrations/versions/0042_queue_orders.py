"""The queue has an index for each of its orders, and one for what is counted."""

from alembic import op

from schema_matching_pipeline.registry.migrations import run_script

revision = "0042"
down_revision = "0041"

INDEXES = ("risk", "age", "confidence", "rows", "decided", "waiting", "id")


def upgrade() -> None:
    run_script("queue_orders.sql")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX smp.review_items_{name}_idx")
