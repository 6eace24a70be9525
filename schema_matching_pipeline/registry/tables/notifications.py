"""What people are told without asking."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from schema_matching_pipeline.model.notification import Topic
from schema_matching_pipeline.registry.tables.columns import (
    METADATA,
    client,
    counted_key,
    moment,
    of_client,
    of_same_tenant,
    of_tenant,
    one_of,
    optional_moment,
    optional_words,
    referable,
    tenant,
    uuid_key,
    words,
)

notification_channels = Table(
    "notification_channels",
    METADATA,
    uuid_key(),
    tenant(),
    Column("client", Text),
    words("kind"),
    words("shown"),
    Column("options_encrypted", LargeBinary, nullable=False),
    words("key_id"),
    Column("urgent_only", Boolean, nullable=False, server_default=text("false")),
    optional_words("failed"),
    moment("created_at"),
    of_tenant(),
    of_client(),
    referable(),
    comment="ways to people; client null: news of all clients; failed is what the last attempt ended with",
)

news = Table(
    "news",
    METADATA,
    counted_key(),
    tenant(),
    client(),
    words("topic"),
    words("key"),
    words("headline"),
    words("place"),
    moment("at"),
    of_client(),
    referable(),
    UniqueConstraint("key", "client", "tenant_id"),
    one_of("topic", Topic),
    comment="what came about with clients; each key is told once",
)

deliveries = Table(
    "deliveries",
    METADATA,
    Column("channel_id", Uuid(as_uuid=False), primary_key=True),
    Column("news_id", BigInteger, primary_key=True, autoincrement=False),
    tenant(),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", DateTime(timezone=True), nullable=False),
    optional_moment("sent_at"),
    of_same_tenant("channel_id", "notification_channels", ondelete="CASCADE"),
    of_same_tenant("news_id", "news"),
    Index("deliveries_due_idx", "due_at", "tenant_id", postgresql_where=text("sent_at IS NULL")),
    comment="which channel owes which news, and since when it is settled",
)
