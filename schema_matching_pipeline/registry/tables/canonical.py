"""The canonical models of a tenant: their versions, entities and fields."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.registry.tables.columns import (
    METADATA,
    document,
    moment,
    of_same_tenant,
    of_tenant,
    one_of,
    optional_words,
    referable,
    tenant,
    uuid_key,
    words,
)

canonical_models = Table(
    "canonical_models",
    METADATA,
    uuid_key(),
    tenant(),
    words("name"),
    Column("version", Integer, nullable=False),
    words("digest"),
    document("definition"),
    Column("is_current", Boolean, nullable=False, server_default=text("true")),
    moment("created_at"),
    of_tenant(),
    referable(),
    UniqueConstraint("tenant_id", "name", "version"),
    CheckConstraint("version >= 1", name="version"),
    Index(
        "canonical_models_current_key",
        "tenant_id",
        "name",
        unique=True,
        postgresql_where=text("is_current"),
    ),
)

entity_schemas = Table(
    "entity_schemas",
    METADATA,
    uuid_key(),
    tenant(),
    Column("model_id", Uuid(as_uuid=False), nullable=False),
    words("entity_name"),
    Column("entity_version", Text, nullable=False, server_default="1.0.0"),
    words("risk_class"),
    document("schema_definition"),
    optional_words("description"),
    moment("created_at"),
    of_tenant(),
    of_same_tenant("model_id", "canonical_models", ondelete="CASCADE"),
    referable(),
    UniqueConstraint(
        "tenant_id", "model_id", "entity_name", "entity_version", name="entity_schemas_version_key"
    ),
    one_of("risk_class", RiskClass),
    Index("entity_schemas_name_idx", "entity_name", "tenant_id"),
)

canonical_fields = Table(
    "canonical_fields",
    METADATA,
    uuid_key(),
    tenant(),
    Column("model_id", Uuid(as_uuid=False), nullable=False),
    Column("entity_schema_id", Uuid(as_uuid=False), nullable=False),
    words("entity"),
    words("field"),
    Column("position", Integer, nullable=False),
    words("data_type"),
    Column("required", Boolean, nullable=False),
    Column("primary_key", Boolean, nullable=False),
    words("risk_class"),
    words("definition_hash"),
    of_tenant(),
    of_same_tenant("model_id", "canonical_models", ondelete="CASCADE"),
    of_same_tenant("entity_schema_id", "entity_schemas", ondelete="CASCADE"),
    UniqueConstraint("tenant_id", "model_id", "entity", "field"),
    one_of("risk_class", RiskClass),
)
