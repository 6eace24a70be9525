"""Which required fields of the entities a client maps have no source yet."""

from __future__ import annotations

from collections.abc import Iterable

from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldRef


def uncovered_required(canonical: CanonicalSchema, accepted: Iterable[FieldRef]) -> tuple[FieldRef, ...]:
    """Required fields without a source, of entities that have at least one accepted field."""
    covered = frozenset(accepted)
    mapped = {target.entity for target in covered}
    return tuple(
        ref
        for entity in canonical.entities
        if entity.name in mapped
        for field in entity.fields
        if field.required and (ref := FieldRef(entity=entity.name, field=field.name)) not in covered
    )
