"""People of a tenant: who may decide, and the keys that prove who they are. Only an administrator or the owner writes here."""

from __future__ import annotations

import hashlib
import secrets

from schema_matching_pipeline.errors import AlreadyExistsError, NotAllowedError, UnknownNameError
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import UserRecord
from schema_matching_pipeline.registry.transaction import Transaction, to_json

_COLUMNS = "login, role, email, display_name, active, clients"
_KEY_BYTES = 32

_ACTING = f"select {_COLUMNS} from smp.users where id = (select id from smp.acting_person())"


class Users:
    """The people of one tenant."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def acting(self) -> UserRecord:
        """The person who opened the unit of work, proven by the key it was opened with.

        Raises:
            NotAllowedError: login and key do not fit together, or the person is no longer active.
        """
        row = self._transaction.row(_ACTING)
        if row is None or not row["active"]:
            raise NotAllowedError(
                "Login and API key do not fit together. Ask an administrator for a new key."
            )
        return UserRecord.model_validate(dict(row))

    def get(self, login: str) -> UserRecord:
        """The person of that login.

        Raises:
            UnknownNameError: the tenant has none.
        """
        row = self._transaction.row(f"select {_COLUMNS} from smp.users where login = :login", login=login)
        if row is None:
            raise self._unknown(login)
        return UserRecord.model_validate(dict(row))

    def list(self) -> tuple[UserRecord, ...]:
        """Everybody, by login."""
        rows = self._transaction.rows(f"select {_COLUMNS} from smp.users order by login")
        return tuple(UserRecord.model_validate(dict(row)) for row in rows)

    def add(self, login: str, role: Role, clients: tuple[ClientId, ...] | None = None) -> str:
        """The API key of a new person, shown this once.

        Raises:
            NotAllowedError: the unit of work was not opened by an administrator, nor by the owner.
            AlreadyExistsError: the login is taken.
            BadDecisionError: the login could be mistaken for another, or a client is unknown.
        """
        key = secrets.token_urlsafe(_KEY_BYTES)
        if not self._add(login, role, key, clients):
            raise AlreadyExistsError("user", login)
        return key

    def ensure(self, login: str, role: Role, key: str) -> None:
        """Makes sure that there is a person of that login, whom that key proves; the role of a known one stays.

        Raises:
            NotAllowedError: the unit of work was not opened by an administrator, nor by the owner.
        """
        if not self._add(login, role, key, None):
            self._change(login, api_key_hash=_hashed(key))

    def issue_key(self, login: str) -> str:
        """A new API key of that person, shown this once; the one before it stops working.

        Raises:
            NotAllowedError: the unit of work was not opened by an administrator, nor by the owner.
            UnknownNameError: the tenant has no such person.
        """
        key = secrets.token_urlsafe(_KEY_BYTES)
        self._change(login, api_key_hash=_hashed(key))
        return key

    def set_active(self, login: str, active: bool) -> None:
        """Whether the person may act at all.

        Raises:
            NotAllowedError: the unit of work was not opened by an administrator, nor by the owner.
            UnknownNameError: the tenant has no such person.
            BadDecisionError: it is the last administrator.
        """
        self._change(login, active=active)

    def set_role(self, login: str, role: Role) -> None:
        """What the person is to the installation.

        Raises:
            NotAllowedError: the unit of work was not opened by an administrator, nor by the owner.
            UnknownNameError: the tenant has no such person.
            BadDecisionError: it is the last administrator.
        """
        self._change(login, role=role)

    def set_clients(self, login: str, clients: tuple[ClientId, ...] | None) -> None:
        """The clients the person is confined to; None for all of the tenant.

        Raises:
            NotAllowedError: the unit of work was not opened by an administrator, nor by the owner.
            UnknownNameError: the tenant has no such person.
            BadDecisionError: a client is unknown, or it is the last administrator.
        """
        self._change(login, clients=clients)

    def _add(self, login: str, role: Role, key: str, clients: tuple[ClientId, ...] | None) -> bool:
        added = self._transaction.one(
            "select smp.add_person(:login, :role, :hash, :clients) as is_new",
            login=login,
            role=role,
            hash=_hashed(key),
            clients=None if clients is None else list(clients),
        )
        return bool(added["is_new"])

    def _change(self, login: str, **change: object) -> None:
        changed = self._transaction.one(
            "select smp.change_person(:login, cast(:change as jsonb)) as is_known",
            login=login,
            change=to_json(change),
        )
        if not changed["is_known"]:
            raise self._unknown(login)

    def _unknown(self, login: str) -> UnknownNameError:
        return UnknownNameError("user", login, (user.login for user in self.list()))


def _hashed(key: str) -> str:
    """Keys are long and random, so that a plain hash cannot be turned back."""
    return hashlib.sha256(key.encode()).hexdigest()
