"""What the newest version of a client would put into production, in figures, for whoever gives the final approval."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.workflows.evaluate_checks import ClientReading
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World

_GOES = frozenset({Disposition.AUTO_ACCEPTED, Disposition.APPROVED})


class GoingLive(Frozen):
    """Of a client's ``columns`` so many are ``mapped``, to so many ``fields``; ``unread`` tables of its source were read by nobody."""

    columns: int
    mapped: int
    fields: int
    unread: int


def going_live(world: World, actor: Actor, client: str) -> GoingLive:
    """The figures of the client's newest version as it stands.

    Raises:
        NotAllowedError: the actor has nothing to do with the client.
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        reading = ClientReading(world, unit, client)
        groups = reading.columns.groups
        mapped = [group for group in groups if group.target and group.disposition in _GOES]
        return GoingLive(
            columns=sum(group.columns for group in groups),
            mapped=sum(group.columns for group in mapped),
            fields=len({group.target for group in mapped}),
            unread=len(unit.profiles.unread(client)),
        )
