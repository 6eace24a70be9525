"""What a tenant has learned of its fields, and a person's word about values that nobody verified."""

from __future__ import annotations

from collections import defaultdict

from schema_matching_pipeline.canon.value_bank import listed_spellings
from schema_matching_pipeline.model.access import Actor, Permission, require, require_whole_tenant
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.knowledge import ColumnVariant
from schema_matching_pipeline.model.registry import FieldKnowledge, LearnedValue, ValueState
from schema_matching_pipeline.model.value_map import KnownTranslation
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def list_fields(world: World, actor: Actor) -> tuple[FieldKnowledge, ...]:
    """The fields of which anything is known, by entity and field.

    Names of columns and codes are those of all clients, so whoever is confined to some is told of values alone.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        counts = unit.value_bank.counts()
        whole = actor.clients is None
        names = unit.value_bank.variants() if whole else ()
        codes = unit.value_bank.translations(exclude_client=None) if whole else ()
    known = {each.target: each for each in counts}
    names_of: defaultdict[FieldRef, list[ColumnVariant]] = defaultdict(list)
    codes_of: defaultdict[FieldRef, list[KnownTranslation]] = defaultdict(list)
    for name in names:
        names_of[name.target].append(name)
    for code in codes:
        codes_of[code.target].append(code)
    targets = sorted({*known, *names_of, *codes_of}, key=lambda ref: (ref.entity, ref.field))
    return tuple(
        known.get(target, FieldKnowledge(target=target)).but(
            names=tuple(names_of[target]), codes=tuple(codes_of[target])
        )
        for target in targets
    )


def list_learned(
    world: World, actor: Actor, entity: str, *, pending: bool = False
) -> tuple[LearnedValue, ...]:
    """What is known of an entity's fields, value by value; only what nobody verified yet where asked."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        spellings = _spellings(world, unit)
        return tuple(_spelled(value, spellings) for value in unit.value_bank.values(entity, pending=pending))


def decide_learned(
    world: World, actor: Actor, value_id: int, state: ValueState, reason: str = ""
) -> LearnedValue:
    """The value as verified or rejected; what a field looks like follows with the next publication.

    Raises:
        NotAllowedError: the actor may not decide about the whole tenant.
        UnknownNameError: the tenant knows no such value.
        StaleDecisionError: it was decided otherwise.
    """
    require_whole_tenant(actor, Permission.DECIDE)
    with open_as(world, actor, reason=reason or None) as unit:
        return _spelled(unit.value_bank.decide_value(value_id, state), _spellings(world, unit))


def _spellings(world: World, unit: UnitOfWork) -> dict[tuple[FieldRef, int], str]:
    """What the tenant's canonical models list themselves; no value of a client is among it."""
    found: dict[tuple[FieldRef, int], str] = {}
    for summary in unit.canonical.list():
        found |= listed_spellings(unit.canonical.get(summary.name), world.hash_value)
    return found


def _spelled(value: LearnedValue, spellings: dict[tuple[FieldRef, int], str]) -> LearnedValue:
    return value.but(spelling=spellings.get((value.target, value.value_hash)))
