"""A column that is taken in again is asked about again; an override with another rule is no repetition."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_script("decided_again.sql")


def downgrade() -> None:
    restore_routines("decisions.sql", "is_repeated")
    restore_routines("column_use.sql", "decide_use")
