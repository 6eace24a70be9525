"""People of a tenant: who may decide, and how a login proves itself on an external database."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from schema_matching_pipeline.errors import NotAllowedError, UnknownNameError
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.registry import UserRecord
from schema_matching_pipeline.registry.transaction import Transaction

_COLUMNS = "login, role, email, display_name, active"
_KEY_BYTES = 32


class Users:
    """The people of one tenant."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def ensure(self, login: str, role: Role) -> UserRecord:
        """The person of that login; made with that role where unknown, left as is where known."""
        self._transaction.run(
            "insert into smp.users (login, role) values (:login, :role) on conflict (tenant_id, login) do nothing",
            login=login,
            role=role,
        )
        return self.get(login)

    def get(self, login: str) -> UserRecord:
        """The person of that login.

        Raises:
            UnknownNameError: the tenant has none.
        """
        row = self._transaction.row(f"select {_COLUMNS} from smp.users where login = :login", login=login)
        if row is None:
            raise UnknownNameError("user", login, (user.login for user in self.list()))
        return UserRecord.model_validate(dict(row))

    def list(self) -> tuple[UserRecord, ...]:
        """Everybody, by login."""
        rows = self._transaction.rows(f"select {_COLUMNS} from smp.users order by login")
        return tuple(UserRecord.model_validate(dict(row)) for row in rows)

    def set_active(self, login: str, active: bool) -> None:
        """Whether the person may act at all.

        Raises:
            UnknownNameError: the tenant has no such person.
        """
        if not self._transaction.run(
            "update smp.users set active = :active where login = :login", login=login, active=active
        ):
            self.get(login)

    def issue_key(self, login: str) -> str:
        """A new API key of that person, shown this once; the one before it stops working.

        Raises:
            UnknownNameError: the tenant has no such person.
        """
        key = secrets.token_urlsafe(_KEY_BYTES)
        if not self._transaction.run(
            "update smp.users set api_key_hash = :hash where login = :login", login=login, hash=_hashed(key)
        ):
            self.get(login)
        return key

    def verify_key(self, login: str, key: str) -> UserRecord:
        """The person whose key that is.

        Raises:
            NotAllowedError: login and key do not fit together, or the person is no longer active.
        """
        row = self._transaction.row(
            f"select {_COLUMNS}, api_key_hash from smp.users where login = :login and active", login=login
        )
        expected = (row["api_key_hash"] if row else None) or ""
        if row is None or not hmac.compare_digest(expected, _hashed(key)):
            raise NotAllowedError(
                "Login and API key do not fit together. Ask an administrator for a new key."
            )
        return UserRecord.model_validate({name: row[name] for name in UserRecord.model_fields})


def _hashed(key: str) -> str:
    """Keys are long and random, so that a plain hash cannot be turned back."""
    return hashlib.sha256(key.encode()).hexdigest()
