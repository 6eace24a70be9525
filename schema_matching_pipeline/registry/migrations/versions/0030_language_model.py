"""What may be told to a language model and what that may take; every question kept; answers kept by column."""

from alembic import op

from schema_matching_pipeline.registry.migrations import drop_routines, restore_routines, run_script

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run_script("language_model.sql")


def downgrade() -> None:
    restore_routines("remove_client.sql", "remove_client")
    drop_routines("guard_llm_policy")
    op.execute("DROP TABLE smp.llm_calls, smp.llm_policies")
    op.execute("TRUNCATE smp.classification_cache")
    op.execute(
        "ALTER TABLE smp.classification_cache RENAME COLUMN digest TO request_digest;"
        "ALTER TABLE smp.classification_cache DROP COLUMN prompt, DROP COLUMN prompt_version,"
        " ADD COLUMN prompt_tokens INTEGER DEFAULT 0 NOT NULL, ADD COLUMN completion_tokens INTEGER DEFAULT 0 NOT NULL;"
        "COMMENT ON TABLE smp.classification_cache IS 'answers of language models by the digest of the question'"
    )
