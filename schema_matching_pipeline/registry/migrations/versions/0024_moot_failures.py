"""A failed check goes with the mapping it is about, and one person mends a mapping whose check failed."""

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run_script("moot_failures.sql")


def downgrade() -> None:
    drop_routines("withdraw_moot_failures")
    restore_routines("decisions.sql", "check_decision", "state_after")
    restore_routines("versions.sql", "failed_demands", "mark_validated")
