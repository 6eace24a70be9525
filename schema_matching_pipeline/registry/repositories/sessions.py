"""Who is logged in: passwords as what they are stretched to, sessions by the hashes of their tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.access import SessionTerms, Tokens
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.registry.repositories.api_keys import hashed
from schema_matching_pipeline.registry.transaction import Transaction

_SECRET_BYTES = 32
_SALT_BYTES = 16
# RFC 7914 with the costs OWASP gives for 16 MiB; a login takes some 50 ms and a guess as much.
_COST, _BLOCK, _LANES = 2**14, 8, 5

_BEGUN = (
    "select smp.begin_session(:access_hash, :access_minutes, :refresh_hash, :refresh_minutes, :agent) as id"
)
_REFRESHED = (
    "select smp.refresh_session(:shown, :access_hash, :access_minutes, :refresh_hash, :agent) as login"
)
_OF_PERSON = """
select sessions.created_at, sessions.address, sessions.agent, coalesce(refresh_until, access_until) as ends_at
from smp.sessions join smp.users as people on people.id = user_id
where login = :login and ended_at is null and coalesce(refresh_until, access_until) > now()
order by sessions.created_at desc
"""


class OpenSession(Frozen):
    """Where and since when somebody is logged in."""

    created_at: datetime
    ends_at: datetime
    address: str | None
    agent: str | None


class Sessions:
    """The sessions of one tenant's people."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def key_of_password(self, login: str, password: str) -> str:
        """What the password is stretched to, as a key to open a unit of work with.

        It takes as long for a login that is not there.
        """
        salt = self._transaction.one("select smp.password_salt(:login) as salt", login=login)["salt"]
        return _stretched(password, salt or hashlib.sha256(login.encode()).hexdigest()[: 2 * _SALT_BYTES])

    def set_password(self, login: str, password: str) -> None:
        """Another password for a person; his sessions end but the one that says so.

        Raises:
            NotAllowedError: it is somebody else, and the unit of work was not opened by an administrator.
            UnknownNameError: the tenant has no such person.
        """
        salt = secrets.token_hex(_SALT_BYTES)
        is_known = self._transaction.one(
            "select smp.set_password(:login, :salt, :hash) as is_known",
            login=login,
            salt=salt,
            hash=hashed(_stretched(password, salt)),
        )["is_known"]
        if not is_known:
            raise UnknownNameError("user", login, (), hint="See `smp user list`.")

    def note_login(self, login: str, *, went_well: bool) -> bool:
        """Writes down how a login went; whether that name is locked, since too many went wrong in a row."""
        said = self._transaction.one(
            "select smp.note_login(:login, :went_well) as state", login=login, went_well=went_well
        )
        return bool(said["state"] == "locked")

    def begin(self, terms: SessionTerms) -> Tokens:
        """The tokens of a new session of the acting person.

        Raises:
            NotAllowedError: the unit of work was opened without the person's key.
        """
        tokens = _drawn(terms)
        self._transaction.one(_BEGUN, refresh_minutes=terms.refresh_minutes, **_as_stored(tokens, terms))
        return tokens

    def refresh(self, refresh: str, terms: SessionTerms) -> tuple[str, Tokens] | None:
        """Whose session the token continues, with tokens in the place of the old ones; None where it is worth nothing."""
        tokens = _drawn(terms)
        login = self._transaction.one(_REFRESHED, shown=hashed(refresh), **_as_stored(tokens, terms))["login"]
        return None if login is None else (str(login), tokens)

    def take_token(self, bucket: str, *, per_minute: int, size: int) -> float:
        """Takes one request out of a bucket that fills again; 0 where there was one, else the seconds to wait."""
        taken = self._transaction.one(
            "select smp.take_token(:bucket, :per_second, :size) as wait",
            bucket=bucket,
            per_second=per_minute / 60,
            size=size,
        )
        return float(taken["wait"])

    def carry_logins(self) -> int:
        """Brings what is kept of logins, and due, into the audit; how many rows that were.

        Raises:
            RegistryBusyError: somebody holds the end of the audit for too long; nothing was brought.
        """
        return int(self._transaction.one("select smp.carry_logins() as carried")["carried"])

    def end(self) -> bool:
        """Ends the session that the unit of work was opened with; whether there was one."""
        return bool(self._transaction.one("select smp.end_session() as ended")["ended"])

    def end_others(self, login: str) -> int:
        """Ends all sessions of a person but the one that the unit of work was opened with; how many there were.

        Raises:
            NotAllowedError: it is somebody else, and the unit of work was not opened by an administrator.
        """
        return int(self._transaction.one("select smp.end_sessions_of(:login) as ended", login=login)["ended"])

    def list(self, login: str) -> tuple[OpenSession, ...]:
        """Where a person is logged in, the newest first."""
        rows = self._transaction.rows(_OF_PERSON, login=login)
        return tuple(OpenSession.model_validate(dict(row)) for row in rows)


def _drawn(terms: SessionTerms) -> Tokens:
    return Tokens(
        access=secrets.token_urlsafe(_SECRET_BYTES),
        refresh=secrets.token_urlsafe(_SECRET_BYTES) if terms.refresh_minutes else None,
    )


def _as_stored(tokens: Tokens, terms: SessionTerms) -> dict[str, object]:
    return {
        "access_hash": hashed(tokens.access.get_secret_value()),
        "access_minutes": terms.access_minutes,
        "refresh_hash": hashed(tokens.refresh.get_secret_value()) if tokens.refresh else None,
        "agent": terms.agent,
    }


def _stretched(password: str, salt: str) -> str:
    derived = hashlib.scrypt(
        password.encode(), salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=_LANES, maxmem=2**26
    )
    return derived.hex()
