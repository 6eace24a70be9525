"""Where each client's pipeline stands, and what somebody asked to run."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from schema_matching_pipeline.model.pipeline import Phase, PipelineState, RequestKind
from schema_matching_pipeline.model.registry import RequestState
from schema_matching_pipeline.registry.tables.columns import (
    METADATA,
    client,
    moment,
    of_client,
    of_same_tenant,
    one_of,
    optional_moment,
    optional_words,
    referable,
    tenant,
    uuid_key,
    words,
)

pipeline_transitions = Table(
    "pipeline_transitions",
    METADATA,
    words("present"),
    words("wanted"),
    PrimaryKeyConstraint("present", "wanted"),
    one_of("present", PipelineState),
    one_of("wanted", PipelineState),
    comment="which state may follow which; a trigger on pipeline_runs refuses every other step",
)

pipeline_runs = Table(
    "pipeline_runs",
    METADATA,
    uuid_key(),
    tenant(),
    client(),
    Column("state", Text, nullable=False, server_default="pending"),
    words("trust_profile"),
    optional_words("schema_name"),
    optional_words("phase"),
    optional_words("dagster_run_id"),
    optional_words("failed_phase"),
    optional_words("error_code"),
    optional_words("error"),
    moment("started_at"),
    moment("updated_at"),
    optional_moment("finished_at"),
    Column("review_required_before_production", Boolean, nullable=False, server_default=text("true")),
    optional_words("source_digest"),
    of_client(),
    referable(),
    one_of("state", PipelineState),
    one_of("phase", Phase),
    one_of("failed_phase", Phase),
    Index("pipeline_runs_newest_idx", "tenant_id", "client", text("started_at DESC")),
    Index("pipeline_runs_dagster_idx", "dagster_run_id"),
    comment="review_required_before_production and source_digest are the client's when profiling began; a trigger writes them",
)

run_requests = Table(
    "run_requests",
    METADATA,
    uuid_key(),
    tenant(),
    client(),
    words("kind"),
    Column("state", Text, nullable=False, server_default="open"),
    words("run_key"),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("version", Integer),
    Column("pipeline_run_id", Uuid(as_uuid=False)),
    optional_words("dagster_run_id"),
    words("requested_by"),
    Column("retryable", Boolean, nullable=False, server_default=text("false")),
    optional_words("error_code"),
    optional_words("error"),
    moment("requested_at"),
    moment("updated_at"),
    optional_moment("finished_at"),
    optional_words("trace_id"),
    of_client(),
    of_same_tenant("pipeline_run_id", "pipeline_runs"),
    UniqueConstraint("tenant_id", "run_key"),
    one_of("kind", RequestKind),
    one_of("state", RequestState),
    CheckConstraint("attempt >= 1", name="attempt"),
    Index("run_requests_state_idx", "client", "kind", "state", "tenant_id"),
)

heartbeats = Table(
    "heartbeats",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    comment="when each part of the installation last showed that it lives",
)
