"""That something about clients leaves whole is written down, and so audited."""

from __future__ import annotations

from collections.abc import Mapping

from schema_matching_pipeline.model.access import Actor, Permission, require, require_whole_tenant
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def note_export(
    world: World,
    actor: Actor,
    client: str | None,
    what: str,
    form: str,
    rows: int,
    /,
    **asked: object,
) -> None:
    """Writes down that so many rows of ``what`` leave in that form, by what was ``asked`` for; without a client of the tenant.

    Raises:
        NotAllowedError: the actor may not see the client, or not all of them.
    """
    if client is None:
        require_whole_tenant(actor, Permission.READ)
    require(actor, Permission.READ, client)
    given: Mapping[str, object] = {name: value for name, value in asked.items() if value is not None}
    with open_as(world, actor) as unit:
        unit.audit.note_export(client, what, form, given, rows)
