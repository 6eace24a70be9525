"""A column that the matcher missed is mapped by a person; who meets a decision is told how to take it back."""

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run_script("missed_columns.sql")


def downgrade() -> None:
    restore_routines("decided_again.sql", "is_repeated", "decide_use")
    drop_routines(
        "map_column",
        "open_question",
        "objection_to_map",
        "withdraw_others",
        "objection_to_use",
        "after_decisions",
        "way_back",
        "named",
    )
