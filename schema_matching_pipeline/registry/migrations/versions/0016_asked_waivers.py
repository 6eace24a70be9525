"""The application may ask the law whether something is waived; grants are renewed with every revision."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Changes no table and no routine."""


def downgrade() -> None:
    """Leaves the grant: the routine only reads."""
