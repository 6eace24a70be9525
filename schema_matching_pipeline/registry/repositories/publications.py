"""Versions, gates, final approvals and publications: all of it is the law's, here it is only asked."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import TypeAdapter

from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.matching import ColumnAtRest, MappedColumn, MappingInForce, Publication
from schema_matching_pipeline.model.review import GateState
from schema_matching_pipeline.registry.transaction import Transaction, from_json

_MAPPED = TypeAdapter(tuple[MappedColumn, ...])
_IN_FORCE_VALUES = TypeAdapter(tuple[MappingInForce, ...])
_AT_REST_VALUES = TypeAdapter(tuple[ColumnAtRest, ...])

_SETTLED_AT = "select created_at from smp.mapping_versions where client = :client and version = :version"

_LATEST = """
select jsonb_build_object(
    'client', client, 'version', version, 'digest', digest, 'mappings', mappings, 'approved_by', approved_by,
    'published_at', to_char(published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'repeated', false)
from smp.publications where client = :client order by version desc limit 1
"""

_VALIDATED = """
select case when validated_digest = digest then validated_at end as validated_at
from smp.mapping_versions where client = :client order by version desc limit 1
"""

_PUBLISHED = """
select jsonb_agg(jsonb_build_object(
    'ref', jsonb_build_object('table', p.source_table, 'column', p.source_field),
    'target', jsonb_build_object('entity', p.canonical_entity, 'field', p.canonical_field),
    'disposition', p.disposition, 'confidence', p.confidence_score,
    'proposed_confidence', coalesce(m.proposed_confidence, p.confidence_score),
    'required_threshold', coalesce(m.required_threshold, 0),
    'source', coalesce(m.mapping_source, 'manual'), 'rule', p.transformation_rule,
    'mapping_type', p.mapping_type, 'coercion_function', p.coercion_function,
    'explanation', coalesce(m.explanation ->> 'reason', ''),
    'data_type', coalesce(p.source_data_type, ''), 'quality_label', coalesce(q.label, ''),
    'validation_status', coalesce(m.validation_status, 'pending'),
    'approval_hash', coalesce(m.approval_hash, ''), 'version', p.version)
    order by p.source_table, p.source_field)
from smp.published_mappings p
left join smp.field_mappings m on m.id = p.field_mapping_id
left join smp.quality_labels q
    on q.client = p.client and q.table_name = p.source_table and q.column_name = p.source_field
where p.client = :client
  and p.version = (select max(version) from smp.publications where client = :client)
"""


# A column's anchor moves when the column drifts; one that moved after the publication is news to everybody.
_IN_FORCE = """
select jsonb_agg(jsonb_build_object(
    'ref', jsonb_build_object('table', p.source_table, 'column', p.source_field),
    'target', jsonb_build_object('entity', p.canonical_entity, 'field', p.canonical_field),
    'decided', p.disposition = 'approved',
    'changed', coalesce(a.anchored_at > done.published_at, false)) order by p.source_table, p.source_field)
from smp.published_mappings p
join smp.publications done on done.client = p.client and done.version = p.version
left join smp.column_anchors a
    on a.client = p.client and a.table_name = p.source_table and a.column_name = p.source_field
where p.client = :client
  and p.version = (select max(version) from smp.publications where client = :client)
"""

# What a person approved is kept by the approval. Here is what became of the other columns when they were published; one
# whose suggestion was refused rests from the refusal on, since that alone publishes nothing.
_AT_REST = """
with done as (
    select p.client, p.version, p.published_at
    from smp.publications p
    join smp.mapping_versions v on v.client = p.client and v.version = p.version
    join smp.clients c on c.slug = p.client
    join smp.canonical_models m on m.name = c.canonical_model and m.is_current and m.digest = v.canonical_digest
    where p.client = :client and p.version = (select max(version) from smp.publications where client = :client)
), settled as (
    select source_table, source_field, canonical_entity, canonical_field, transformation_rule, confidence_score,
           published_at as settled_at
    from smp.published_mappings p join done using (client, version)
    where disposition = 'auto_accepted' and not exists (
        select from smp.field_mappings m
        where (m.client, m.source_table, m.source_field) = (p.client, p.source_table, p.source_field)
          and m.disposition in ('rejected', 'unmapped') and m.status <> 'deprecated')
    union all
    select source_table, source_field, null, null, null, confidence_score, greatest(published_at, decided_at)
    from smp.field_mappings join done using (client)
    where status <> 'deprecated' and (disposition = 'rejected' or (disposition = 'unmapped' and decided_by is null))
)
select jsonb_agg(jsonb_build_object(
    'ref', jsonb_build_object('table', s.source_table, 'column', s.source_field),
    'target', case when s.canonical_field is not null
        then jsonb_build_object('entity', s.canonical_entity, 'field', s.canonical_field) end,
    'rule', s.transformation_rule, 'confidence', s.confidence_score) order by s.source_table, s.source_field)
from settled s
join smp.column_anchors a
    on a.client = :client and a.table_name = s.source_table and a.column_name = s.source_field
where a.anchored_at <= s.settled_at
"""


class Publications:
    """The gates and publications of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def settle_version(self, client: ClientId) -> tuple[int, str]:
        """Number and digest of the version that holds what is accepted now; a new one where that changed."""
        settled = self._transaction.one("select * from smp.settle_version(:client)", client=client)
        return settled["version"], settled["digest"]

    def gate(self, client: ClientId) -> GateState:
        """Both gates at the newest version, with everything that holds them."""
        return self._gate("smp.gate(:client)", client=client)

    def gate_in_short(self, client: ClientId, most: int) -> GateState:
        """Both gates, for people to look at: as ``gate``, with so many review items named and the others counted."""
        return self._gate("smp.gate_in_short(:client, :most)", client=client, most=most)

    def validated_at(self, client: ClientId) -> datetime | None:
        """When the newest version was put to the test, in UTC; None where it was not as it stands."""
        newest = self._transaction.row(_VALIDATED, client=client)
        at: datetime | None = newest["validated_at"] if newest else None
        return at.astimezone(UTC) if at else None

    def settled_at(self, client: ClientId, version: int) -> datetime:
        """When a version was settled, in UTC."""
        row = self._transaction.one(_SETTLED_AT, client=client, version=version)
        settled: datetime = row["created_at"]
        return settled.astimezone(UTC)

    def approve_final(self, client: ClientId, version: int, digest: str, reason: str) -> GateState:
        """Approves one version for production, in the name of the person who acts.

        Raises:
            NotAllowedError: the person may not.
            GateClosedError: something still waits.
            StaleDecisionError: that version is not the newest as it stands.
        """
        return self._gate(
            "smp.approve_final(:client, :version, :digest, :reason)",
            client=client,
            version=version,
            digest=digest,
            reason=reason,
        )

    def refuse_final(self, client: ClientId, version: int, digest: str, reason: str) -> GateState:
        """Refuses one version for production, with a reason.

        Raises:
            NotAllowedError: the person may not.
            BadDecisionError: the reason is missing.
            StaleDecisionError: that version is not the newest as it stands.
        """
        return self._gate(
            "smp.refuse_final(:client, :version, :digest, :reason)",
            client=client,
            version=version,
            digest=digest,
            reason=reason,
        )

    def approve_by_policy(self, client: ClientId) -> bool:
        """Whether the trust profile that the newest run began under approved the newest version by itself."""
        row = self._transaction.one("select smp.approve_by_policy(:client) as approved", client=client)
        return bool(row["approved"])

    def publish(self, client: ClientId) -> Publication:
        """The receipt of publishing the newest version; of the earlier publication where it is out already.

        Raises:
            GateClosedError: something holds a gate; nothing was published.
        """
        receipt = self._transaction.json("smp.publish(:client)", client=client)
        return Publication.model_validate_json(receipt or "")

    def latest(self, client: ClientId) -> Publication | None:
        """The publication in force, or None where nothing was ever published."""
        receipt = self._transaction.json(_LATEST, client=client)
        return None if receipt is None else Publication.model_validate_json(receipt)

    def published(self, client: ClientId) -> tuple[MappedColumn, ...]:
        """The mappings in force, as they stood when they were published; ``version`` is the publication's."""
        return from_json(_MAPPED, self._transaction.json(_PUBLISHED, client=client) or "[]")

    def in_force(self, client: ClientId) -> tuple[MappingInForce, ...]:
        """Which column fills which field in production, and which of them changed since."""
        return from_json(_IN_FORCE_VALUES, self._transaction.json(_IN_FORCE, client=client) or "[]")

    def at_rest(self, client: ClientId) -> tuple[ColumnAtRest, ...]:
        """What became of each column that nobody gave a field, where neither it nor the canonical model changed since.

        Empty before the first publication.
        """
        return from_json(_AT_REST_VALUES, self._transaction.json(_AT_REST, client=client) or "[]")

    def _gate(self, call: str, **values: object) -> GateState:
        return GateState.model_validate_json(self._transaction.json(call, **values) or "")
