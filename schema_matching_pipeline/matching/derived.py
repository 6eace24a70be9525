"""Derived fields put beside the columns' own suggestions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from schema_matching_pipeline.matching.derivation import DERIVATIONS, ClientTable, Derived, entity_of
from schema_matching_pipeline.matching.match import propose_mapping
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.matching import (
    Correspondence,
    MappingInForce,
    MappingProposal,
    TransformRule,
)
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import SourceProfile, TableProfile
from schema_matching_pipeline.model.rule import sources_of
from schema_matching_pipeline.model.source import ColumnRef

_Instead = Mapping[tuple[ColumnRef, FieldRef], ColumnRef]
Refused = Callable[[ColumnRef, FieldRef, TransformRule], bool]


def with_derived(  # noqa: PLR0913 - every argument is one thing that a derived field depends on
    proposal: MappingProposal,
    profile: SourceProfile,
    classification: Classification,
    knowledge: Knowledge,
    policy: MatchPolicy = MatchPolicy(),  # noqa: B008  # frozen value
    *,
    decided: Iterable[Correspondence] = (),
    in_force: Iterable[MappingInForce] = (),
    refused: Refused = lambda ref, target, rule: False,  # noqa: ARG005 - nothing was refused
) -> MappingProposal:
    """The proposal with the fields that can be derived, each as a column of its own with the rule that makes it.

    Derived columns that were ``decided`` stay as long as what they are made of is there; one that a person
    ``refused`` is not proposed again. What production fills from a column of the same table is not derived anew.
    """
    tables = _tables(proposal, profile, classification, knowledge, policy)
    kept = {each.ref: each for each in decided if _is_there(each.ref, each.rule, tables)}
    filled = {(mapping.ref.table, mapping.target): mapping.ref for mapping in in_force}
    found = {
        ref: each
        for table in tables.values()
        for each in _derived(table, tables)
        if (ref := ColumnRef(table=table.profile.name, column=each.name)) in kept
        or (filled.get((ref.table, each.target), ref) == ref and not refused(ref, each.target, each.rule))
    }
    added = [kept.get(ref) or _correspondence(ref, each, policy) for ref, each in found.items()]
    added += [each for ref, each in kept.items() if ref not in found]
    instead = {**_instead_of(kept.values()), **_instead(found)}
    own = [_left_to(each, instead) for each in proposal.correspondences]
    return proposal.but(correspondences=(*own, *sorted(added, key=lambda each: str(each.ref))))


def _instead(found: Mapping[ColumnRef, Derived]) -> _Instead:
    """The suggestions that derived columns take the place of, by column and field."""
    return {
        (ref.but(column=column), target): ref
        for ref, each in found.items()
        for column, target in each.instead_of
    }


def _instead_of(kept: Iterable[Correspondence]) -> _Instead:
    """The same for decided ones: what they are made of does not fill their field as well."""
    return {
        (source, each.target): each.ref
        for each in kept
        if each.target and each.rule and each.rule.computed
        for source in sources_of(each.ref.table, each.rule.computed)
    }


def _tables(
    proposal: MappingProposal,
    profile: SourceProfile,
    classification: Classification,
    knowledge: Knowledge,
    policy: MatchPolicy,
) -> dict[str, ClientTable]:
    proposed, verdicts, canonical = proposal.by_ref(), classification.by_ref(), knowledge.canonical

    def against(table: TableProfile, entity: str) -> tuple[Correspondence, ...]:
        """What the usable columns of a table fill of one entity."""
        unusable = frozenset(
            ref
            for column in table.columns
            if (ref := ColumnRef(table=table.name, column=column.column)) not in proposed
        )
        alone = canonical.but(entities=tuple(each for each in canonical.entities if each.name == entity))
        return propose_mapping(
            profile.but(tables=(table,)),
            classification,
            knowledge.but(canonical=alone),
            policy,
            excluded=unusable,
        ).correspondences

    tables: dict[str, ClientTable] = {}
    for table in profile.tables:
        refs = {column.column: ColumnRef(table=table.name, column=column.column) for column in table.columns}
        usable = {name: proposed[ref] for name, ref in refs.items() if ref in proposed}
        entity = entity_of(usable.values(), policy)
        tables[table.name] = ClientTable(
            profile=table,
            columns={column.column: column for column in table.columns if column.column in usable},
            proposed=usable,
            verdicts={name: verdicts[ref] for name, ref in refs.items() if ref in verdicts},
            entity=canonical.entity(entity) if entity else None,
            entities=canonical.entities,
            match=partial(against, table),
            policy=policy,
        )
    return tables


def _derived(table: ClientTable, tables: Mapping[str, ClientTable]) -> list[Derived]:
    if table.entity is None:
        return []
    return [each for name in DERIVATIONS for each in DERIVATIONS[name](table, tables)]


def _is_there(ref: ColumnRef, rule: TransformRule | None, tables: Mapping[str, ClientTable]) -> bool:
    """Whether every column that a derived one is made of is there, and may be used."""
    if rule is None or rule.computed is None:
        return False
    return all(
        source.table in tables and source.column in tables[source.table].columns
        for source in sources_of(ref.table, rule.computed)
    )


def _correspondence(ref: ColumnRef, derived: Derived, policy: MatchPolicy) -> Correspondence:
    return Correspondence(
        ref=ref,
        target=derived.target,
        confidence=derived.suggested.confidence if derived.suggested else policy.derived_confidence,
        candidates=derived.suggested.candidates if derived.suggested else (),
        rule=derived.rule,
        explanation=derived.explanation,
        objections=derived.objections,
        question=f"it is derived by a rule ({derived.rule.in_words}), which only a person accepts",
    )


def _left_to(each: Correspondence, instead: _Instead) -> Correspondence:
    """A column's own suggestion, or none where a derived column takes its place in the field."""
    derived = instead.get((each.ref, each.target)) if each.target else None
    if derived is None or each.at_rest:
        return each
    return each.but(
        target=None,
        rule=None,
        question="",
        explanation=f"What it holds is suggested to be used by a rule, as {derived.column}, not as {each.target}.",
        confidence=1.0 - each.confidence,
    )
