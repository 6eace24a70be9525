"""What leaves of a whole tenant is written down, too."""

from alembic import op

revision = "0055"
down_revision = "0054"

_COMMENT = "append-only: what left as a file{}; it outlives its client, and the audit says who took it"


def upgrade() -> None:
    op.execute("ALTER TABLE smp.exports ALTER client DROP NOT NULL, DROP CONSTRAINT IF EXISTS of_a_client")
    op.execute(f"COMMENT ON TABLE smp.exports IS '{_COMMENT.format(', of a client or of the tenant')}'")


def downgrade() -> None:
    # What was exported of a tenant meanwhile stays: the rows are never changed.
    op.execute("ALTER TABLE smp.exports ADD CONSTRAINT of_a_client CHECK (client IS NOT NULL) NOT VALID")
    op.execute(f"COMMENT ON TABLE smp.exports IS '{_COMMENT.format('')}'")
