"""People whom groups of an identity provider let in count for as long as that has proven them, and what they hold with them."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    run_script("proven_people.sql")


def downgrade() -> None:
    restore_routines("api_keys.sql", "shown_api_key", "shown_scope", "refresh_session")
    drop_routines("unproven_since", "prove_person", "is_proven")
    op.execute(
        "ALTER TABLE smp.users DROP COLUMN proven_until;"
        "COMMENT ON TABLE smp.users IS 'closed; password_hash and the hashes of keys prove a person,"
        " clients are those he is confined to (null: all of the tenant)'"
    )
