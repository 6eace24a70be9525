"""Small things that are dear to compute and cheap to lose."""

from __future__ import annotations

from schema_matching_pipeline.registry.transaction import Transaction, without_nul

_GET = """
select value from smp.cache_entries
where namespace = :namespace and key = :key and (expires_at is null or expires_at > now())
"""

_PUT = """
insert into smp.cache_entries (namespace, key, value, expires_at)
values (:namespace, :key, cast(:value as jsonb), now() + make_interval(secs => :seconds))
on conflict (tenant_id, namespace, key) do update
set value = excluded.value, created_at = now(), expires_at = excluded.expires_at
"""


class Cache:
    """JSON documents of one tenant by namespace and key; gone after a crash of the server."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def get(self, namespace: str, key: str) -> str | None:
        """The JSON text, or None where nothing is kept or its time is over."""
        return self._transaction.json(_GET, namespace=namespace, key=key)

    def put(self, namespace: str, key: str, document: str, *, seconds: float | None = None) -> None:
        """Keeps a JSON text for that long, or until it is dropped."""
        self._transaction.run(
            _PUT, namespace=namespace, key=key, value=without_nul(document), seconds=seconds
        )

    def drop(self, namespace: str) -> int:
        """Forgets a whole namespace, and everything whose time is over; says how many entries."""
        return self._transaction.run(
            "delete from smp.cache_entries where namespace = :namespace or expires_at <= now()",
            namespace=namespace,
        )
