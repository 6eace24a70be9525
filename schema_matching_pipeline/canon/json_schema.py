"""A canonical schema from JSON Schema: every object with properties becomes an entity.

Objects inside objects are drawn into their owner (``address.city`` becomes ``address_city``), lists of
objects become entities of their own, and a property that points to another entity refers to that entity's
key (``id`` or ``<entity>_id``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.model.canonical import (
    CanonicalEntity,
    CanonicalField,
    CanonicalSchema,
    FieldRef,
    FieldType,
)

Json = dict[str, object]

_TYPES: dict[str, FieldType] = {
    "string": FieldType.STRING,
    "integer": FieldType.INTEGER,
    "number": FieldType.NUMBER,
    "boolean": FieldType.BOOLEAN,
    "array": FieldType.TEXT,
    "object": FieldType.TEXT,
}
_FORMATS: dict[str, FieldType] = {
    "date": FieldType.DATE,
    "date-time": FieldType.DATETIME,
    "time": FieldType.TIME,
    "uuid": FieldType.IDENTIFIER,
}
_MEANINGS = {
    "email": "email",
    "idn-email": "email",
    "uri": "url",
    "url": "url",
    "ipv4": "ip_address",
    "ipv6": "ip_address",
}
_DEEPEST = 8


def read_json_schema(text: str, name: str) -> CanonicalSchema:
    """The canonical schema of a JSON Schema with its definitions.

    Raises:
        ConfigurationError: with every mistake, each with its place in the document.
    """
    what = f"Canonical model {name!r}"
    document = _document(text, what)
    draft = _Draft(document)
    entities = tuple(_read_entities(draft))
    if not entities and not draft.mistakes:
        draft.mistakes.append("there is no object with properties in it")
    if draft.mistakes:
        raise ConfigurationError(what, list(dict.fromkeys(draft.mistakes)))
    return CanonicalSchema(name=name, entities=entities)


@dataclass
class _Draft:
    """The document, the entities still to be read, and the mistakes noted on the way."""

    document: Json
    mistakes: list[str] = field(default_factory=list)
    inner: list[tuple[str, Json, str]] = field(default_factory=list)

    @property
    def definitions(self) -> dict[str, tuple[str, Json]]:
        """Every definition by its pointer, with its name."""
        return {
            f"#/{section}/{_escaped(name)}": (name, schema)
            for section in ("$defs", "definitions")
            for name, schema in _mapping(self.document.get(section)).items()
            if isinstance(schema, dict)
        }


def _document(text: str, what: str) -> Json:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(what, [f"line {error.lineno}: not JSON: {error.msg}"]) from error
    except RecursionError as error:
        raise ConfigurationError(what, ["line 1: nested too deeply to be read"]) from error
    if not isinstance(document, dict):
        raise ConfigurationError(what, ["line 1: a JSON Schema must be an object"])
    return document


def _read_entities(draft: _Draft) -> Iterator[CanonicalEntity]:
    if "properties" in draft.document:
        yield _entity(draft, str(draft.document.get("title") or "root"), draft.document, "#")
    for pointer, (name, schema) in draft.definitions.items():
        if _is_object(schema):
            yield _entity(draft, name, schema, pointer)
    while draft.inner:
        yield _entity(draft, *draft.inner.pop(0))


def _entity(draft: _Draft, name: str, schema: Json, place: str) -> CanonicalEntity:
    fields = {field.name: field for field in _fields(draft, name, schema, place, prefix="", depth=0)}
    if not fields:
        draft.mistakes.append(f"{place}: {name} has no property that holds a value")
    return CanonicalEntity(name=name, description=_text(schema, "description"), fields=tuple(fields.values()))


def _fields(
    draft: _Draft, entity: str, schema: Json, place: str, *, prefix: str, depth: int
) -> Iterator[CanonicalField]:
    """The fields of an object, those of the objects inside it with its name before theirs."""
    required = schema.get("required")
    demanded = {str(name) for name in required} if isinstance(required, list) and not prefix else set()
    for name, given in _properties(draft, schema, place).items():
        where = f"{place}/properties/{_escaped(name)}"
        if not isinstance(given, dict):
            draft.mistakes.append(f"{where}: must be an object")
            continue
        plain = _without_null(given)
        if _is_object(plain) and "$ref" not in plain and depth < _DEEPEST:
            yield from _fields(draft, entity, plain, where, prefix=f"{prefix}{name}_", depth=depth + 1)
        elif not _is_list_of_objects(draft, entity, f"{prefix}{name}", plain, where):
            yield _field(draft, entity, f"{prefix}{name}", plain, where, required=name in demanded)


def _properties(draft: _Draft, schema: Json, place: str) -> Json:
    """An object's properties, with those of the parts it is composed of."""
    found = dict(_mapping(schema.get("properties")))
    parts = schema.get("allOf")
    for part in parts if isinstance(parts, list) else ():
        resolved = _resolved(draft, part, place) if isinstance(part, dict) else {}
        found = {**_mapping(resolved.get("properties")), **found}
    return found


