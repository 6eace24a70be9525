"""People prove who they are once, and get a session that proves it from then on."""

from __future__ import annotations

from contextlib import AbstractContextManager

from pydantic import SecretStr

from schema_matching_pipeline.errors import BadDecisionError, LockedOutError, NotAllowedError, NotKnownError
from schema_matching_pipeline.model.access import Actor, SessionTerms, Tokens
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.model.registry import ProvenPerson
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.registry.repositories.sessions import OpenSession
from schema_matching_pipeline.workflows.limit_rate import at_once
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World

LEAST_LETTERS = 12
_REFUSED = "Login and password do not fit together."


class Credentials(Frozen):
    """What somebody shows to be let in, from where, with which program, and by which trace."""

    tenant_id: TenantId
    login: str
    secret: SecretStr
    address: str | None = None
    agent: str | None = None
    trace_id: str | None = None


class LoggedIn(Frozen):
    """A person with the tokens of a session that has just begun."""

    actor: Actor
    tokens: Tokens


def log_in(world: World, shown: Credentials, terms: SessionTerms) -> LoggedIn:
    """A session of the person whose password, or key, was shown.

    Raises:
        NotKnownError: they do not fit together; nothing says which of them is wrong.
        LockedOutError: too many logins by that name went wrong in a row.
    """
    actor = _proven(world, shown, _key_of(world, shown)) or _proven(
        world, shown, shown.secret.get_secret_value()
    )
    return _entered(world, shown, actor, terms, _REFUSED)


def log_in_vouched(world: World, shown: Credentials, terms: SessionTerms) -> LoggedIn:
    """A session of the person for whom the installation vouches by the key shown, since somebody else has proven him.

    Raises:
        NotKnownError: the registry does not take its word for that login, any more.
        LockedOutError: too many logins by that name went wrong in a row.
    """
    actor = _proven(world, shown, shown.secret.get_secret_value())
    refusal = f"The registry does not take the identity provider's word for {shown.login}. An administrator enters the e-mail address of {shown.login} anew."
    return _entered(world, shown, actor, terms, refusal)


def begin_session(world: World, actor: Actor, terms: SessionTerms) -> LoggedIn:
    """Another session of a person who is known already."""
    with open_as(world, actor) as unit:
        tokens = unit.sessions.begin(terms)
    return LoggedIn(actor=actor.but(key=tokens.access), tokens=tokens)


def recognise(world: World, shown: Credentials) -> Actor:
    """The person whose session or key was shown.

    Raises:
        NotKnownError: it is worth nothing, any more.
    """
    actor = _proven(world, shown, shown.secret.get_secret_value())
    if actor is None:
        raise _ended()
    return actor


def recognise_sender(world: World, shown: Credentials, per_minute: int) -> tuple[Actor, float]:
    """The person whose session or key came with a request, and the seconds until it may be sent; 0 where it may be now.

    It is counted as one of so many that the person may send ``per_minute``.

    Raises:
        NotKnownError: what was shown is worth nothing, any more.
    """
    key = shown.secret.get_secret_value()
    try:
        with _open(world, shown, key) as unit:
            user, wait = unit.users.acting_again(per_minute=per_minute, size=at_once(per_minute))
    except NotAllowedError as error:
        raise _ended() from error
    return _actor(world, shown, key, user), wait


def _ended() -> NotKnownError:
    return NotKnownError("The session has ended. Log in again.")


def refresh_session(
    world: World,
    tenant: TenantId,
    refresh: str,
    terms: SessionTerms,
    address: str | None,
    *,
    trace_id: str | None = None,
) -> LoggedIn:
    """Goes on with a session; the tokens before it are worth nothing from then on.

    Raises:
        NotKnownError: the token is worth nothing. Where it had been used before, all that came of it has ended.
    """
    with world.registry.open(
        tenant, "system:refresh", trace_id=trace_id, address=address, agent=terms.agent
    ) as unit:
        found = unit.sessions.refresh(refresh, terms)
    if found is None:
        raise NotKnownError("The session cannot be continued. Log in again.")
    login, tokens = found
    shown = Credentials(
        tenant_id=tenant,
        login=login,
        secret=tokens.access,
        address=address,
        agent=terms.agent,
        trace_id=trace_id,
    )
    return LoggedIn(actor=recognise(world, shown), tokens=tokens)


def log_out(world: World, actor: Actor) -> None:
    """Ends the actor's session, with all that it was refreshed from."""
    with open_as(world, actor) as unit:
        unit.sessions.end()


def list_sessions(world: World, actor: Actor) -> tuple[OpenSession, ...]:
    """Where the actor is logged in, the newest first."""
    with open_as(world, actor) as unit:
        return unit.sessions.list(actor.login)


def end_other_sessions(world: World, actor: Actor) -> int:
    """Ends the actor's sessions but the present one; how many there were."""
    with open_as(world, actor) as unit:
        return unit.sessions.end_others(actor.login)


def set_password(world: World, actor: Actor, login: str, password: str) -> None:
    """Another password for oneself, or by an administrator for somebody else; the person's other sessions end.

    Raises:
        BadDecisionError: it is too short, or nothing but the login.
        NotAllowedError: it is somebody else's, and the actor may not manage people.
        UnknownNameError: there is no such person.
    """
    if len(password) < LEAST_LETTERS or login.lower() in password.lower():
        raise BadDecisionError(
            f"A password has at least {LEAST_LETTERS} letters, figures or signs, and the login is no part of it."
        )
    with open_as(world, actor) as unit:
        unit.sessions.set_password(login, password)


def _entered(
    world: World, shown: Credentials, actor: Actor | None, terms: SessionTerms, refusal: str
) -> LoggedIn:
    """A session of the actor, where there is one; how it went is written down, and locks where it too often goes wrong."""
    with _open(world, shown) as unit:
        is_locked = unit.sessions.note_login(shown.login, went_well=actor is not None)
    if is_locked:
        raise LockedOutError(
            "Too many logins by that name went wrong. Wait some minutes, or ask an administrator for a new password."
        )
    if actor is None:
        raise NotKnownError(refusal)
    return begin_session(world, actor, terms)


def _key_of(world: World, shown: Credentials) -> str:
    with _open(world, shown) as unit:
        return unit.sessions.key_of_password(shown.login, shown.secret.get_secret_value())


def _proven(world: World, shown: Credentials, key: str) -> Actor | None:
    try:
        with _open(world, shown, key) as unit:
            user = unit.users.acting()
    except NotAllowedError:
        return None
    return _actor(world, shown, key, user)


def _open(world: World, shown: Credentials, key: str | None = None) -> AbstractContextManager[UnitOfWork]:
    """A unit of work signed by whoever shows something, as far as the key proves him."""
    return world.registry.open(
        shown.tenant_id,
        shown.login,
        key=key,
        trace_id=shown.trace_id,
        address=shown.address,
        agent=shown.agent,
    )


def _actor(world: World, shown: Credentials, key: str, user: ProvenPerson) -> Actor:
    return Actor(
        login=user.login,
        tenant_id=shown.tenant_id,
        role=user.role,
        key=SecretStr(key),
        clients=user.clients,
        scope=user.scope,
        trace_id=shown.trace_id or world.clock.new_id(),
        address=shown.address,
        agent=shown.agent,
    )
