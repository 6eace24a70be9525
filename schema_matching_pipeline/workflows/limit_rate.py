"""Nobody asks for more than his share: a bucket of requests a login, and one of logins an address."""

from __future__ import annotations

from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.workflows.world import World

_AT_ONCE = 0.25  # of a minute's share


def at_once(per_minute: int) -> int:
    """How many of a minute's share of requests may come at once."""
    return max(1, round(per_minute * _AT_ONCE))


def seconds_to_wait(world: World, tenant: TenantId, bucket: str, per_minute: int) -> float:
    """Takes a request out of a bucket of the tenant; 0 where it held one, else the seconds until it does."""
    with world.registry.open(tenant, "system:rates") as unit:
        return unit.sessions.take_token(bucket, per_minute=per_minute, size=at_once(per_minute))
