"""Fields of a canonical model found by words: in their names first, then in other names and descriptions."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import (
    CanonicalEntity,
    CanonicalField,
    CanonicalSchema,
    FieldRef,
)

_NAME_BEGINS, _NAME_HOLDS, _OTHER_NAME, _DESCRIBED = range(4)


class FoundField(Frozen):
    """One field that the words may mean."""

    ref: FieldRef
    field: CanonicalField


def find_fields(canonical: CanonicalSchema, words: str, *, most: int) -> tuple[FoundField, ...]:
    """The fields that hold every word somewhere, those first that have them in their names.

    >>> fields = (CanonicalField(name="birth_date"), CanonicalField(name="death_date", synonyms=("date_of_decease",)))
    >>> model = CanonicalSchema(name="m", entities=(CanonicalEntity(name="patient", fields=fields),))
    >>> [str(each.ref) for each in find_fields(model, "date dec", most=5)]
    ['patient.death_date']
    """
    wanted = words.lower().replace(".", " ").replace("_", " ").split()
    if not wanted:
        return ()
    found = sorted(_ranked(canonical, wanted), key=lambda each: each[:2])
    return tuple(each for _, _, each in found[:most])


def _ranked(canonical: CanonicalSchema, wanted: list[str]) -> Iterator[tuple[int, int, FoundField]]:
    place = 0
    for entity in canonical.entities:
        for field in entity.fields:
            place += 1
            worst = max(_rank(entity, field, word) for word in wanted)
            if worst <= _DESCRIBED:
                ref = FieldRef(entity=entity.name, field=field.name)
                yield (
                    sum(_rank(entity, field, word) for word in wanted),
                    place,
                    FoundField(ref=ref, field=field),
                )


def _rank(entity: CanonicalEntity, field: CanonicalField, word: str) -> int:
    parts = f"{field.name} {entity.name}".lower().replace("_", " ").split()
    if any(part.startswith(word) for part in parts):
        return _NAME_BEGINS
    if word in f"{entity.name} {field.name}".lower():
        return _NAME_HOLDS
    if word in " ".join((*field.synonyms, *entity.synonyms)).lower():
        return _OTHER_NAME
    return _DESCRIBED if word in field.description.lower() else _DESCRIBED + 1
