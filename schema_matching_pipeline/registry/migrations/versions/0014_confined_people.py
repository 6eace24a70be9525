"""Who is confined to clients, and who is the last administrator, is asked without gaps."""

from schema_matching_pipeline.registry.migrations import restore_routines, run_script

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_script("confined_people.sql")


def downgrade() -> None:
    restore_routines("people.sql", "deciding_person", "check_person", "change_person")
    restore_routines("policy_word.sql", "guard_client")
