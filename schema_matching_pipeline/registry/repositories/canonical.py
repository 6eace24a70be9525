"""Canonical models: every version a tenant ever used, and its fields as rows for the law to check."""

from __future__ import annotations

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldRef
from schema_matching_pipeline.model.registry import CanonicalSummary
from schema_matching_pipeline.registry.transaction import Transaction, to_json

_CURRENT = "select definition from smp.canonical_models where name = :name and is_current"

_SUPERSEDE = """
update smp.canonical_models set is_current = false where name = :name and is_current returning version
"""

_ADD = """
insert into smp.canonical_models (name, version, digest, definition)
values (:name, :version, :digest, cast(:definition as jsonb)) returning id
"""

_ADD_ENTITIES = """
insert into smp.entity_schemas
    (model_id, entity_name, entity_version, risk_class, schema_definition, description)
select :model, value ->> 'name', value ->> 'version', value ->> 'risk_class', value, value ->> 'description'
from jsonb_array_elements(cast(:entities as jsonb)) as given (value)
"""

_ADD_FIELDS = """
insert into smp.canonical_fields (model_id, entity_schema_id, entity, field, position, data_type, required,
                                  primary_key, risk_class, definition_hash)
select :model, e.id, f.entity, f.field, f.position, f.data_type, f.required, f.primary_key, e.risk_class,
       f.definition_hash
from jsonb_to_recordset(cast(:fields as jsonb)) as f (entity text, field text, position int, data_type text,
                                                      required bool, primary_key bool, definition_hash text)
join smp.entity_schemas e on e.model_id = :model and e.entity_name = f.entity
"""

_LIST = """
select m.name, m.version, m.digest,
       (select count(*) from smp.entity_schemas e where e.model_id = m.id) as entities,
       (select count(*) from smp.canonical_fields f where f.model_id = m.id) as fields
from smp.canonical_models m where m.is_current order by m.name
"""


class Canonical:
    """The canonical models of one tenant."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def put(self, schema: CanonicalSchema) -> str:
        """The model's digest; a content that is not the newest already becomes a new version."""
        digest = schema.fingerprint()
        newest = self._transaction.row(
            "select digest from smp.canonical_models where name = :name and is_current for update",
            name=schema.name,
        )
        if newest is None or newest["digest"] != digest:
            self._add(schema, digest)
        return digest

    def get(self, name: str) -> CanonicalSchema:
        """The newest version of a model.

        Raises:
            UnknownNameError: the tenant has none of that name; its models are listed.
        """
        definition = self._transaction.json(_CURRENT, name=name)
        if definition is None:
            raise UnknownNameError("canonical model", name, (summary.name for summary in self.list()))
        return CanonicalSchema.model_validate_json(definition)

    def list(self) -> tuple[CanonicalSummary, ...]:
        """The newest version of every model, by name."""
        return tuple(CanonicalSummary.model_validate(dict(row)) for row in self._transaction.rows(_LIST))

    def _add(self, schema: CanonicalSchema, digest: str) -> None:
        before = self._transaction.row(_SUPERSEDE, name=schema.name)
        added = self._transaction.one(
            _ADD,
            name=schema.name,
            version=before["version"] + 1 if before else 1,
            digest=digest,
            definition=to_json(schema),
        )
        self._transaction.run(_ADD_ENTITIES, model=added["id"], entities=to_json(schema.entities))
        self._transaction.run(_ADD_FIELDS, model=added["id"], fields=to_json(_field_rows(schema)))


def _field_rows(schema: CanonicalSchema) -> list[dict[str, object]]:
    return [
        {
            "entity": entity.name,
            "field": field.name,
            "position": position,
            "data_type": field.type,
            "required": field.required,
            "primary_key": field.primary_key,
            "definition_hash": schema.definition_hash(FieldRef(entity=entity.name, field=field.name)),
        }
        for entity in schema.entities
        for position, field in enumerate(entity.fields)
    ]
