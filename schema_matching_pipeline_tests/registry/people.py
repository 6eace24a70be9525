"""People of a test's tenants. Only the owner of the registry makes them; each has a key that follows from the login."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import NullPool, create_engine, text

_owners: dict[str, str] = {}


def remember_owner(app_url: str, owner_url: str) -> None:
    """Notes who owns a test's database."""
    _owners[app_url] = owner_url


def owner_of(app_url: str) -> str:
    """The owner's URL of a test's database."""
    return _owners[app_url]


def key_of(actor: str) -> str:
    """The key of a person; the machinery has none."""
    return "" if ":" in actor else f"the key of {actor}"


def add_people(
    app_url: str, tenant: str, roles: Mapping[str, str], clients: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Makes people of a tenant, in their roles; some are confined to clients."""
    engine = create_engine(owner_of(app_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT set_config('smp.tenant_id', :tenant, true), set_config('smp.actor', 'system:install', true)"
            ),
            {"tenant": tenant},
        )
        for login, role in roles.items():
            connection.execute(
                text(
                    "SELECT smp.add_person(:login, :role, encode(sha256(CAST(:key AS bytea)), 'hex'), :clients)"
                ),
                {
                    "login": login,
                    "role": role,
                    "key": key_of(login).encode(),
                    "clients": list(clients[login]) if clients and login in clients else None,
                },
            )
