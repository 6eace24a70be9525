"""Fields of a client's canonical model by words that somebody types."""

from __future__ import annotations

from schema_matching_pipeline.canon.field_search import FoundField, find_fields
from schema_matching_pipeline.matching import unfit
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.workflows.list_review import found_by, table_of
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class FieldToChoose(FoundField):
    """One field that the words may mean; ``unfit`` says why hardly a value of the column can be one of its."""

    unfit: str | None = None


def search_fields(
    world: World, actor: Actor, client: str, words: str, *, most: int, item: str | None = None
) -> tuple[FieldToChoose, ...]:
    """The fields that the words may mean, the likeliest first, for the column of a review item where one is named.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant, or no such item.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        canonical = unit.canonical.get(unit.clients.get(client).canonical_model)
        found = find_fields(canonical, words, most=most)
        line = found_by(unit, actor, item, candidates=False) if item and found else None
        table = table_of(unit, line) if line else None
        column = table.column(line.item.ref.column) if table and line else None
    return tuple(
        FieldToChoose(
            ref=each.ref,
            field=each.field,
            unfit=unfit(column, each.field.type, world.policies.match) if column else None,
        )
        for each in found
    )
