"""The registry as it stood at any time."""

from alembic import op

from schema_matching_pipeline.registry.migrations import run_script

revision = "0051"
down_revision = "0050"

_TRANSITIONS = {
    "created": ("INSERT", "NEW TABLE AS new_rows"),
    "updated": ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
    "deleted": ("DELETE", "OLD TABLE AS old_rows"),
}


# What the audit calls a row by: several rows went by one key here, so that a change of one was no one's.
_KEYS = {
    "column_variants": ("client, entity, field, name", "table_name"),
    "item_approvals": ("client, item_id", "'id'"),
    "rejected_pairs": ("client, source_table, source_column", "'id'"),
}


def upgrade() -> None:
    for table, (before, further) in _KEYS.items():
        _name_by(table, f"{before}, {further}")
    run_script("as_of.sql")


def downgrade() -> None:
    op.execute("DROP FUNCTION smp.as_of(timestamptz, text, text)")
    op.execute("DROP AGGREGATE smp.merged(jsonb)")
    for table, (before, _) in _KEYS.items():
        _name_by(table, before)


def _name_by(table: str, key: str) -> None:
    for change, (operation, tables) in _TRANSITIONS.items():
        op.execute(
            f"CREATE OR REPLACE TRIGGER audit_{change} AFTER {operation} ON smp.{table} REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_{change}({key})"
        )
