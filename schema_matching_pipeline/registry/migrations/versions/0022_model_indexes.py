"""Each model of embeddings has an index of its own."""

from schema_matching_pipeline.registry.migrations import drop_routines, run_script

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_script("model_indexes.sql")


def downgrade() -> None:
    drop_routines("index_embeddings")
    run_script("shared_index.sql")
