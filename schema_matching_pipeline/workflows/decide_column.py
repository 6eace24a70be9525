"""What a person decides about a column without being asked: whether it is used at all, and which field it fills."""

from __future__ import annotations

from shlex import quote

from schema_matching_pipeline.errors import BadDecisionError, UnknownNameError
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Disposition, TransformRule
from schema_matching_pipeline.model.quality import LabelName, QualityLabel
from schema_matching_pipeline.model.review import ReviewItem
from schema_matching_pipeline.model.rule import Computed
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import (
    NO_TARGET,
    approval_hash,
    column_anchor,
    derived_fingerprint,
    quality_hash,
)
from schema_matching_pipeline.workflows.aftermath import Decided, before_deciding, decided, show_decided
from schema_matching_pipeline.workflows.decide_review import check_field
from schema_matching_pipeline.workflows.label_columns import current_profile, current_report
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def decide_use(world: World, actor: Actor, client: str, column: str, *, used: bool, reason: str) -> Decided:
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
        before = before_deciding(unit, [client])
        answered = _use(unit, client, label, used=used, reason=reason)
        show_decided(unit, before)
    with open_as(world, actor) as unit:
        return decided(unit, [answered.id], before)


def map_column(
    world: World,
    actor: Actor,
    client: str,
    column: str,
    target: FieldRef,
    *,
    rule: TransformRule | None,
    reason: str,
) -> Decided:
    """The decided question about a column that nobody suggested this field for; one that was left out is taken in.

    Raises:
        NotAllowedError: the actor may not decide about this client.
        UnknownNameError: the client has no such column, or its canonical model no such field.
        StaleDecisionError: a person mapped the column already.
        BadDecisionError: another column of the table has the field; or the reason is missing.
    """
    require(actor, Permission.DECIDE, client)
    check_field(world, actor, client, target)
    with open_as(world, actor, reason=reason or None) as unit:
        label = _label_of(unit, client, column)
        if label.ref in _derived(unit, client):
            raise BadDecisionError(
                f"{column} is derived from other columns; its field is decided where it is asked about. To be asked"
                f" again: smp review exclude {client} {quote(column)} --reason WHY, then smp onboard {client}"
            )
        before = before_deciding(unit, [client])
        if _is_left_out(unit, client, label):
            _use(unit, client, label, used=True, reason=reason)
        mapped = unit.reviews.map_column(
            client,
            label.ref,
            target,
            rule=rule,
            approval_hash=approval_hash(_anchor(unit, client, label), NO_TARGET, None),
            reason=reason,
        )
        show_decided(unit, before)
    with open_as(world, actor) as unit:
        return decided(unit, [mapped.id], before)


def _label_of(unit: UnitOfWork, client: str, column: str) -> QualityLabel:
    labels = {str(label.ref): label for label in current_report(unit, client).labels}
    labels |= {str(ref): _of_derived(ref) for ref in _derived(unit, client)}
    if column not in labels:
        raise UnknownNameError("column", column, labels, hint=f"See `smp mappings {client}`.")
    return labels[column]


def _derived(unit: UnitOfWork, client: str) -> dict[ColumnRef, Computed]:
    """Columns that are none of the source's, with what they are made of."""
    proposal = unit.mappings.proposal(client)
    return {
        each.ref: each.rule.computed
        for each in (proposal.correspondences if proposal else ())
        if each.rule and each.rule.computed
    }


def _of_derived(ref: ColumnRef) -> QualityLabel:
    """A derived column has no quality of its own, and so none that speaks against it."""
    return QualityLabel(ref=ref, label=LabelName.GOOD, confidence=1.0, reason="it is derived")


def _is_left_out(unit: UnitOfWork, client: str, label: QualityLabel) -> bool:
    found = unit.mappings.current(client)
    return any(each.ref == label.ref and each.disposition is Disposition.EXCLUDED for each in found)


def _use(unit: UnitOfWork, client: str, label: QualityLabel, *, used: bool, reason: str) -> ReviewItem:
    asked = quality_hash(label.ref, label.label, _anchor(unit, client, label))
    return unit.reviews.decide_use(client, label.ref, used=used, approval_hash=asked, reason=reason)


def _anchor(unit: UnitOfWork, client: str, label: QualityLabel) -> str:
    """What the word is bound to: the column and its quality, as they were when it was last looked at."""
    fingerprints = unit.profiles.fingerprints(client)
    if computed := _derived(unit, client).get(label.ref):
        return column_anchor(label.ref, "", None, derived_fingerprint(fingerprints, label.ref, computed))
    profile = current_profile(unit, client).by_ref()[label.ref]
    fingerprint = fingerprints.get(label.ref, "")
    return column_anchor(label.ref, profile.data_type, label.label, fingerprint)
