"""A version that is what stands in production is not asked about once more."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    run_script("approved_again.sql")


def downgrade() -> None:
    restore_routines("versions.sql", "final_answer")
