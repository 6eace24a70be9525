"""What a page of one item, or of one client, asks for is found by an index or read once."""

from alembic import op

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    run_script("found_by_index.sql")


def downgrade() -> None:
    for name in (
        "mapping_validation_results_column",
        "field_mappings_accepted",
        "field_mappings_named",
        "field_mappings_filling",
    ):
        op.execute(f"DROP INDEX smp.{name}_idx")
    restore_routines("short_gates.sql", "holding_others")
