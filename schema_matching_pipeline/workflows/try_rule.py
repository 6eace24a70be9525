"""What a rule would make of a column's values, before anybody decides for it."""

from __future__ import annotations

from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.canonical import CanonicalField, FieldRef, FieldType
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.registry import ClientItem
from schema_matching_pipeline.model.review import ItemKind
from schema_matching_pipeline.model.rule import sources_of
from schema_matching_pipeline.model.rule_trial import RuleToTry, RuleTrial
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import ColumnRule
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.validation import date_format_of
from schema_matching_pipeline.workflows.decide_review import check_field
from schema_matching_pipeline.workflows.list_review import find_item
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def try_rule(
    world: World, actor: Actor, item: str, rule: TransformRule | None, target: FieldRef | None = None
) -> RuleTrial:
    """What a rule makes of the rows that an item is about; without one, how the values fit as they are.

    The field is the ``target``, else the suggested one. What makes a derived column is kept.

    Raises:
        UnknownNameError: there is no such item, or no such field.
        NotAllowedError: the actor may not decide about this client.
        BadDecisionError: the item is not about a column, or no field is named.
        SourceError: the client's source cannot be read, or its rows must not leave it.
    """
    require(actor, Permission.DECIDE)
    line = find_item(world, actor, item)
    require(actor, Permission.DECIDE, line.client)
    field = target or line.item.target
    if not line.item.ref.column or line.item.kind is ItemKind.VALIDATION or field is None:
        raise BadDecisionError(
            "A rule is tried on a column for a field. Name the field, and an item about its column."
        )
    check_field(world, actor, line.client, field)
    with open_as(world, actor) as unit:
        record = unit.clients.get(line.client)
        address = unit.sources.address(record.connection_id)
        wanted = unit.canonical.get(record.canonical_model).field(field)
        asked = _asked(world, unit, line, rule, wanted or CanonicalField(name=field.field))
    return world.suites.try_rule(address, asked)


def _asked(
    world: World, unit: UnitOfWork, line: ClientItem, rule: TransformRule | None, field: CanonicalField
) -> RuleToTry:
    ref, shown = line.item.ref, line.item.rule
    computed = shown.computed if shown else None
    table = unit.profiles.table(line.client, ref.table)
    profile = table.column(ref.column) if table else None
    policy = world.policies.validation
    return RuleToTry(
        rule=ColumnRule(ref=ref, rule=rule.chain if rule else None, computed=computed),
        type=FieldType(rule.cast) if rule and rule.cast else field.type,
        date_format=date_format_of(rule, profile),
        values=field.values,
        personal=any(
            _is_personal(unit, line, each)
            for each in (sources_of(ref.table, computed) if computed else (ref,))
        ),
        most_rows=policy.tried_rows,
        most_shown=policy.tried_shown,
    )


def _is_personal(unit: UnitOfWork, line: ClientItem, ref: ColumnRef) -> bool:
    """Whether a column is; one that was not profiled counts as such."""
    table = unit.profiles.table(line.client, ref.table)
    profile = table.column(ref.column) if table else None
    return profile is None or bool(profile.personal)
