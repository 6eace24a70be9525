"""What the values of coded columns become: as suggested, and as a person confirms it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schema_matching_pipeline.errors import BadDecisionError, UnknownNameError
from schema_matching_pipeline.matching import translation_of, value_map
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.matching import Disposition, MappedColumn, TransformRule
from schema_matching_pipeline.model.profile import ColumnProfile
from schema_matching_pipeline.model.rule import MapValues
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.value_map import Equivalence, KnownTranslation, ValueMap
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.aftermath import Decided
from schema_matching_pipeline.workflows.decide_column import map_column
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World

_FILLS = frozenset({Disposition.AUTO_ACCEPTED, Disposition.APPROVED, Disposition.PENDING_REVIEW})


class TranslatedColumn(Frozen):
    """A coded column with what its values become; ``disposition`` is that of its mapping."""

    values: ValueMap
    disposition: Disposition
    unmatched_rows: int


class Correction(Frozen):
    """What a person says of one value: what it becomes, None where nothing fits, and how well."""

    code: str
    value: str | None
    equivalence: Equivalence = Equivalence.EQUAL


def list_values(world: World, actor: Actor, client: str) -> tuple[TranslatedColumn, ...]:
    """Every column that fills a field with a list of values, by table and column.

    Raises:
        NotAllowedError: the actor may not see this client.
        UnknownNameError: there is no such client.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        unit.clients.get(client)
        found = _maps(world, unit, client)
    return tuple(
        TranslatedColumn(values=values, disposition=mapped.disposition, unmatched_rows=values.unmatched_rows)
        for mapped, values in found
    )


def column_values(
    world: World, unit: UnitOfWork, client: ClientId, canonical: CanonicalSchema, ref: ColumnRef
) -> ValueMap | None:
    """What becomes of one column's values under the client's model; None where its field lists none."""
    mapped = unit.mappings.column(client, ref)
    if mapped is None or not _lists_values(mapped, canonical):
        return None
    table = unit.profiles.table_around(client, ref, 0)
    column = table.column(ref.column) if table else None
    if column is None:
        return None
    return _values_of(world, mapped, column, canonical, unit.value_bank.translations(exclude_client=client))


def confirm_values(
    world: World, actor: Actor, client: str, column: str, corrections: Sequence[Correction], reason: str
) -> Decided:
    """The decided question about the column, whose rule now translates its values as suggested, but for the corrections.

    The word is about the mapping, too: that the column fills its field.

    Raises:
        NotAllowedError: the actor may not decide about this client.
        UnknownNameError: the client has no such coded column, or its field no such value.
        BadDecisionError: nothing would be translated; or the reason is missing.
        StaleDecisionError: a person gave the column another field meanwhile.
    """
    require(actor, Permission.DECIDE, client)
    with open_as(world, actor) as unit:
        unit.clients.get(client)
        found = {str(mapped.ref): (mapped, values) for mapped, values in _maps(world, unit, client)}
        if column not in found:
            hint = f"Only columns that fill a field with a list of values have any: smp values list {client}"
            raise UnknownNameError("coded column", column, found, hint=hint)
        mapped, values = found[column]
        field = unit.canonical.get(unit.clients.get(client).canonical_model).field(values.target)
    known = field.values if field else ()
    for each in corrections:
        if each.value is not None and each.value not in known:
            raise UnknownNameError(f"value of {values.target}", each.value, known)
    rule = _rule(mapped, values, corrections)
    return map_column(world, actor, client, column, values.target, rule=rule, reason=reason)


def _maps(world: World, unit: UnitOfWork, client: ClientId) -> list[tuple[MappedColumn, ValueMap]]:
    profile = unit.profiles.current(client)
    columns = profile.by_ref() if profile else {}
    canonical = unit.canonical.get(unit.clients.get(client).canonical_model)
    known = unit.value_bank.translations(exclude_client=client)
    found: list[tuple[MappedColumn, ValueMap]] = []
    for mapped in unit.mappings.current(client):
        column = columns.get(mapped.ref)
        values = _values_of(world, mapped, column, canonical, known) if column else None
        if values is not None:
            found.append((mapped, values))
    return found


def _lists_values(mapped: MappedColumn, canonical: CanonicalSchema) -> bool:
    field = canonical.field(mapped.target) if mapped.target else None
    return field is not None and bool(field.values) and mapped.disposition in _FILLS


def _values_of(
    world: World,
    mapped: MappedColumn,
    column: ColumnProfile,
    canonical: CanonicalSchema,
    known: Sequence[KnownTranslation],
) -> ValueMap | None:
    field = canonical.field(mapped.target) if mapped.target else None
    if field is None or mapped.target is None or mapped.disposition not in _FILLS:
        return None
    values = value_map(column, mapped.target, field, mapped.rule, known, world.policies.match)
    return values if values is not None and values.matches else None


def _rule(mapped: MappedColumn, values: ValueMap, corrections: Sequence[Correction]) -> TransformRule:
    """The column's rule with its values translated last; what is not listed stays as it is, and is counted."""
    before = translation_of(mapped.rule)
    codes: dict[str, str] = dict(before.codes) if before else {}
    said: dict[str, Equivalence] = (
        {code: Equivalence(how) for code, how in before.equivalence.items()} if before else {}
    )
    for match in values.matches:
        if match.target is not None and match.target != match.value.text:
            codes[match.value.text], said[match.value.text] = match.target, match.equivalence
    for each in corrections:
        codes.pop(each.code, None)
        if each.value is not None:
            codes[each.code] = each.value
        said[each.code] = each.equivalence if each.value is not None else Equivalence.UNMATCHED
    if not codes:
        raise BadDecisionError(
            f"No value of {mapped.ref} becomes another one; say which does: --set CODE=VALUE."
        )
    steps = tuple(step for step in (mapped.rule.steps if mapped.rule else ()) if step is not before)
    return TransformRule(steps=(*steps, _step(codes, said)))


def _step(codes: Mapping[str, str], said: Mapping[str, Equivalence]) -> MapValues:
    inexact = {code: str(how) for code, how in sorted(said.items()) if how is not Equivalence.EQUAL}
    return MapValues.model_validate(
        {"codes": dict(sorted(codes.items())), "otherwise": "keep", "equivalence": inexact}
    )
