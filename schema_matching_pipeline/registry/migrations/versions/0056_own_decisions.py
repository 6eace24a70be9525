"""What a person decided last is found without reading what all others decided."""

from alembic import op

from schema_matching_pipeline.registry.migrations import run_script

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    run_script("own_decisions.sql")


def downgrade() -> None:
    op.execute("DROP INDEX smp.review_actions_actor_idx")
