"""Fields that rules over several columns fill, put beside the columns' own suggestions."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.matching import with_derived
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.matching import (
    Correspondence,
    Disposition,
    MappingProposal,
    TransformRule,
)
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import approval_hash, column_anchor, derived_fingerprint
from schema_matching_pipeline.workflows.world import World


def derive_fields(
    world: World,
    unit: UnitOfWork,
    client: str,
    *,
    proposal: MappingProposal,
    profile: SourceProfile,
    classification: Classification,
    knowledge: Knowledge,
) -> MappingProposal:
    """The proposal with derived columns: those that people approved, and new ones that nobody refused."""
    fingerprints = unit.profiles.fingerprints(client)
    refusals = {pair.approval_hash for pair in unit.reviews.rejected_pairs(client)}

    def is_refused(ref: ColumnRef, target: FieldRef, rule: TransformRule) -> bool:
        """Whether a person refused just this, of the same content."""
        if rule.computed is None:
            return False
        anchor = column_anchor(ref, "", None, derived_fingerprint(fingerprints, ref, rule.computed))
        return approval_hash(anchor, knowledge.canonical.definition_hash(target), rule) in refusals

    return with_derived(
        proposal,
        profile,
        classification,
        knowledge,
        world.policies.match,
        decided=_approved(unit, client),
        in_force=unit.publications.in_force(client),
        refused=is_refused,
    )


def _approved(unit: UnitOfWork, client: str) -> Iterator[Correspondence]:
    """Derived columns that a person gave their field, as they were proposed."""
    before = unit.mappings.proposal(client)
    proposed = before.by_ref() if before else {}
    for mapped in unit.mappings.current(client):
        known = proposed.get(mapped.ref)
        if mapped.disposition is Disposition.APPROVED and mapped.rule and mapped.rule.computed and known:
            yield known.but(target=mapped.target, rule=mapped.rule)
