"""A table whose rows are different things, told apart by a column of kinds: each kind fills an entity of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schema_matching_pipeline.canon.codes import plain
from schema_matching_pipeline.canon.masking import is_shown
from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.derivation import DERIVATIONS, ClientTable, Derived
from schema_matching_pipeline.matching.words import stem
from schema_matching_pipeline.model.canonical import CanonicalEntity, FieldRef
from schema_matching_pipeline.model.matching import Correspondence, TransformRule
from schema_matching_pipeline.model.profile import ColumnProfile, ValueType
from schema_matching_pipeline.model.rule import Where

_KIND = frozenset(
    ("type", "typ", "kind", "category", "class", "art", "klasse", "kategorie", "categorie", "genre", "tipo", "categoria", "clase", "soort")
)  # fmt: skip


class _Kind(NamedTuple):
    """One value of the column of kinds, the entity it names, and what the table's columns fill there."""

    value: str
    rows: int
    entity: str
    filling: Mapping[str, Correspondence]


@DERIVATIONS.register("ledgers")
def part_ledgers(table: ClientTable, tables: Mapping[str, ClientTable]) -> Iterator[Derived]:  # noqa: ARG001 - a ledger is one table
    """The fields of several entities from columns that fill one in each, by the kind of the row.

    A column that fills a field of one of the entities alone needs no rule: its other rows are empty.
    """
    found = [(column, kinds) for column in table.columns.values() if (kinds := _kinds(table, column))]
    if len(found) != 1:
        return
    [(column, kinds)] = found
    shared = Counter(name for kind in kinds for name in kind.filling)
    entities = {kind.entity for kind in kinds}
    for kind in kinds:
        for name, suggested in kind.filling.items():
            if shared[name] > 1 and suggested.target is not None:
                yield _of_kind(table, column.column, kind, suggested, suggested.target, entities)


def _of_kind(
    table: ClientTable, by: str, kind: _Kind, suggested: Correspondence, target: FieldRef, entities: set[str]
) -> Derived:
    name = suggested.ref.column
    own = table.proposed[name].target
    rule = suggested.rule or TransformRule()
    return Derived(
        name=f"{name}[{by}={kind.value}]",
        target=target,
        rule=rule.but(computed=Where(columns=(name,), by=by, among=(kind.value,))),
        explanation=(
            f"The rows of {table.profile.name} are different things by {by}, and {kind.rows:,} of them are"
            f" {kind.value}. Held against {kind.entity} alone: {suggested.explanation}"
        ),
        objections=suggested.objections,
        instead_of=frozenset({(name, own)} if own is not None and own.entity in entities else ()),
        suggested=suggested,
    )


def _kinds(table: ClientTable, column: ColumnProfile) -> tuple[_Kind, ...]:
    """The kinds of rows that a column tells apart; none where it is no such column.

    Its values must name entities, that of the table itself among them, and the table's columns must fill some fields of each.
    """
    if not _tells_kinds(table, column) or table.entity is None:
        return ()
    named = {
        one.value.text: (one.count, entity)
        for one in column.top_values
        if is_shown(one, personal=column.personal) and (entity := _entity_of(one.value.text, table.entities))
    }
    rows = sum(count for count, _ in named.values())
    entities = Counter(entity for _, entity in named.values())
    if len(entities) < 2 or table.entity.name not in entities or max(entities.values()) > 1:
        return ()
    if rows < table.policy.derived_alike * column.filled_count:
        return ()
    kinds = tuple(
        _Kind(value, count, entity, _filling(table, entity, column.column))
        for value, (count, entity) in named.items()
    )
    return kinds if all(len(kind.filling) >= table.policy.ledger_columns for kind in kinds) else ()


def _tells_kinds(table: ClientTable, column: ColumnProfile) -> bool:
    return (
        column.value_type is ValueType.TEXT
        and 1 < column.distinct_count <= table.policy.ledger_kinds
        and not _KIND.isdisjoint(name_tokens(column.column))
        and column.filled_share >= table.policy.derived_alike
    )


def _entity_of(value: str, entities: tuple[CanonicalEntity, ...]) -> str | None:
    """The one entity that a value names: by the name or a synonym, perhaps among other words."""
    words = frozenset(map(stem, plain(value).split()))
    named = {
        entity.name
        for entity in entities
        for called in (entity.name, *entity.synonyms)
        if (own := frozenset(map(stem, name_tokens(called)))) and own <= words
    }
    return next(iter(named)) if len(named) == 1 else None


def _filling(table: ClientTable, entity: str, by: str) -> dict[str, Correspondence]:
    """The columns that surely enough fill fields of the entity, were the table about it alone."""
    return {
        each.ref.column: each
        for each in table.against(entity)
        if each.target is not None
        and each.confidence >= table.policy.ledger_confidence
        and each.ref.column != by
    }
