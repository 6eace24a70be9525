"""Alembic's entry: runs the revisions on the connection that ``migrate`` hands over."""

from __future__ import annotations

from alembic import context

from schema_matching_pipeline.registry.tables import METADATA, SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table_schema=SCHEMA,
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
