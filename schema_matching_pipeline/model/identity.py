"""People as an identity provider knows them: on their way to it and back, and what its groups are worth here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field, SecretStr

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId


class ProviderTerms(Frozen):
    """What an installation has agreed upon with an identity provider, and the claims it reads."""

    issuer: str
    client_id: str
    client_secret: SecretStr | None = None
    name: str
    scopes: str = "openid email profile"
    email_claim: str = "email"
    groups_claim: str = "groups"
    timeout_seconds: float = 10.0


class Journey(Frozen):
    """One way to the provider and back to ``returns_to``; its words are drawn anew each time, and known to one browser."""

    state: str
    nonce: str
    verifier: SecretStr
    returns_to: str


class OutsidePerson(Frozen):
    """A person whom the provider has proven: the address, and the groups it names."""

    email: str
    groups: tuple[str, ...] = ()


class Grant(Frozen):
    """What a group is worth: a role, for the clients named or for all."""

    role: Role
    clients: tuple[ClientId, ...] | None = Field(default=None, min_length=1)


def granted(groups: Iterable[str], grants: Mapping[str, Grant]) -> Grant | None:
    """The highest role that the groups give, for the clients that they give it for; None where they give none.

    >>> grants = {"all": Grant(role=Role.VIEWER), "a": Grant(role=Role.STEWARD, clients=("acme",))}
    >>> granted(["all", "a"], grants), granted(["others"], grants)
    (Grant(role=<Role.STEWARD: 'steward'>, clients=('acme',)), None)
    """
    given = [grants[group] for group in sorted(set(groups)) if group in grants]
    if not given:
        return None
    role = max((grant.role for grant in given), key=list(Role).index)
    scopes = [grant.clients for grant in given if grant.role is role]
    return Grant(role=role, clients=_all_of(scopes))


def _all_of(scopes: list[tuple[ClientId, ...] | None]) -> tuple[ClientId, ...] | None:
    named = [scope for scope in scopes if scope is not None]
    if len(named) < len(scopes):
        return None
    return tuple(sorted({client for scope in named for client in scope}))
