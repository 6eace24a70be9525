"""Columns in production that did not change: they stay as they are, whatever the matcher learned meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from schema_matching_pipeline.model.matching import (
    ColumnAtRest,
    Correspondence,
    MappingInForce,
    MappingProposal,
)
from schema_matching_pipeline.model.source import ColumnRef

UNCHANGED = "so it is in production, and nothing changed since"


def as_published(
    proposal: MappingProposal,
    at_rest: Iterable[ColumnAtRest],
    in_force: Iterable[MappingInForce],
    *,
    present: Collection[ColumnRef],
) -> MappingProposal:
    """The proposal with every column at rest as it was published.

    Decisions teach how sure the matcher is, so a night without any change at the source would bring other columns
    than the one before. Only a field whose column is not ``present`` any more is open to all.
    """
    in_production = tuple(in_force)
    filled = {mapping.target for mapping in in_production if mapping.ref in present}
    orphaned = {mapping.target for mapping in in_production} - filled
    published = {column.ref: column for column in at_rest}
    return proposal.but(
        correspondences=tuple(
            _settled(correspondence, published[correspondence.ref])
            if correspondence.ref in published and correspondence.target not in orphaned
            else correspondence
            for correspondence in proposal.correspondences
        )
    )


def _settled(proposed: Correspondence, published: ColumnAtRest) -> Correspondence:
    """What was published, with the evidence for it where the matcher still proposes it."""
    if proposed.target == published.target:
        return proposed.but(confidence=published.confidence, rule=published.rule, question="", at_rest=True)
    return Correspondence(
        ref=published.ref,
        target=published.target,
        confidence=published.confidence,
        candidates=proposed.candidates,
        rule=published.rule,
        explanation=UNCHANGED,
        at_rest=True,
    )
