"""Which of the columns that nobody looked at alone come back, to be asked about blind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.ids import ClientId, content_id
from schema_matching_pipeline.model.matching import Correspondence, Disposition, MappingProposal
from schema_matching_pipeline.model.policy import ReviewPolicy
from schema_matching_pipeline.model.review import ReviewQueue, RoutedColumn, SpotCheck
from schema_matching_pipeline.model.trust import Thresholds

_DIGITS = 8  # of the hash, in hexadecimal
_PLACES = 0x1_0000_0000  # that so many digits write


def spot_checks(
    client: ClientId,
    queue: ReviewQueue,
    proposal: MappingProposal,
    thresholds: Thresholds,
    together: Mapping[str, str],
    *,
    share: float,
    policy: ReviewPolicy,
) -> tuple[SpotCheck, ...]:
    """The drawn ones of the columns accepted without a person, or by a person ``together`` with others.

    ``together`` names the item that was approved, by the hash of the approval. The same approval of the same client is
    drawn always or never at one ``share``, and whatever a lower share draws, a higher one draws, too. Derived fields are
    left out: they have no confidence that an answer could be held against.
    """
    return tuple(
        _check(column, target, correspondence, thresholds, together.get(column.approval_hash), policy)
        for column, target, correspondence in _accepted(queue, proposal, together)
        if is_drawn(client, column.approval_hash, share)
    )


def is_drawn(client: ClientId, approval_hash: str, share: float) -> bool:
    """Whether that approval is among the share.

    >>> is_drawn("acme", "5f0c", 0.0), is_drawn("acme", "5f0c", 1.0)
    (False, True)
    """
    place = int(content_id("spot check", client, approval_hash)[:_DIGITS], 16) / _PLACES
    return place < share


def _accepted(
    queue: ReviewQueue, proposal: MappingProposal, together: Mapping[str, str]
) -> Iterator[tuple[RoutedColumn, FieldRef, Correspondence]]:
    proposed = proposal.by_ref()
    asked = {item.ref for item in queue.items}
    for column in queue.columns:
        correspondence = proposed.get(column.ref)
        if correspondence is None or column.target is None or column.ref in asked:
            continue
        if correspondence.target != column.target or (correspondence.rule and correspondence.rule.computed):
            continue
        is_automatic = column.disposition is Disposition.AUTO_ACCEPTED
        if is_automatic or (column.disposition is Disposition.APPROVED and column.approval_hash in together):
            yield column, column.target, correspondence


def _check(
    column: RoutedColumn,
    target: FieldRef,
    correspondence: Correspondence,
    thresholds: Thresholds,
    checked_item: str | None,
    policy: ReviewPolicy,
) -> SpotCheck:
    return SpotCheck(
        id=content_id("spot check", column.ref.table, column.ref.column, column.approval_hash),
        ref=column.ref,
        approval_hash=column.approval_hash,
        choices=_choices(correspondence, target, policy.spot_check_choices),
        target=target,
        risk_class=thresholds.of(target.entity).risk_class,
        reason=column.reason,
        needed=column.required_threshold,
        had=correspondence.confidence,
        candidates=correspondence.candidates,
        objections=correspondence.objections,
        rule=correspondence.rule,
        checked_item=checked_item,
    )


def _choices(correspondence: Correspondence, target: FieldRef, most: int) -> tuple[FieldRef, ...]:
    """The likeliest fields, that which was accepted among them, in an order that says nothing."""
    likely = sorted(correspondence.candidates, key=lambda one: (-one.confidence, str(one.target)))
    others = [one.target for one in likely if one.target != target]
    return tuple(sorted((target, *others[: most - 1]), key=str))
