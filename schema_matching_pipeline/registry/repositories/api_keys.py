"""Keys of people: each with a name, what it is good for and an end; of the key itself the registry keeps the hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.access import KeyScope
from schema_matching_pipeline.model.registry import ApiKey
from schema_matching_pipeline.registry.transaction import Transaction

MARK = "smp_"
"""What a key begins with, so that whoever looks for leaked secrets finds it."""
_KEY_BYTES = 32
_SHOWN_LETTERS = len(MARK) + 6

_ADD = "select smp.add_key(:login, :name, :prefix, :hash, :scope, :until) as id"
_OF_PERSON = """
select keys.id::text, name, prefix, scope, keys.created_at, expires_at, uses.last_at as last_used_at, revoked_at,
       revoked_at is null and coalesce(expires_at > clock_timestamp(), true) as counts
from smp.api_keys as keys join smp.users as people on people.id = keys.user_id
left join smp.api_key_uses as uses on uses.api_key_id = keys.id
where login = :login order by counts desc, keys.created_at desc, keys.id
"""


class ApiKeys:
    """The keys of one tenant's people."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, login: str, name: str, scope: KeyScope, until: datetime | None) -> str:
        """Another key of a person, shown this once.

        Raises:
            NotAllowedError: it is somebody else, and the unit of work was not opened by an administrator; or the key
                that opened it is not good for all the person may.
            UnknownNameError: the tenant has no such person.
            BadDecisionError: it would have ended already, or the person has many keys.
        """
        key = drawn_key()
        made = self._transaction.one(
            _ADD,
            login=login,
            name=name,
            prefix=prefix_of(key),
            hash=hashed(key),
            scope=str(scope),
            until=until,
        )
        if made["id"] is None:
            raise UnknownNameError("user", login, (), hint="See `smp user list`.")
        return key

    def revoke(self, login: str, key_id: str) -> None:
        """Ends a key, and the sessions that were begun with it; once more, it changes nothing.

        Raises:
            NotAllowedError: as above.
            UnknownNameError: the person has no such key.
        """
        known = {key.id for key in self.list(login)}
        is_known = self._transaction.one(
            "select smp.revoke_key(:login, cast(:id as uuid)) as is_known",
            login=login,
            id=key_id if key_id in known else None,
        )["is_known"]
        if not is_known:
            raise UnknownNameError("key", key_id, (), hint=f"See `smp user key list {login}`.")

    def list(self, login: str) -> tuple[ApiKey, ...]:
        """The keys of a person: those first that count, the newest before others."""
        rows = self._transaction.rows(_OF_PERSON, login=login)
        return tuple(ApiKey.model_validate(dict(row)) for row in rows)


def drawn_key() -> str:
    """A new key."""
    return MARK + secrets.token_urlsafe(_KEY_BYTES)


def prefix_of(key: str) -> str:
    """The letters by which people know a key; what is left of it cannot be guessed."""
    return key[:_SHOWN_LETTERS]


def hashed(key: str) -> str:
    """Keys are long and random, so that a plain hash cannot be turned back."""
    return hashlib.sha256(key.encode()).hexdigest()
