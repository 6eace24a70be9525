"""What may be told to a language model, and every question that left."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from schema_matching_pipeline.model.llm import CallOutcome, Told
from schema_matching_pipeline.registry.tables.columns import (
    METADATA,
    client,
    counted_key,
    moment,
    of_client,
    of_tenant,
    one_of,
    optional_words,
    tenant,
    uuid_key,
    words,
)

llm_policies = Table(
    "llm_policies",
    METADATA,
    uuid_key(),
    tenant(),
    optional_words("client"),
    Column("told", ARRAY(Text), nullable=False),
    Column("monthly_tokens", BigInteger, nullable=False),
    Column("monthly_cost", Double),
    moment("updated_at"),
    of_tenant(),
    of_client(),
    UniqueConstraint("tenant_id", "client", postgresql_nulls_not_distinct=True),
    CheckConstraint(f"told <@ ARRAY[{', '.join(repr(str(kind)) for kind in Told)}]", name="told"),
    CheckConstraint("monthly_tokens >= 0", name="monthly_tokens"),
    CheckConstraint("monthly_cost >= 0", name="monthly_cost"),
    comment="what may be told to a language model, and what a month may take; without a row nothing is told",
)

llm_calls = Table(
    "llm_calls",
    METADATA,
    counted_key(),
    tenant(),
    client(),
    words("prompt"),
    words("prompt_version"),
    words("request_digest"),
    words("question"),
    Column("columns", Integer, nullable=False),
    Column("told", ARRAY(Text), nullable=False),
    words("outcome"),
    words("provider"),
    words("model"),
    Column("prompt_tokens", BigInteger, nullable=False),
    Column("completion_tokens", BigInteger, nullable=False),
    Column("cost", Double),
    moment("asked_at"),
    of_client(),
    one_of("outcome", CallOutcome),
    Index("llm_calls_asked_at_idx", "asked_at", "client", "tenant_id"),
    comment="every question as it left, with its policy, model, tokens and cost; added to, never changed",
)
