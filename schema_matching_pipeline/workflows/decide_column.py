"""Whether a column is used at all: a person takes one in that was left out, or leaves one out, without being asked."""

from __future__ import annotations

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.quality import QualityLabel
from schema_matching_pipeline.model.review import ReviewItem
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import column_anchor, quality_hash
from schema_matching_pipeline.workflows.decide_review import follow_decision
from schema_matching_pipeline.workflows.label_columns import current_profile, current_report
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def decide_use(
    world: World, actor: Actor, client: str, column: str, *, used: bool, reason: str
) -> ReviewItem:
    """The decided question about the column, named as ``table.column``; the next proposal goes by it.

    Raises:
        NotAllowedError: the actor may not decide about this client.
        UnknownNameError: the client has no such column.
        BadDecisionError: the column is used, or left out, already; or the reason is missing.
    """
    require(actor, Permission.DECIDE, client)
    with open_as(world, actor, reason=reason or None) as unit:
        unit.clients.get(client)
        label = _label_of(unit, client, column)
        decided = unit.reviews.decide_use(
            client, label.ref, used=used, approval_hash=_asked(unit, client, label), reason=reason
        )
        follow_decision(unit, client)
    return decided


def _label_of(unit: UnitOfWork, client: str, column: str) -> QualityLabel:
    labels = {str(label.ref): label for label in current_report(unit, client).labels}
    if column not in labels:
        raise UnknownNameError("column", column, labels, hint=f"See `smp mappings {client}`.")
    return labels[column]


def _asked(unit: UnitOfWork, client: str, label: QualityLabel) -> str:
    """What the word is bound to: the column and its quality, as they were when it was last looked at."""
    profile = current_profile(unit, client).by_ref()[label.ref]
    fingerprint = unit.profiles.fingerprints(client).get(label.ref, "")
    return quality_hash(
        label.ref, label.label, column_anchor(label.ref, profile.data_type, label.label, fingerprint)
    )
