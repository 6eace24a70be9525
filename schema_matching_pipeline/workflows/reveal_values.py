"""Values of an item's column as they are: read at that moment, shown once, kept nowhere; that they were shown is kept."""

from __future__ import annotations

from pydantic import Field

from schema_matching_pipeline.errors import BadDecisionError, NotAllowedError
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.workflows.list_review import find_item
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class Revealed(Frozen):
    """Some values of an item's column as the source has them now, those of more rows first; ``cut`` where one is longer."""

    item_id: str
    client: ClientId
    ref: ColumnRef
    values: tuple[str, ...] = Field(repr=False)
    cut: bool


def reveal_values(world: World, actor: Actor, item: str, reason: str) -> Revealed:
    """Values of the item's column, once the audit has who is shown how many of them, and why.

    Raises:
        UnknownNameError: there is no such item.
        NotAllowedError: the actor may not see values of the client, or they may not leave the source.
        BadDecisionError: no reason is given, or the item is about no column.
        SourceError: the source cannot be read; nothing is shown.
    """
    require(actor, Permission.REVEAL)
    line = find_item(world, actor, item, candidates=False)
    client, found = line.client, line.item
    require(actor, Permission.REVEAL, client)
    if not reason.strip():
        raise BadDecisionError("Say why the values are needed; the reason is kept with who saw them.")
    if not found.ref.column:
        raise BadDecisionError(f"Item {found.id} is about no column that values could be shown of.")
    with open_as(world, actor) as unit:
        address = unit.sources.address(unit.clients.get(client).connection_id)
    if address.data_stays:
        raise NotAllowedError(f"No row of client {client!r} may leave its source, so none can be shown here.")
    policy = world.policies.review
    values = world.sources.values(
        address, found.ref, rows=policy.revealed_from_rows, most=policy.revealed_values
    )
    with open_as(world, actor, reason=reason) as unit:
        unit.marks.note_reveal(client, found.id, reason, len(values))
    longest = policy.revealed_length
    return Revealed(
        item_id=found.id,
        client=client,
        ref=found.ref,
        values=tuple(value[:longest] for value in values),
        cut=any(len(value) > longest for value in values),
    )
