"""A person gives the rule of a decided column anew, and the column keeps its field."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run_script("changed_rules.sql")


def downgrade() -> None:
    restore_routines("missed_columns.sql", "map_column", "open_question")
