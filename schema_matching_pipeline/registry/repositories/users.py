"""People of a tenant: who may decide, and what each may. Only an administrator or the owner writes here."""

from __future__ import annotations

from schema_matching_pipeline.errors import (
    AlreadyExistsError,
    NotAllowedError,
    NotKnownError,
    UnknownNameError,
)
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import ProvenPerson, UserRecord
from schema_matching_pipeline.registry.repositories.api_keys import drawn_key, hashed, prefix_of
from schema_matching_pipeline.registry.transaction import Row, Transaction, to_json

_INSTALLATION, _OUTSIDE = "installation", "identity provider"
_COLUMNS = "login, role, email, display_name, active, clients, proven_until"

# That a key was used is noted in the same breath, and that a request was sent: every request asks this. Nobody waits for
# the disk to have it: what a crash takes is a note of a moment ago.
_ACTING = f"select {_COLUMNS}, smp.shown_scope() as scope, smp.note_key_use()::text as noted {{more}} from smp.acting_person() where active"
_COUNTED = ", smp.take_token('login:' || login, :per_second, :size) as wait, set_config('synchronous_commit', 'off', true) as unwaited"
_BESIDE = frozenset({"noted", "wait", "unwaited"})


class Users:
    """The people of one tenant."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def acting(self) -> ProvenPerson:
        """The person who opened the unit of work, proven by the key it was opened with, which is noted as used.

        Raises:
            NotAllowedError: login and key do not fit together, or the person is no longer active.
            NotKnownError: they do, but the identity provider has not proven the person again.
        """
        return self._proven(self._transaction.row(_ACTING.format(more="")))

    def acting_again(self, *, per_minute: int, size: int) -> tuple[ProvenPerson, float]:
        """The same person, who sends one of so many requests, and the seconds until it may be sent; 0 where it may be now.

        Nobody but the person himself uses up his share.

        Raises:
            NotAllowedError, NotKnownError: as above.
        """
        row = self._transaction.row(_ACTING.format(more=_COUNTED), per_second=per_minute / 60, size=size)
        person = self._proven(row)
        return person, float(row["wait"]) if row else 0.0

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
        key = drawn_key()
        if not self._add(login, role, key, clients, prefix=prefix_of(key)):
            raise AlreadyExistsError("user", login)
        return key

    def ensure(self, login: str, role: Role, key: str) -> None:
        """Makes sure that there is a person of that login, whom that key proves; the role of a known one stays.

        Raises:
            NotAllowedError: the unit of work was not opened by an administrator, nor by the owner.
        """
        if not self._add(login, role, key, None, prefix=None):
            self._vouch(login, _INSTALLATION, key)

    def set_email(self, login: str, email: str | None, key: str | None) -> None:
        """The address by which the person is known outside, and the key by which the installation then vouches for him.

        Raises:
            NotAllowedError: the unit of work was not opened by an administrator, nor by the owner.
            UnknownNameError: the tenant has no such person.
            BadDecisionError: it is no address, or another person's.
        """
        self._change(login, email=email)
        self._vouch(login, _OUTSIDE, key)

    def prove(self, login: str, minutes: int) -> None:
        """That an identity provider proves the person: for so many minutes what he holds counts; 0 ends that at once.

        Raises:
            NotAllowedError: the unit of work was not opened by an administrator, nor by the owner.
            UnknownNameError: the tenant has no such person.
        """
        proven = self._transaction.one(
            "select smp.prove_person(:login, :minutes) as is_known", login=login, minutes=minutes
        )
        if not proven["is_known"]:
            raise self._unknown(login)

    def known_by(self, email: str) -> UserRecord | None:
        """The person of that address, whether he may act or not; None where there is none. Capital letters make no difference."""
        row = self._transaction.row(
            f"select {_COLUMNS} from smp.users where lower(email) = lower(:email)", email=email
        )
        return None if row is None else UserRecord.model_validate(dict(row))

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

    def _proven(self, row: Row | None) -> ProvenPerson:
        if row is not None:
            return ProvenPerson.model_validate(
                {name: said for name, said in row.items() if name not in _BESIDE}
            )
        since = self._transaction.one("select smp.unproven_since() as since")["since"]
        if since is not None:
            raise NotKnownError(
                f"The identity provider has not proven you since {since:%Y-%m-%d %H:%M} UTC, so that your keys and password count no "
                "more. Sign in by it on the login page, and they count again. What runs without you needs a person of its own, whom an "
                "administrator adds: smp user add LOGIN."
            )
        raise NotAllowedError("Login and API key do not fit together. Ask an administrator for a new key.")

    def _add(
        self, login: str, role: Role, key: str, clients: tuple[ClientId, ...] | None, *, prefix: str | None
    ) -> bool:
        added = self._transaction.one(
            "select smp.add_person(:login, :role, :hash, :clients, :prefix) as is_new",
            login=login,
            role=role,
            hash=hashed(key),
            clients=None if clients is None else list(clients),
            prefix=prefix,
        )
        return bool(added["is_new"])

    def _vouch(self, login: str, name: str, key: str | None) -> None:
        self._transaction.one(
            "select smp.vouch_for(:login, :name, :hash)",
            login=login,
            name=name,
            hash=hashed(key) if key else None,
        )

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
