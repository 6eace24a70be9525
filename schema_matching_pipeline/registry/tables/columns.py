"""The metadata object and the few columns and keys that nearly every table repeats.

An index begins with what tells rows apart; tenant and client come last, or only in the one key that is looked
up by them. On a fresh table nothing is known about its values, and of two indexes that both begin with the
tenant the planner may take the one that then reads every row of the client.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    MetaData,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

SCHEMA = "smp"
METADATA = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    },
)


def uuid_key() -> Column[str]:
    """A random primary key."""
    return Column("id", Uuid(as_uuid=False), primary_key=True, server_default=func.gen_random_uuid())


def counted_key() -> Column[int]:
    """A counted primary key, for rows by the thousand."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def tenant() -> Column[str]:
    """The tenant of a row; the one the transaction is open for, unless said."""
    return Column(
        "tenant_id", Uuid(as_uuid=False), nullable=False, server_default=text("smp.current_tenant()")
    )


def client() -> Column[str]:
    """The client of a row."""
    return Column("client", Text, nullable=False)


def moment(name: str) -> Column[object]:
    """A moment, now unless said."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def optional_moment(name: str) -> Column[object]:
    """A moment that may not have come."""
    return Column(name, DateTime(timezone=True))


def words(name: str) -> Column[str]:
    """A text that must be there."""
    return Column(name, Text, nullable=False)


def optional_words(name: str) -> Column[str]:
    """A text that may be missing."""
    return Column(name, Text)


def document(name: str, *, default: str | None = None) -> Column[object]:
    """A JSON document that must be there."""
    return Column(name, JSONB, nullable=False, server_default=text(f"'{default}'") if default else None)


def of_tenant() -> ForeignKeyConstraint:
    """The tenant exists."""
    return ForeignKeyConstraint(["tenant_id"], ["smp.tenants.id"])


def of_client() -> ForeignKeyConstraint:
    """The client exists and belongs to the same tenant: foreign keys do not ask row-level security."""
    return ForeignKeyConstraint(["tenant_id", "client"], ["smp.clients.tenant_id", "smp.clients.slug"])


def of_same_tenant(
    column: str, table: str, key: str = "id", *, ondelete: str | None = None
) -> ForeignKeyConstraint:
    """The row referred to exists and belongs to the same tenant."""
    return ForeignKeyConstraint(
        ["tenant_id", column], [f"smp.{table}.tenant_id", f"smp.{table}.{key}"], ondelete=ondelete
    )


def referable(key: str = "id") -> UniqueConstraint:
    """Lets other tables refer to a row together with its tenant."""
    return UniqueConstraint(key, "tenant_id")


def one_of(column: str, values: Iterable[str]) -> SchemaItem:
    """The column holds one of a closed set of words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def share_of_one(column: str) -> SchemaItem:
    """The column holds a figure from 0 to 1."""
    return CheckConstraint(f"{column} >= 0 AND {column} <= 1", name=column)