def _is_list_of_objects(draft: _Draft, entity: str, name: str, schema: Json, place: str) -> bool:
    """Whether a property is a list of objects; one that is written in place becomes an entity."""
    items = schema.get("items")
    if not isinstance(items, dict):
        return False
    if "$ref" in items:
        return _is_object(_resolved(draft, items, f"{place}/items"))
    if _is_object(items):
        draft.inner.append((f"{entity}_{name}", items, f"{place}/items"))
        return True
    return False


def _field(
    draft: _Draft, entity: str, name: str, schema: Json, place: str, *, required: bool
) -> CanonicalField:
    target = _resolved(draft, schema, place)
    values = _values(target)
    references = _key_of(draft, schema) if _is_object(target) else None
    is_key = name in _key_names(entity)
    return CanonicalField(
        name=name,
        type=FieldType.IDENTIFIER if is_key or references else _type(draft, target, values, place),
        description=_text(schema, "description") or _text(target, "description") or _text(schema, "title"),
        primary_key=is_key,
        required=required,
        references=references,
        values=values,
        semantic_type=_MEANINGS.get(_text(target, "format")),
    )


def _type(draft: _Draft, schema: Json, values: tuple[str, ...], place: str) -> FieldType:
    if values:
        return FieldType.CODE
    named = _named_type(schema)
    if named is None:
        return FieldType.STRING
    if named not in _TYPES:
        draft.mistakes.append(f"{place}/type: unknown type {named[:40]!r}. Known: {', '.join(_TYPES)}.")
    return _FORMATS.get(_text(schema, "format"), _TYPES.get(named, FieldType.STRING))


def _named_type(schema: Json) -> str | None:
    """The type of a schema; of several the first that is not null."""
    stated = schema.get("type")
    named = stated if isinstance(stated, list) else [stated]
    return next((one for one in named if isinstance(one, str) and one != "null"), None)


def _values(schema: Json) -> tuple[str, ...]:
    listed = schema.get("enum")
    scalars = listed if isinstance(listed, list) else [schema["const"]] if "const" in schema else []
    return tuple(dict.fromkeys(str(value) for value in scalars if isinstance(value, str | int | float)))


def _without_null(schema: Json) -> Json:
    """What a schema says beside "or null"."""
    for key in ("anyOf", "oneOf"):
        choices = schema.get(key)
        real = (
            [one for one in choices if isinstance(one, dict) and one.get("type") != "null"]
            if isinstance(choices, list)
            else []
        )
        if len(real) == 1:
            return {**real[0], **{name: value for name, value in schema.items() if name != key}}
    return schema


def _resolved(draft: _Draft, schema: Json, place: str) -> Json:
    """The definition a schema points to, however many steps away; the schema itself where it points nowhere."""
    seen: set[str] = set()
    while isinstance(pointer := schema.get("$ref"), str):
        if pointer not in draft.definitions and pointer != "#":
            draft.mistakes.append(f"{place}: $ref {pointer[:80]!r} leads nowhere in this text")
            return {}
        if pointer in seen:
            draft.mistakes.append(f"{place}: $ref {pointer[:80]!r} leads back to itself")
            return {}
        seen.add(pointer)
        schema = draft.document if pointer == "#" else draft.definitions[pointer][1]
    return schema


def _key_of(draft: _Draft, schema: Json) -> FieldRef | None:
    """The key of the entity that a property points to."""
    pointer = schema.get("$ref")
    if not isinstance(pointer, str) or pointer not in draft.definitions:
        return None
    name, target = draft.definitions[pointer]
    keys = (key for key in _key_names(name) if key in _properties(draft, target, pointer))
    return next((FieldRef(entity=name, field=key) for key in keys), None)


def _key_names(entity: str) -> tuple[str, ...]:
    short = entity[:1].lower() + entity[1:]
    return ("id", f"{entity}_id", f"{short}_id", f"{short}Id", f"{entity.lower()}_id")


def _is_object(schema: Json) -> bool:
    return "properties" in schema or (
        isinstance(schema.get("allOf"), list) and _named_type(schema) in {None, "object"}
    )


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _text(schema: Json, key: str) -> str:
    value = schema.get(key)
    return value if isinstance(value, str) else ""


def _escaped(name: str) -> str:
    """A name as JSON pointers write it."""
    return name.replace("~", "~0").replace("/", "~1")
