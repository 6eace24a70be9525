"""A canonical schema from YAML text, all its mistakes reported at once, each with its line.

The keys are the model's field names; a reference is written ``entity.field``. A primary key is required unless
its field says ``required: false``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from schema_matching_pipeline.canon.yaml_reader import Choice, YamlReader, hint, words_of
from schema_matching_pipeline.model.canonical import (
    CanonicalEntity,
    CanonicalField,
    CanonicalSchema,
    FieldRef,
    FieldType,
    RiskClass,
)

Named = TypeVar("Named", CanonicalEntity, CanonicalField)
Value = TypeVar("Value")

_FLAGS = ("primary_key", "required", "pii", "one_source")
_TOP_KEYS = tuple(CanonicalSchema.model_fields)
_ENTITY_KEYS = tuple(CanonicalEntity.model_fields)
_FIELD_KEYS = tuple(CanonicalField.model_fields)
_RISK_CLASSES = words_of(RiskClass)
# Words of other systems for the same types.
_FIELD_TYPES = words_of(FieldType) | {
    "id": FieldType.IDENTIFIER,
    "money": FieldType.NUMBER,
    "decimal": FieldType.NUMBER,
    "float": FieldType.NUMBER,
    "int": FieldType.INTEGER,
    "bool": FieldType.BOOLEAN,
    "timestamp": FieldType.DATETIME,
}


def read_canonical(text: str, name: str | None = None, *, unnamed: str | None = None) -> CanonicalSchema:
    """The canonical schema that a YAML text describes; ``name`` counts more than the text's own.

    ``unnamed`` is its name where neither says one.

    Raises:
        ConfigurationError: with every mistake of the text, each with its line.
    """
    known_as = name or unnamed
    reader = YamlReader(f"Canonical model {known_as!r}" if known_as else "The canonical model")
    root = reader.root(text)
    if root is None:
        reader.refuse(1, "the text is empty; a canonical model needs entities")
    schema = _schema(reader, root, name, unnamed)
    reader.finish()
    return schema


def _schema(reader: YamlReader, root: Node, name: str | None, unnamed: str | None) -> CanonicalSchema:
    """The schema as far as it could be read; what could not has been noted."""
    entries = reader.entries(root, "", _TOP_KEYS)
    entities: tuple[CanonicalEntity, ...] = ()
    if "entities" in entries:
        entities = _entities(reader, entries["entities"])
    else:
        reader.mistake(root, "", "the key 'entities' is missing")
    own_name = reader.text(entries["name"], "name") if "name" in entries else None
    if not (name or unnamed or "name" in entries):
        reader.mistake(root, "", "the model has no name: add the key 'name', or give one")
    return CanonicalSchema(
        name=name or own_name or unnamed or "",
        version=_optional(reader.literal, entries, "version", "") or "1",
        domain=_optional(reader.free_text, entries, "domain", "") or "",
        entities=entities,
    )


def _entities(reader: YamlReader, node: Node) -> tuple[CanonicalEntity, ...]:
    known = {str(ref): ref for ref in _named_fields(node)}
    bodies = reader.elements(node, "entities")
    if isinstance(node, SequenceNode) and not bodies:
        reader.mistake(node, "entities", "a canonical model needs at least one entity")
    found = (_entity(reader, body, f"entities[{place}]", known) for place, body in enumerate(bodies, 1))
    return _each_once(reader, "", "entity", zip(found, bodies, strict=True))


def _named_fields(node: Node) -> Iterator[FieldRef]:
    """The names of all fields, read ahead, because a reference may point forward."""
    for entity in _listed(node):
        for field in _listed(_value(entity, "fields")):
            names = _value(entity, "name"), _value(field, "name")
            if isinstance(names[0], ScalarNode) and isinstance(names[1], ScalarNode):
                yield FieldRef(entity=names[0].value, field=names[1].value)


def _listed(node: Node | None) -> tuple[Node, ...]:
    return tuple(node.value) if isinstance(node, SequenceNode) else ()


def _value(node: Node, key: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _entity(reader: YamlReader, node: Node, place: str, known: dict[str, FieldRef]) -> CanonicalEntity | None:
    name = _name(reader, node, place)
    where = name or place
    entries = reader.entries(node, where, _ENTITY_KEYS)
    fields = _fields(reader, entries["fields"], where, known) if "fields" in entries else ()
    if isinstance(node, MappingNode) and "fields" not in entries:
        reader.mistake(node, where, "the key 'fields' is missing")
    if name is None:
        return None
    return CanonicalEntity(
        name=name,
        risk_class=_choice(reader, entries, "risk_class", where, _RISK_CLASSES) or RiskClass.CRITICAL,
        description=_optional(reader.free_text, entries, "description", where) or "",
        synonyms=_optional(reader.literals, entries, "synonyms", where) or (),
        fields=fields,
        version=_optional(reader.literal, entries, "version", where) or "1.0.0",
    )


def _fields(
    reader: YamlReader, node: Node, entity: str, known: dict[str, FieldRef]
) -> tuple[CanonicalField, ...]:
    bodies = reader.elements(node, f"{entity}.fields")
    if isinstance(node, SequenceNode) and not bodies:
        reader.mistake(node, entity, "an entity needs at least one field")
    found = (_field(reader, body, entity, place, known) for place, body in enumerate(bodies, 1))
    return _each_once(reader, entity, "field", zip(found, bodies, strict=True))


def _field(
    reader: YamlReader, node: Node, entity: str, place: int, known: dict[str, FieldRef]
) -> CanonicalField | None:
    name = _name(reader, node, f"{entity}.fields[{place}]")
    where = f"{entity}.{name}" if name else f"{entity}.fields[{place}]"
    entries = reader.entries(node, where, _FIELD_KEYS)
    flags = {key: _optional(reader.flag, entries, key, where) for key in _FLAGS}
    if flags["primary_key"] and "required" not in entries:
        flags["required"] = True
    field = CanonicalField(
        name=name or "",
        type=_choice(reader, entries, "type", where, _FIELD_TYPES) or FieldType.STRING,
        description=_optional(reader.free_text, entries, "description", where) or "",
        references=_reference(reader, entries, where, known),
        synonyms=_optional(reader.literals, entries, "synonyms", where) or (),
        values=_optional(reader.literals, entries, "values", where) or (),
        semantic_type=_optional(reader.text, entries, "semantic_type", where),
    )
    return field.but(**{key: flag for key, flag in flags.items() if flag is not None}) if name else None


def _reference(
    reader: YamlReader, entries: dict[str, Node], where: str, known: dict[str, FieldRef]
) -> FieldRef | None:
    text = _optional(reader.text, entries, "references", where)
    if text is not None and text not in known:
        message = f"references {text!r}, but there is no such field.{hint(text, known)}"
        reader.mistake(entries["references"], where, message)
    return known.get(text) if text is not None else None


def _name(reader: YamlReader, node: Node, place: str) -> str | None:
    if not isinstance(node, MappingNode):
        return None  # that it is no mapping is noted where its entries are read
    named = _value(node, "name")
    if named is None:
        reader.mistake(node, place, "the key 'name' is missing")
        return None
    return reader.text(named, f"{place}.name")


def _each_once(
    reader: YamlReader, where: str, kind: str, found: Iterator[tuple[Named | None, Node]]
) -> tuple[Named, ...]:
    """Everything that could be read; a name that stands twice is a mistake at its second place."""
    kept: dict[str, Named] = {}
    for named, node in found:
        if named is None:
            continue
        if named.name in kept:
            reader.mistake(node, where, f"the {kind} {named.name!r} stands twice")
        kept.setdefault(named.name, named)
    return tuple(kept.values())


def _optional(
    read: Callable[[Node, str], Value], entries: dict[str, Node], key: str, where: str
) -> Value | None:
    if key not in entries:
        return None
    return read(entries[key], f"{where}.{key}" if where else key)


def _choice(
    reader: YamlReader, entries: dict[str, Node], key: str, where: str, choices: dict[str, Choice]
) -> Choice | None:
    if key not in entries:
        return None
    return reader.choice(entries[key], f"{where}.{key}", key.replace("_", " "), choices)
