"""People prove who they are by a key; questions keep their words; a column is taken in or left out unasked."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for script in ("people", "proven_decisions", "asked_questions", "column_use"):
        run_script(f"{script}.sql")


def downgrade() -> None:
    restore_routines("audit.sql", "redacted", "append_audit")
    restore_routines("guards.sql", "guard_item")
    restore_routines("decisions.sql", "deciding_person", "decide_one", "decide_items")
    restore_routines("publication.sql", "approve_final", "refuse_final")
    drop_routines("decide_use", "shown_share", "change_person", "add_person", "check_person")
    drop_routines("require_administrator", "deciding_person(text)", "acting_person", "shown_key")
    op.execute("ALTER TABLE smp.users DROP COLUMN clients")
