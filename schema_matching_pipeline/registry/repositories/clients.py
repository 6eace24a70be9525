"""Clients: who is onboarded, from which connection, under which trust profile."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter

from schema_matching_pipeline.errors import AlreadyExistsError, InUseError, UnknownNameError
from schema_matching_pipeline.model.ids import ClientId, ConnectionId
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.registry.transaction import Row, Transaction

_CLIENTS = TypeAdapter(tuple[ClientRecord, ...])

_SELECT = """
select c.slug, c.name, c.tenant_id, c.trust_profile, c.canonical_model, c.active, c.connection_id,
       d.connector_name as source_kind, c.created_at, c.spot_check_share
from smp.clients c
join smp.connections n on n.id = c.connection_id
join smp.connector_definitions d on d.id = n.connector_id
"""

# The tables a person has a word for; what they hold stands for all that was made of a client.
_HELD = {
    "pipeline_runs": "run(s)",
    "run_requests": "run(s) on the way",
    "source_snapshots": "profile(s)",
    "field_mappings": "mapped column(s)",
    "review_items": "review item(s)",
    "item_approvals": "decision(s)",
    "mapping_versions": "mapping version(s)",
}


class Clients:
    """The clients of one tenant."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(
        self,
        slug: ClientId,
        name: str,
        *,
        connection_id: ConnectionId,
        trust_profile: str | None,
        canonical_model: str,
        review_required: bool = True,
    ) -> ClientRecord:
        """The new client.

        Raises:
            NotAllowedError: the machinery says that no person approves its production.
            AlreadyExistsError: the slug is taken, perhaps by another tenant.
        """
        added = self._transaction.row(
            """
            insert into smp.clients
                (slug, name, connection_id, trust_profile, canonical_model, review_required_before_production)
            values (:slug, :name, :connection, :profile, :model, :required)
            on conflict (slug) do nothing returning slug
            """,
            slug=slug,
            name=name,
            connection=connection_id,
            profile=trust_profile,
            model=canonical_model,
            required=review_required,
        )
        if added is None:
            raise AlreadyExistsError("client", slug)
        return self.get(slug)

    def get(self, slug: ClientId) -> ClientRecord:
        """The client of that slug.

        Raises:
            UnknownNameError: the tenant has none; its clients are listed.
        """
        row = self._transaction.row(f"{_SELECT} where c.slug = :slug", slug=slug)
        if row is None:
            raise self._unknown(slug)
        return _CLIENTS.validate_python([_texts(row)])[0]

    def list(self) -> tuple[ClientRecord, ...]:
        """All clients, by slug."""
        rows = self._transaction.rows(f"{_SELECT} order by c.slug")
        return _CLIENTS.validate_python([_texts(row) for row in rows])

    def set_trust_profile(self, slug: ClientId, name: str | None, *, review_required: bool = True) -> None:
        """Puts the client under another profile (None: the installation's default) from its next run on.

        Raises:
            NotAllowedError: the machinery says that no person approves its production.
            UnknownNameError: the tenant has no such client.
        """
        self._set(slug, "trust_profile", name)
        self._set(slug, "review_required_before_production", review_required)

    def set_spot_check_share(self, slug: ClientId, share: float | None) -> None:
        """The share of what is accepted automatically or together that comes back (None: the installation's).

        Raises:
            NotAllowedError: the machinery says so.
            UnknownNameError: the tenant has no such client.
        """
        self._set(slug, "spot_check_share", share)

    def set_active(self, slug: ClientId, active: bool) -> None:
        """Whether schedules and sensors work on the client.

        Raises:
            UnknownNameError: the tenant has no such client.
        """
        self._set(slug, "active", active)

    def remove(self, slug: ClientId) -> None:
        """Takes the client out of the registry together with its connection.

        Raises:
            NotAllowedError: the unit of work was not opened by a person who may manage clients.
            UnknownNameError: the tenant has no such client.
            InUseError: something was made of it already; nothing was changed.
        """
        row = self._transaction.row("select smp.remove_client(:slug) as holding", slug=slug)
        if row is None or row["holding"] is None:
            raise self._unknown(slug)
        if row["holding"]:
            hint = f"Its record is kept; put it to rest instead: smp client set {slug} --inactive"
            raise InUseError("client", slug, _in_words(row["holding"]), hint)

    def _set(self, slug: ClientId, column: str, value: object) -> None:
        statement = f"update smp.clients set {column} = :value where slug = :slug"
        if not self._transaction.run(statement, slug=slug, value=value):
            self.get(slug)  # it may have been so already

    def _unknown(self, slug: ClientId) -> UnknownNameError:
        known = [str(row["slug"]) for row in self._transaction.rows("select slug from smp.clients")]
        return UnknownNameError("client", slug, known)


def _in_words(held: Mapping[str, int]) -> dict[str, int]:
    """What a client holds as people know it; the rows of other tables only where nothing else tells of it."""
    known = {words: held[table] for table, words in _HELD.items() if table in held}
    return known or {"kept record(s)": sum(held.values())}


def _texts(row: Row) -> dict[str, object]:
    """The row with its UUIDs as text."""
    return {**dict(row), "tenant_id": str(row["tenant_id"]), "connection_id": str(row["connection_id"])}
