"""Who there is: tenants, people, connectors, connections, clients; and the installation itself."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schema_matching_pipeline.model.access import KeyScope, Role
from schema_matching_pipeline.model.erasure import ErasureOf
from schema_matching_pipeline.registry.tables.columns import (
    METADATA,
    counted_key,
    document,
    moment,
    of_same_tenant,
    of_tenant,
    one_of,
    optional_moment,
    optional_words,
    referable,
    share_of_one,
    tenant,
    uuid_key,
    words,
)

tenants = Table(
    "tenants", METADATA, uuid_key(), words("name"), moment("created_at"), UniqueConstraint("name")
)

installation = Table(
    "installation", METADATA, Column("key", Text, primary_key=True), words("value"), moment("created_at")
)

users = Table(
    "users",
    METADATA,
    uuid_key(),
    tenant(),
    words("login"),
    optional_words("email"),
    optional_words("display_name"),
    words("role"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("clients", ARRAY(Text)),
    moment("created_at"),
    moment("updated_at"),
    optional_words("password_salt"),
    optional_words("password_hash"),
    optional_moment("proven_until"),
    of_tenant(),
    referable(),
    UniqueConstraint("tenant_id", "login"),
    one_of("role", Role),
    # A person may not bear a name that the machinery acts under.
    CheckConstraint("login <> '' AND login !~ '^(system|policy|database):'", name="login"),
    comment="closed; password_hash and the hashes of keys prove a person, clients are those he is confined to (null: all of the tenant), proven_until is how long groups of an identity provider let him in (null: an administrator did)",
)
# Two people of a tenant never share an address by which they are known outside.
Index("users_tenant_id_lower_idx", users.c.tenant_id, func.lower(users.c.email), unique=True)

api_keys = Table(
    "api_keys",
    METADATA,
    uuid_key(),
    tenant(),
    Column("user_id", Uuid(as_uuid=False), nullable=False),
    words("name"),
    optional_words("prefix"),
    words("key_hash"),
    words("scope"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    optional_moment("expires_at"),
    optional_moment("revoked_at"),
    of_tenant(),
    of_same_tenant("user_id", "users"),
    referable(),
    UniqueConstraint("user_id", "key_hash"),
    one_of("scope", KeyScope),
    comment="closed; what proves a person, as hashes; without a prefix it follows from the secret of the installation, or is of the time when everybody had one",
)

api_key_uses = Table(
    "api_key_uses",
    METADATA,
    Column(
        "tenant_id",
        Uuid(as_uuid=False),
        primary_key=True,
        server_default=text("smp.current_tenant()"),
    ),
    Column("api_key_id", Uuid(as_uuid=False), primary_key=True),
    Column("last_at", DateTime(timezone=True), nullable=False),
    of_tenant(),
    of_same_tenant("api_key_id", "api_keys"),
    comment="closed; when each key was used last, to the minute",
)

sessions = Table(
    "sessions",
    METADATA,
    uuid_key(),
    tenant(),
    Column("user_id", Uuid(as_uuid=False), nullable=False),
    Column("family", Uuid(as_uuid=False), nullable=False),
    words("access_hash"),
    optional_words("refresh_hash"),
    Column("access_until", DateTime(timezone=True), nullable=False),
    optional_moment("refresh_until"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    optional_moment("refreshed_at"),
    optional_moment("ended_at"),
    optional_words("address"),
    optional_words("agent"),
    Column("scope", Text, nullable=False, server_default="all"),
    Column("api_key_id", Uuid(as_uuid=False)),
    of_tenant(),
    of_same_tenant("user_id", "users"),
    of_same_tenant("api_key_id", "api_keys"),
    one_of("scope", KeyScope),
    UniqueConstraint("access_hash"),
    UniqueConstraint("refresh_hash"),
    Index("sessions_user_id_idx", "user_id"),
    comment="closed; one login each, its tokens as hashes; those refreshed from one another are a family",
)

failed_logins = Table(
    "failed_logins",
    METADATA,
    Column(
        "tenant_id",
        Uuid(as_uuid=False),
        primary_key=True,
        server_default=text("smp.current_tenant()"),
    ),
    Column("login", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    optional_moment("locked_until"),
    of_tenant(),
    comment="closed; failures in a row, by what was typed as a login, whether there is one or not",
)

erasure_requests = Table(
    "erasure_requests",
    METADATA,
    uuid_key(),
    tenant(),
    words("about"),
    words("name"),
    words("asked_by"),
    Column("asked_on", Date, nullable=False),
    words("entered_by"),
    Column("entered_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    optional_words("done"),
    optional_words("closed_by"),
    optional_moment("closed_at"),
    of_tenant(),
    one_of("about", ErasureOf),
    CheckConstraint(
        "(done IS NULL) = (closed_at IS NULL) AND (closed_by IS NULL) = (closed_at IS NULL)",
        name="closed_is_whole",
    ),
    comment="closed; who asked to erase what is held about a client or person, and what was done; never removed",
)

login_events = Table(
    "login_events",
    METADATA,
    counted_key(),
    tenant(),
    words("event"),
    optional_words("login"),
    Column("times", Integer, nullable=False, server_default=text("1")),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    optional_moment("last_at"),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    words("actor"),
    optional_words("address"),
    optional_words("agent"),
    optional_words("trace_id"),
    of_tenant(),
    one_of("event", ("login", "failed", "locked", "logout", "reused")),
    comment="closed; what the audit does not have yet of logins, without the name where nobody has it; due_at is when it may",
)

request_buckets = Table(
    "request_buckets",
    METADATA,
    Column(
        "tenant_id",
        Uuid(as_uuid=False),
        primary_key=True,
        server_default=text("smp.current_tenant()"),
    ),
    Column("name", Text, primary_key=True),
    Column("tokens", Double, nullable=False),
    Column("filled_at", DateTime(timezone=True), nullable=False),
    of_tenant(),
    comment="closed; how many requests a login, or an address, may send at once",
)

connector_definitions = Table(
    "connector_definitions",
    METADATA,
    uuid_key(),
    tenant(),
    words("connector_name"),
    words("connector_type"),
    optional_words("description"),
    document("metadata", default="{}"),
    Column("status", Text, nullable=False, server_default="active"),
    moment("created_at"),
    Column("created_by", Uuid(as_uuid=False)),
    moment("updated_at"),
    of_tenant(),
    of_same_tenant("created_by", "users"),
    referable(),
    UniqueConstraint("tenant_id", "connector_name"),
    one_of("connector_type", ("rest_api", "database", "file")),
    one_of("status", ("active", "deprecated", "archived")),
    Index("connector_definitions_status_idx", "tenant_id", "status"),
)

connections = Table(
    "connections",
    METADATA,
    uuid_key(),
    tenant(),
    Column("connector_id", Uuid(as_uuid=False), nullable=False),
    words("name"),
    Column("config_encrypted", LargeBinary, nullable=False),
    words("key_id"),
    optional_words("schema_name"),
    Column("shown", JSONB),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    moment("created_at"),
    moment("updated_at"),
    of_tenant(),
    of_same_tenant("connector_id", "connector_definitions"),
    referable(),
    UniqueConstraint("tenant_id", "name"),
    comment="config_encrypted holds every credential; shown is what people may see of the address",
)

clients = Table(
    "clients",
    METADATA,
    Column("slug", Text, primary_key=True),
    tenant(),
    words("name"),
    Column("connection_id", Uuid(as_uuid=False), nullable=False),
    optional_words("trust_profile"),
    words("canonical_model"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("review_required_before_production", Boolean),
    moment("created_at"),
    moment("updated_at"),
    Column("spot_check_share", Double),
    of_tenant(),
    of_same_tenant("connection_id", "connections"),
    referable("slug"),
    CheckConstraint("slug ~ '^[a-z0-9][a-z0-9_-]{0,62}$'", name="slug"),
    share_of_one("spot_check_share"),
    comment="review_required_before_production is false only where a person put the client under a profile that asks for nobody",
)

client_figures = Table(
    "client_figures",
    METADATA,
    Column(
        "tenant_id",
        Uuid(as_uuid=False),
        primary_key=True,
        server_default=text("smp.current_tenant()"),
    ),
    Column("client", Text, primary_key=True),
    Column("figures", JSONB),
    of_tenant(),
    comment="closed: how each client stands, as it was counted last; true while there is no note of a change",
)

client_changes = Table(
    "client_changes",
    METADATA,
    counted_key(),
    tenant(),
    words("client"),
    of_tenant(),
    Index("client_changes_client_idx", "client", "tenant_id"),
    comment="closed: notes that what is counted of a client changed",
)
