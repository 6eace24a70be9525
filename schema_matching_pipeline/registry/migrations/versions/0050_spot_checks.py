"""Some of what was accepted automatically, or together with much else, comes back as a blind question."""

from alembic import op

from schema_matching_pipeline.registry.migrations import (
    drop_routines,
    restore_routines,
    restore_view,
    run_script,
)

revision = "0050"
down_revision = "0049"

WAITING = "state IN ('open', 'awaiting_second')"
INDEXES = {
    "value": "(tenant_id, value_of_information DESC, client, id)",
    "risk": "(tenant_id, array_position(ARRAY['critical', 'important', 'optional'], risk_class), had)",
    "age": "(tenant_id, opened_at)",
    "confidence": "(tenant_id, had DESC)",
    "rows": "(tenant_id, rows_affected DESC)",
    "waiting": "(tenant_id, client) INCLUDE (state, kind, risk_class, entity, had, opened_at)",
}


def upgrade() -> None:
    run_script("spot_checks.sql")


def downgrade() -> None:
    restore_view("adaptive_trust.sql", "judged_suggestions")
    restore_routines("undo.sql", "decide_and_keep")
    restore_routines("withheld_words.sql", "require_author")
    restore_routines("confined_people.sql", "guard_client")
    drop_routines("withdraw_moot_spot_checks", "draw_spot_checks", "opened_spot_check")
    op.execute(
        "DROP TRIGGER guard ON smp.clients;"
        "CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF review_required_before_production ON smp.clients"
        " FOR EACH ROW EXECUTE FUNCTION smp.guard_client();"
        "ALTER TABLE smp.clients DROP COLUMN spot_check_share;"
        "DROP TABLE smp.spot_checks;"
        "UPDATE smp.review_items SET state = 'withdrawn' WHERE state = 'spot_check';"
        "ALTER TABLE smp.review_items DROP CONSTRAINT review_items_state_check,"
        " ADD CONSTRAINT review_items_state_check CHECK"
        " (state IN ('open', 'awaiting_second', 'approved', 'rejected', 'overridden', 'withdrawn'))"
    )
    for name, columns in INDEXES.items():
        op.execute(
            f"DROP INDEX smp.review_items_{name}_idx;"
            f"CREATE INDEX review_items_{name}_idx ON smp.review_items {columns} WHERE {WAITING}"
        )
