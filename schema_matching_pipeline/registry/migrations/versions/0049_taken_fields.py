"""What the queue asks about says which column has the suggested field by now."""

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    run_script("taken_fields.sql")


def downgrade() -> None:
    restore_routines("missed_columns.sql", "objection_to_map")
    drop_routines("taken_by", "admits_many")
