"""Which decision about a column still holds: one whose hash follows from what the column is today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldRef
from schema_matching_pipeline.model.knowledge import RejectedPair
from schema_matching_pipeline.model.profile import ColumnProfile
from schema_matching_pipeline.model.quality import QualityLabel
from schema_matching_pipeline.model.registry import StandingApproval
from schema_matching_pipeline.model.review import (
    DecisionKind,
)
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.review.approval import (
    NO_TARGET,
    approval_hash,
    column_anchor,
)
from schema_matching_pipeline.review.case import RoutingCase


def standing_approval(case: RoutingCase, ref: ColumnRef) -> StandingApproval | None:
    """The newest decision about a column whose hash still follows from what the column is today.

    A person who overrides was shown one field and chose another; the hash may speak of either, so every
    field of the model may have been the one shown. A flagged column may have been asked about its quality.
    """
    return next(
        (
            approval
            for approval in _decisions_about(case, ref)
            if target_exists(case, approval.target) and approval.approval_hash in _hashes(case, approval)
        ),
        None,
    )


def standing_refusals(
    pairs: Iterable[RejectedPair],
    canonical: CanonicalSchema,
    profile: Mapping[ColumnRef, ColumnProfile],
    labels: Mapping[ColumnRef, QualityLabel],
    fingerprints: Mapping[ColumnRef, str],
) -> tuple[RejectedPair, ...]:
    """The refused pairs that are still what was refused: their column did not drift since, or is again what it was.

    The second is what the registry goes by, too: the hash of what was shown follows from what the column is today.
    """

    def is_again(pair: RejectedPair) -> bool:
        """Whether the column is just as it was when the pair was refused."""
        column, label = profile.get(pair.ref), labels.get(pair.ref)
        if column is None:
            return False
        anchor = column_anchor(
            pair.ref, column.data_type, label.label if label else None, fingerprints.get(pair.ref, "")
        )
        return approval_hash(anchor, canonical.definition_hash(pair.target), pair.rule) == pair.approval_hash

    return tuple(pair for pair in pairs if not pair.drifted or is_again(pair))


@dataclass(frozen=True)
class Change:
    """Why a column that was settled is open again, and the field it was settled for."""

    reason: str
    target: FieldRef | None


def change_since_settled(case: RoutingCase, ref: ColumnRef) -> Change | None:
    """What changed since a person decided about the column or it went into production; None where nothing was settled.

    Asked where no decision stands any more. The matcher may have learned its confidence from the very decision
    that fell.
    """
    decided = next(iter(_decisions_about(case, ref)), None)
    if decided is not None:
        chosen = f"{decided.decided_by} chose {decided.target or 'no field'}"
        return Change(f"{chosen}, and the column or the field changed since", decided.target)
    in_force = next((mapping for mapping in case.in_force if mapping.ref == ref), None)
    if in_force is not None and in_force.changed:
        return Change(f"it fills {in_force.target} in production and changed since", in_force.target)
    if in_force is not None and in_force.decided:
        taken_back = f"it fills {in_force.target} in production by a decision that was taken back"
        return Change(taken_back, in_force.target)
    return None


def gone_source(case: RoutingCase, target: FieldRef) -> ColumnRef | None:
    """The column that fills the field in production and is not in the source any more."""
    filling = (mapping.ref for mapping in case.in_force if mapping.target == target)
    return next((ref for ref in filling if ref not in case.refs), None)


def _decisions_about(case: RoutingCase, ref: ColumnRef) -> list[StandingApproval]:
    """What people decided about the column's target, newest first."""
    return [approval for approval in case.approvals_of.get(ref, ()) if not _says_to_use(case, approval)]


def _hashes(case: RoutingCase, approval: StandingApproval) -> Iterator[str]:
    """Every hash that a decision about the column as it is today could have, the likeliest first."""
    anchor, label = case.anchor(approval.ref), case.labels.get(approval.ref)
    if label is not None and label.flagged:
        yield case.quality_hash(label)
    correspondence = case.correspondences.get(approval.ref)
    proposed = correspondence.rule if correspondence else None
    rules = dict.fromkeys((approval.rule, approval.shown_rule, proposed, None))
    likely = (approval.target, correspondence.target if correspondence else None)
    first = (case.definitions[target] for target in likely if target in case.definitions)
    for definition in (*first, NO_TARGET, *case.definitions.values()):
        for rule in rules:
            yield approval_hash(anchor, definition, rule)


def target_exists(case: RoutingCase, target: FieldRef | None) -> bool:
    """Whether the field decided for is still in the model; nothing always is."""
    return target is None or target in case.definitions


def _says_to_use(case: RoutingCase, approval: StandingApproval) -> bool:
    """Whether it only says that a flagged column is to be used, and not yet for what."""
    label = case.labels.get(approval.ref)
    asked_quality = label is not None and approval.approval_hash == case.quality_hash(label)
    included = case.decided_quality.get(approval.ref) is DecisionKind.INCLUDE
    return approval.target is None and asked_quality and included
