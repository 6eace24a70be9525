"""One decision about one item, with its field held against the client's canonical model."""

from __future__ import annotations

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.review import Decision
from schema_matching_pipeline.workflows.aftermath import Decided
from schema_matching_pipeline.workflows.decide_review import check_field, decide_items
from schema_matching_pipeline.workflows.list_review import find_item
from schema_matching_pipeline.workflows.world import World


def decide_item(world: World, actor: Actor, decision: Decision) -> Decided:
    """Records one decision about an item, whose field must be one of its client's canonical model.

    Raises:
        UnknownNameError: there is no such item, or no such field.
        NotAllowedError: the actor may not decide, or may not be the second person.
        StaleDecisionError: somebody else decided first.
        BadDecisionError: the decision makes no sense.
    """
    require(actor, Permission.DECIDE)
    if decision.target is not None:
        line = find_item(world, actor, decision.item_id, candidates=False)
        check_field(world, actor, line.client, decision.target)
    return decide_items(world, actor, [decision])
