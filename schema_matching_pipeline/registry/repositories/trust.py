"""What each entity demands of a client, as it stood when the last proposal was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import TypeAdapter

from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.trust import Accuracy, EntityThreshold, Thresholds, TrustAdjustment
from schema_matching_pipeline.registry.transaction import Transaction, from_json, to_json

_THRESHOLDS = TypeAdapter(tuple[EntityThreshold, ...])
_ADJUSTMENTS = TypeAdapter(tuple[TrustAdjustment, ...])
_ACCURACIES = TypeAdapter(tuple[Accuracy, ...])

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


_ADJUSTMENT = """
jsonb_build_object('client', client, 'entity', entity, 'kind', kind, 'threshold_before', threshold_before,
    'threshold', threshold, 'decided', decided, 'wrong', wrong, 'bound', bound, 'reason', reason, 'made_by', made_by,
    'made_at', made_at)
"""

_ADJUSTED = f"""
select jsonb_agg({_ADJUSTMENT} order by id desc)
from smp.trust_adjustments where client = :client
"""

_NEWEST = f"""
select jsonb_agg({_ADJUSTMENT} order by client, entity)
from (select distinct on (client, entity) * from smp.trust_adjustments
      where cast(:among as text[]) is null or client = any (cast(:among as text[]))
      order by client, entity, id desc) newest
"""

_ADAPT = f"""
select jsonb_agg({_ADJUSTMENT} order by id) from smp.adapt_trust(:client, cast(:configured as jsonb))
"""

_ANSWER = f"""
select {_ADJUSTMENT} from smp.answer_relaxation(:client, :entity, :accepted, :reason)
"""

_RAISED = """
select distinct on (entity) entity, threshold from smp.trust_adjustments
where client = :client and kind in ('tightened', 'relaxed')
  and (cast(:at as timestamptz) is null or made_at <= :at)
order by entity, id desc
"""

# The signal that spoke most for what was suggested; what earlier decisions said is not among the evidence about them.
_ACCURACY = """
select jsonb_agg(jsonb_build_object('entity', entity, 'signal', signal, 'decided', decided, 'right', correct,
                                    'at_least', smp.wilson_bound(correct, decided, false))
                 order by entity, signal nulls first)
from (select entity, signal, count(*) as decided, count(*) filter (where is_right) as correct
      from smp.judged_suggestions i
      left join lateral (
          select said ->> 'signal' as signal
          from jsonb_array_elements(coalesce(i.item -> 'candidates', '[]')) candidate,
               jsonb_array_elements(candidate -> 'signals') said
          where candidate -> 'target' ->> 'entity' = i.entity and candidate -> 'target' ->> 'field' = i.field
            and said ->> 'signal' <> 'decisions' and (said ->> 'share')::double precision > 0
          order by (said ->> 'share')::double precision desc, said ->> 'signal' limit 1) strongest on true
      where client = :client
      group by grouping sets ((entity), (entity, signal))
      having grouping(signal) = 1 or signal is not null) counted
"""


class Trust:
    """The policies that the gate of each client goes by, and what decisions make of its thresholds."""

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

    def adapt(self, client: ClientId, configured: Thresholds) -> tuple[TrustAdjustment, ...]:
        """Raises the thresholds of entities whose suggestions are wrong too often; what was changed, or is suggested."""
        made = self._transaction.json(_ADAPT, client=client, configured=to_json(configured.entities))
        return from_json(_ADJUSTMENTS, made or "[]")

    def answer_relaxation(
        self, client: ClientId, entity: str, *, accepted: bool, reason: str
    ) -> TrustAdjustment:
        """Lets a threshold fall as is suggested, or not.

        Raises:
            NotAllowedError: the person is no administrator.
            StaleDecisionError: nothing is suggested of that entity.
            BadDecisionError: the reason is missing.
        """
        made = self._transaction.json(_ANSWER, client=client, entity=entity, accepted=accepted, reason=reason)
        return TrustAdjustment.model_validate_json(made or "")

    def adjustments(self, client: ClientId) -> tuple[TrustAdjustment, ...]:
        """What became of the client's thresholds, and what is suggested, the newest first."""
        return from_json(_ADJUSTMENTS, self._transaction.json(_ADJUSTED, client=client) or "[]")

    def newest_adjustments(self, among: Sequence[ClientId] | None = None) -> tuple[TrustAdjustment, ...]:
        """The newest adjustment of each entity of all clients, or of some."""
        chosen = None if among is None else list(among)
        return from_json(_ADJUSTMENTS, self._transaction.json(_NEWEST, among=chosen) or "[]")

    def raised(self, client: ClientId, at: datetime | None = None) -> dict[str, float]:
        """Thresholds that decisions set, by entity, as they stood at a moment; now without one."""
        rows = self._transaction.rows(_RAISED, client=client, at=at)
        return {str(row["entity"]): float(row["threshold"]) for row in rows}

    def accuracy(self, client: ClientId) -> tuple[Accuracy, ...]:
        """How the client's suggestions fared with people, by entity, and by entity and signal."""
        return from_json(_ACCURACIES, self._transaction.json(_ACCURACY, client=client) or "[]")

    def policies(self, client: ClientId) -> tuple[EntityThreshold, ...]:
        """What the client's entities demand, by name; none before the first proposal."""
        return from_json(_THRESHOLDS, self._transaction.json(_POLICIES, client=client) or "[]")
