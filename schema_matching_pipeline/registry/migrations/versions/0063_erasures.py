"""Who asked to erase what is held about a client or a person, and what was done."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0063"
down_revision = "0062"


# Requests have their legal term, whatever becomes of the program: where there is one, the table stays.
_DROP_IF_EMPTY = """
DO $$
DECLARE
    each_tenant uuid;
BEGIN
    FOR each_tenant IN SELECT id FROM smp.tenants LOOP
        PERFORM set_config('smp.tenant_id', each_tenant::text, true);
        IF EXISTS (SELECT FROM smp.erasure_requests WHERE tenant_id = each_tenant) THEN
            RETURN;
        END IF;
    END LOOP;
    DROP TABLE smp.erasure_requests;
END $$
"""


def upgrade() -> None:
    run_script("erasures.sql")


def downgrade() -> None:
    drop_routines("close_erasure", "enter_erasure")
    restore_routines("api_keys.sql", "redacted")
    op.execute(_DROP_IF_EMPTY)
