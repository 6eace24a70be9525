"""A code whose meaning stands in a small table: the field takes what that table says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.derivation import DERIVATIONS, ClientTable, Derived
from schema_matching_pipeline.model.canonical import CanonicalField, FieldRef, FieldType
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.profile import ColumnProfile, ValueType
from schema_matching_pipeline.model.rule import Lookup
from schema_matching_pipeline.model.source import ForeignKey

_WORDED = frozenset({FieldType.STRING, FieldType.TEXT, FieldType.CODE})
_CODES = frozenset({ValueType.INTEGER, ValueType.UUID})
_SAID = frozenset(
    ("name", "names", "title", "label", "description", "descr", "desc", "text", "bezeichnung", "beschreibung", "libelle", "designation", "nome",
     "nombre", "descrizione", "descripcion", "omschrijving", "naam", "value")
)  # fmt: skip


@DERIVATIONS.register("lookups")
def look_up(table: ClientTable, tables: Mapping[str, ClientTable]) -> Iterator[Derived]:
    """What a small table says of a code, for a field of words that the code is likeliest for."""
    for key in table.profile.foreign_keys:
        if len(key.columns) != 1 or key.columns[0] not in table.columns or not _is_sure(table, key):
            continue
        column, listed = key.columns[0], tables.get(key.referred_table)
        text = _text_of(listed, key, table) if listed else None
        field = _field_for(table, column) if text else None
        if listed is None or text is None or field is None:
            continue
        name = listed.profile.name
        yield Derived(
            name=f"{column}>{name}.{text}",
            target=table.ref(field),
            rule=TransformRule(
                computed=Lookup(columns=(column,), table=name, key=key.referred_columns[0], value=text)
            ),
            explanation=(
                f"{column} holds numbers that refer to {name}, a list of {listed.profile.row_count:,},"
                f" and {name}.{text} says in words what each stands for."
            ),
            instead_of=frozenset(((column, table.ref(field)),)),
        )


def _is_sure(table: ClientTable, key: ForeignKey) -> bool:
    return key.declared or key.score >= table.policy.derived_reference


def _text_of(listed: ClientTable, key: ForeignKey, table: ClientTable) -> str | None:
    """The one column of a lookup's table that says what its codes mean; None where it is no such table."""
    policy, profile = table.policy, listed.profile
    if (
        profile.name == table.profile.name
        or profile.row_count > policy.lookup_rows
        or len(key.referred_columns) != 1
    ):
        return None
    filled = [column for column in profile.columns if column.filled_count]
    if len(filled) > policy.lookup_columns or listed.entity is not None:
        return None
    texts = [
        column.column
        for column in filled
        if column.column not in key.referred_columns and _says(column, profile.name)
    ]
    return texts[0] if len(texts) == 1 else None


def _says(column: ColumnProfile, table: str) -> bool:
    """Whether it is text of its own for every code, called as such texts are or as its table is."""
    words = frozenset(name_tokens(column.column))
    called = bool(words & _SAID) or words <= frozenset(name_tokens(table))
    each_once = column.distinct_count == column.filled_count == column.row_count
    return called and each_once and column.value_type is ValueType.TEXT and not column.personal


def _field_for(table: ClientTable, column: str) -> CanonicalField | None:
    """The likeliest field of the table's entity for the code, where it is one of words and free."""
    proposed, profile = table.proposed.get(column), table.columns[column]
    if proposed is None or table.entity is None or profile.value_type not in _CODES:
        return None
    best = next((one for one in proposed.candidates if one.confidence >= table.policy.near_confidence), None)
    fields = {FieldRef(entity=table.entity.name, field=field.name): field for field in table.entity.fields}
    field = fields.get(best.target) if best else None
    if field is None or best is None or field.type not in _WORDED or field.references:
        return None
    return field if set(table.taken.get(best.target, ())) <= {column} else None
