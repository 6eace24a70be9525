"""Canonical models: every version a tenant ever used, and its fields as rows for the law to check."""

from __future__ import annotations

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldRef
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.model.registry import CanonicalSummary
from schema_matching_pipeline.registry.transaction import Transaction, to_json

_CURRENT = "select digest from smp.canonical_models where name = :name and is_current"
_DEFINITION = (
    "select definition from smp.canonical_models where name = :name and is_current and digest = :digest"
)

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


class ReadModels:
    """Models that were read lately, by tenant and the hash of their content; a content never becomes another."""

    _MOST = 32

    def __init__(self) -> None:
        self._models: dict[tuple[TenantId, str, str], CanonicalSchema] = {}

    def get(self, tenant: TenantId, name: str, digest: str) -> CanonicalSchema | None:
        """The model, where it was read."""
        return self._models.get((tenant, name, digest))

    def keep(self, tenant: TenantId, name: str, digest: str, model: CanonicalSchema) -> None:
        """Keeps a model; where there are many, the one that was kept first gives way."""
        if len(self._models) >= self._MOST:
            self._models.pop(next(iter(self._models)), None)
        self._models[tenant, name, digest] = model


class Canonical:
    """The canonical models of one tenant."""

    def __init__(self, transaction: Transaction, read: ReadModels) -> None:
        self._transaction = transaction
        self._read = read

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
        current = self._transaction.row(_CURRENT, name=name)
        if current is None:
            raise UnknownNameError("canonical model", name, (summary.name for summary in self.list()))
        tenant, digest = self._transaction.tenant_id, current["digest"]
        known = self._read.get(tenant, name, digest)
        if known is not None:
            return known
        definition = self._transaction.json(_DEFINITION, name=name, digest=digest)
        if definition is None:  # another version came between the two questions
            return self.get(name)
        model = CanonicalSchema.model_validate_json(definition)
        self._read.keep(tenant, name, digest, model)
        return model

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
