"""What each entity demands of a client, as it stood when the last proposal was made."""

from __future__ import annotations

from pydantic import TypeAdapter

from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.trust import EntityThreshold, Thresholds
from schema_matching_pipeline.registry.transaction import Transaction, from_json, to_json

_THRESHOLDS = TypeAdapter(tuple[EntityThreshold, ...])

_STORE = """
insert into smp.entity_policies
    (client, entity, risk_class, effective_threshold, review_floor, validation_required)
select :client, entity, risk_class, effective_threshold, :floor, validation_required
from jsonb_to_recordset(cast(:entities as jsonb))
     as given (entity text, risk_class text, effective_threshold double precision, validation_required bool)
on conflict (tenant_id, client, entity) do update
set risk_class = excluded.risk_class, effective_threshold = excluded.effective_threshold,
    review_floor = excluded.review_floor, validation_required = excluded.validation_required,
    updated_at = now()
where (entity_policies.risk_class, entity_policies.effective_threshold, entity_policies.review_floor,
       entity_policies.validation_required)
      is distinct from (excluded.risk_class, excluded.effective_threshold, excluded.review_floor,
                        excluded.validation_required)
"""

_FORGET = """
delete from smp.entity_policies where client = :client and entity <> all (cast(:entities as text[]))
"""

# The machinery may demand a person; that none is needed is said by the one who chooses the profile.
_REVIEW = """
update smp.clients set review_required_before_production = true
where slug = :client and :required and review_required_before_production is distinct from true
"""

_POLICIES = """
select jsonb_agg(jsonb_build_object('entity', entity, 'risk_class', risk_class, 'effective_threshold',
                                    effective_threshold, 'validation_required', validation_required)
                 order by entity)
from smp.entity_policies where client = :client
"""


class Trust:
    """The policies that the gate of each client goes by."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def store_policies(self, client: ClientId, thresholds: Thresholds) -> None:
        """Replaces what the client's entities demand; what did not change is left alone."""
        self._transaction.run(
            _STORE, client=client, floor=thresholds.review_floor, entities=to_json(thresholds.entities)
        )
        self._transaction.run(
            _FORGET, client=client, entities=[entity.entity for entity in thresholds.entities]
        )
        self._transaction.run(
            _REVIEW, client=client, required=thresholds.profile.review_required_before_production
        )

    def policies(self, client: ClientId) -> tuple[EntityThreshold, ...]:
        """What the client's entities demand, by name; none before the first proposal."""
        return from_json(_THRESHOLDS, self._transaction.json(_POLICIES, client=client) or "[]")
