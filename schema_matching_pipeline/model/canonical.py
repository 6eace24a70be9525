"""The canonical schema: what every client's columns are mapped to."""

from __future__ import annotations

from enum import StrEnum

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import content_id


class RiskClass(StrEnum):
    """How much harm a wrong mapping of an entity does."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    OPTIONAL = "optional"


class FieldType(StrEnum):
    """What a canonical field holds."""

    IDENTIFIER = "identifier"
    STRING = "string"
    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"


class FieldRef(Frozen):
    """One canonical field, by name."""

    entity: str
    field: str

    def __str__(self) -> str:
        return f"{self.entity}.{self.field}"


class CanonicalField(Frozen):
    """One field of an entity.

    ``references`` names another field as ``entity.field``; ``values`` lists admissible codes where they are
    few; ``synonyms`` are other names of the field, in any language.
    """

    name: str
    type: FieldType = FieldType.STRING
    description: str = ""
    primary_key: bool = False
    required: bool = False
    pii: bool = False
    references: FieldRef | None = None
    synonyms: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    semantic_type: str | None = None
    one_source: bool = True


class CanonicalEntity(Frozen):
    """One thing of the business: patient, claim. Without a stated risk class it is critical."""

    name: str
    risk_class: RiskClass = RiskClass.CRITICAL
    description: str = ""
    synonyms: tuple[str, ...] = ()
    fields: tuple[CanonicalField, ...]
    version: str = "1.0.0"


class CanonicalSchema(Frozen):
    """A canonical model: named, versioned, with all its entities."""

    name: str
    version: str = "1"
    domain: str = ""
    entities: tuple[CanonicalEntity, ...]

    def entity(self, name: str) -> CanonicalEntity | None:
        """The entity of that name."""
        return next((entity for entity in self.entities if entity.name == name), None)

    def field(self, ref: FieldRef) -> CanonicalField | None:
        """The field of that name."""
        entity = self.entity(ref.entity)
        return (
            None
            if entity is None
            else next((field for field in entity.fields if field.name == ref.field), None)
        )

    def refs(self) -> tuple[FieldRef, ...]:
        """Every field of every entity, in order."""
        return tuple(
            FieldRef(entity=entity.name, field=field.name)
            for entity in self.entities
            for field in entity.fields
        )

    def definition_hash(self, ref: FieldRef) -> str:
        """Identifies the meaning of one field: an approval stands while it does."""
        entity, field = self.entity(ref.entity), self.field(ref)
        if entity is None or field is None:
            return content_id("missing", ref)
        return content_id(entity.name, entity.risk_class, field.canonical_json())
