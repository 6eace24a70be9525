"""Mappings: what each column of a client is to become, and every candidate it had.

A decided row stays while its decision stands; everything else is replaced by what routing says now. A
column that is gone keeps its row, deprecated, so that its trail is whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter

from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.ids import ClientId, RunId
from schema_matching_pipeline.model.matching import (
    AlikeMapping,
    Candidate,
    Correspondence,
    Disposition,
    MappedColumn,
    MappingProposal,
    MappingSource,
    NearColumn,
)
from schema_matching_pipeline.model.review import ItemKind, ReviewQueue
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.tally import ColumnGlance
from schema_matching_pipeline.registry.repositories.proposals import Proposals
from schema_matching_pipeline.registry.transaction import (
    Transaction,
    from_json,
    to_json,
)

_MAPPED = TypeAdapter(tuple[MappedColumn, ...])
_NEAR = TypeAdapter(tuple[NearColumn, ...])
_ALIKE_ONES = TypeAdapter(tuple[AlikeMapping, ...])

_REVIVE = """
update smp.field_mappings m set status = 'active'
from jsonb_to_recordset(cast(:columns as jsonb)) as g (source_table text, source_field text, approval_hash text)
where m.client = :client and m.status = 'deprecated' and m.decided_by is not null
  and (m.source_table, m.source_field, m.approval_hash) = (g.source_table, g.source_field, g.approval_hash)
  and smp.decision_stands(m)
"""

_STORE = """
insert into smp.field_mappings as kept
    (client, source_table, source_field, source_data_type, canonical_entity, canonical_field,
     transformation_rule, confidence_score, proposed_confidence, required_threshold,
     disposition, mapping_source, proposer, approval_hash, explanation)
select :client, source_table, source_field, data_type, entity, field, nullif(rule, 'null'),
       confidence, proposed_confidence, threshold, disposition, source, :proposer, approval_hash,
       jsonb_build_object('reason', reason, 'evidence', evidence, 'objections', objections)
from jsonb_to_recordset(cast(:columns as jsonb))
     as given (source_table text, source_field text, data_type text, entity text, field text, rule jsonb,
               confidence double precision, proposed_confidence double precision,
               threshold double precision, disposition text, source text, approval_hash text, reason text,
               evidence text, objections jsonb)
on conflict (tenant_id, client, source_table, source_field) do update
set source_data_type = excluded.source_data_type, canonical_entity = excluded.canonical_entity,
    canonical_field = excluded.canonical_field, transformation_rule = excluded.transformation_rule,
    confidence_score = excluded.confidence_score,
    proposed_confidence = excluded.proposed_confidence, required_threshold = excluded.required_threshold,
    disposition = excluded.disposition, mapping_source = excluded.mapping_source,
    proposer = excluded.proposer, approval_hash = excluded.approval_hash,
    explanation = excluded.explanation, status = 'active',
    validation_status = case
        when (kept.canonical_entity, kept.canonical_field)
             is distinct from (excluded.canonical_entity, excluded.canonical_field) then 'pending'
        else kept.validation_status end
where (kept.source_data_type, kept.canonical_entity, kept.canonical_field, kept.transformation_rule,
       kept.confidence_score, kept.proposed_confidence, kept.required_threshold, kept.disposition,
       kept.mapping_source, kept.approval_hash, kept.explanation, kept.status = 'deprecated')
      is distinct from
      (excluded.source_data_type, excluded.canonical_entity, excluded.canonical_field,
       excluded.transformation_rule, excluded.confidence_score, excluded.proposed_confidence,
       excluded.required_threshold, excluded.disposition, excluded.mapping_source, excluded.approval_hash,
       excluded.explanation, false)
  and not (kept.decided_by is not null and smp.decision_stands(kept)
           and (kept.approval_hash = excluded.approval_hash
                or (kept.disposition = 'excluded' and excluded.disposition = 'excluded')
                or (kept.disposition = 'rejected' and excluded.disposition = 'unmapped' and not exists (
                    select from smp.column_anchors a
                    where (a.client, a.table_name, a.column_name) = (kept.client, kept.source_table, kept.source_field)
                      and a.anchored_at > kept.decided_at))))
"""

_DEPRECATE = """
update smp.field_mappings set status = 'deprecated'
where client = :client and status <> 'deprecated'
  and (source_table, source_field) not in (
      select source_table, source_field
      from jsonb_to_recordset(cast(:columns as jsonb)) as g (source_table text, source_field text))
"""

# Label and position are looked up by unique keys, which is quick even for rows that were just written.
_MAPPED_COLUMN = """
select jsonb_build_object(
    'ref', jsonb_build_object('table', m.source_table, 'column', m.source_field),
    'target', case when m.canonical_field is not null then
        jsonb_build_object('entity', m.canonical_entity, 'field', m.canonical_field) end,
    'disposition', m.disposition, 'confidence', m.confidence_score,
    'proposed_confidence', coalesce(m.proposed_confidence, 0), 'required_threshold', m.required_threshold,
    'source', m.mapping_source, 'rule', m.transformation_rule,
    'mapping_type', m.mapping_type, 'coercion_function', m.coercion_function,
    'explanation', concat_ws('; ', nullif(m.explanation ->> 'reason', ''),
        nullif(nullif(m.explanation ->> 'evidence', ''), m.explanation ->> 'reason')),
    'objections', coalesce(m.explanation -> 'objections', '[]'), 'data_type', coalesce(m.source_data_type, ''),
    'validation_status', m.validation_status, 'approval_hash', m.approval_hash, 'version', m.version,
    'decided_by', coalesce(m.decided_by, ''), 'decided_at', m.decided_at{more})::text as mapped
from smp.field_mappings m
"""

_OF_CLIENT = """where m.client = :client and m.status <> 'deprecated'"""
_CURRENT = f"""
{_MAPPED_COLUMN.format(more=", 'quality_label', coalesce(q.label, '')")}
left join smp.quality_labels q
    on (q.client, q.table_name, q.column_name) = (m.client, m.source_table, m.source_field)
left join smp.column_profiles p on (p.table_name, p.column_name) = (m.source_table, m.source_field)
    and p.snapshot_id = (select snapshot_id from smp.table_profiles where client = :client order by id desc limit 1)
{{which}}
order by m.source_table collate "C", p.position nulls last, m.source_field collate "C"
"""
_AMONG = f"""
{_OF_CLIENT} and (m.source_table, m.source_field) in (
    select * from unnest(cast(:tables as text[]), cast(:columns as text[])))
"""

# A column about which people are asked waits for them, whatever was to become of it.
_GLANCES = """
select m.source_table, m.source_field, m.canonical_entity, m.canonical_field,
       case when a.source_table is null then m.disposition else 'pending_review' end,
       case when m.canonical_field is not null then m.confidence_score end
from smp.field_mappings m
left join (select distinct source_table, source_column from smp.review_items
           where client = %(client)s and state in ('open', 'awaiting_second') and source_column <> '') as a
    on (a.source_table, a.source_column) = (m.source_table, m.source_field)
where m.client = %(client)s and m.status <> 'deprecated'
"""

_BELOW = f"""
{_MAPPED_COLUMN.format(more="")}
where m.client = :client and m.status <> 'deprecated' and m.disposition = 'auto_accepted'
  and m.confidence_score < m.required_threshold
order by m.source_table collate "C", m.source_field collate "C"
"""

_COLUMN = f"""
{_MAPPED_COLUMN.format(more="")}
where m.client = :client and m.status <> 'deprecated' and (m.source_table, m.source_field) = (:table, :column)
"""

_NEAREST = """
select jsonb_agg(jsonb_build_object(
    'ref', jsonb_build_object('table', table_name, 'column', column_name), 'confidence', confidence)
    order by confidence desc, table_name, column_name)
from (
    select c.table_name, c.column_name, c.confidence
    from smp.mapping_candidates c
    join smp.field_mappings m
        on (m.client, m.source_table, m.source_field) = (c.client, c.table_name, c.column_name)
    where c.client = :client and (c.entity, c.field) = (:entity, :field) and c.confidence >= :least
      and m.disposition in ('unmapped', 'rejected') and m.status <> 'deprecated'
    order by c.confidence desc, c.table_name, c.column_name limit :most) nearest
"""

# People's word before the pipeline's own, the same client's before others'.
_ALIKE = """
select jsonb_agg(jsonb_build_object(
    'client', client, 'ref', jsonb_build_object('table', source_table, 'column', source_field),
    'target', jsonb_build_object('entity', canonical_entity, 'field', canonical_field), 'decided_by', decided_by)
    order by place)
from (
    select m.*, row_number() over (order by m.client <> :client, m.decided_by is null, m.client, m.source_table,
                                            m.source_field) as place
    from smp.field_mappings m
    where ((m.canonical_entity, m.canonical_field) = (:entity, :field) or m.source_field = :column)
      and m.canonical_field is not null and m.status = 'active' and m.disposition in ('auto_accepted', 'approved')
      and (m.client, m.source_table, m.source_field) <> (:client, :table, :column)
      and (cast(:among as text[]) is null or m.client = any (cast(:among as text[])))
    order by place limit :most) alike
"""


class Mappings:
    """The mappings of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._proposals = Proposals(transaction)

    def store(
        self,
        client: ClientId,
        run_id: RunId,
        proposal: MappingProposal,
        queue: ReviewQueue,
        data_types: Mapping[ColumnRef, str],
    ) -> None:
        """Replaces what is undecided by the proposal as it was routed; decisions that stand are carried over."""
        columns = to_json(_column_rows(proposal, queue, data_types))
        place = {"client": client, "columns": columns}
        self._transaction.run(_REVIVE, **place)
        self._transaction.run(_STORE, proposer=f"knowledge {proposal.knowledge_version}", **place)
        self._transaction.run(_DEPRECATE, **place)
        self._proposals.store(client, run_id, proposal)
        self._transaction.run("select smp.carry_over(:client)", client=client)

    def current(self, client: ClientId) -> tuple[MappedColumn, ...]:
        """What every column is to become, by table and position."""
        return self._mapped(_CURRENT.format(which=_OF_CLIENT), client=client)

    def among(self, client: ClientId, refs: Sequence[ColumnRef]) -> tuple[MappedColumn, ...]:
        """What some columns are to become, by table and position."""
        tables, columns = [ref.table for ref in refs], [ref.column for ref in refs]
        return self._mapped(_CURRENT.format(which=_AMONG), client=client, tables=tables, columns=columns)

    def glances(self, client: ClientId) -> tuple[ColumnGlance, ...]:
        """Every column, as far as lists are searched and put in order by it."""
        return tuple(map(ColumnGlance._make, self._transaction.packed_rows(_GLANCES, client=client)))

    def column(self, client: ClientId, ref: ColumnRef) -> MappedColumn | None:
        """What one column is to become, its quality left out; None where there is no such column."""
        found = self._mapped(_COLUMN, client=client, table=ref.table, column=ref.column)
        return next(iter(found), None)

    def accepted_below(self, client: ClientId) -> tuple[MappedColumn, ...]:
        """Columns that were accepted by themselves below their threshold, their quality left out; there should be none."""
        return self._mapped(_BELOW, client=client)

    def proposed(self, client: ClientId, ref: ColumnRef) -> Correspondence | None:
        """What the newest proposal says of one column."""
        return self._proposals.column(client, ref)

    def proposed_of(self, client: ClientId, table: str) -> dict[ColumnRef, Correspondence]:
        """What the newest proposal says of the columns of one table."""
        return {each.ref: each for each in self._proposals.table(client, table)}

    def proposal(self, client: ClientId) -> MappingProposal | None:
        """The newest proposal with all candidates, or None where nothing was ever proposed."""
        return self._proposals.current(client)

    def candidates(self, client: ClientId, ref: ColumnRef) -> tuple[Candidate, ...]:
        """The fields one column may fill, the likeliest first."""
        return self._proposals.candidates(client, ref)

    def nearest(
        self, client: ClientId, target: FieldRef, *, least: float, most: int
    ) -> tuple[NearColumn, ...]:
        """Columns that fill nothing and are not far from the field, the nearest first."""
        near = {"entity": target.entity, "field": target.field, "least": least, "most": most}
        return from_json(_NEAR, self._transaction.json(_NEAREST, client=client, **near) or "[]")

    def alike(
        self,
        client: ClientId,
        ref: ColumnRef,
        target: FieldRef | None,
        *,
        among: Sequence[ClientId] | None,
        most: int,
    ) -> tuple[AlikeMapping, ...]:
        """Accepted mappings to the field, or of columns of that name, of the tenant or of some clients; the client's own first."""
        found = self._transaction.json(
            _ALIKE,
            client=client,
            table=ref.table,
            column=ref.column,
            entity=target.entity if target else None,
            field=target.field if target else None,
            among=None if among is None else list(among),
            most=most,
        )
        return from_json(_ALIKE_ONES, found or "[]")

    def _mapped(self, query: str, **place: object) -> tuple[MappedColumn, ...]:
        rows = self._transaction.rows(query, **place)
        return from_json(_MAPPED, f"[{','.join(row['mapped'] for row in rows)}]")


def _column_rows(
    proposal: MappingProposal, queue: ReviewQueue, data_types: Mapping[ColumnRef, str]
) -> list[dict[str, object]]:
    """One row a routed column. A column about whose quality is asked is bound to that question."""
    correspondences = proposal.by_ref()
    asked = {item.ref: item.approval_hash for item in queue.items if item.kind is ItemKind.QUALITY}
    rows: list[dict[str, object]] = []
    for routed in queue.columns:
        proposed = correspondences.get(routed.ref)
        keeps_rule = proposed is not None and proposed.target == routed.target
        rows.append(
            {
                "source_table": routed.ref.table,
                "source_field": routed.ref.column,
                "data_type": data_types.get(routed.ref),
                "entity": routed.target.entity if routed.target else None,
                "field": routed.target.field if routed.target else None,
                "rule": proposed.rule if proposed and keeps_rule else None,
                "confidence": routed.confidence,
                "proposed_confidence": proposed.confidence if proposed else None,
                "threshold": routed.required_threshold,
                "disposition": _written(routed.disposition),
                "source": proposed.source if proposed else MappingSource.AUTO_DETECTED,
                "approval_hash": asked.get(routed.ref, routed.approval_hash),
                "reason": routed.reason,
                "evidence": proposed.explanation if proposed else "",
                "objections": proposed.objections if proposed else (),
            }
        )
    return rows


def _written(disposition: Disposition) -> Disposition:
    """What may be written of a decided column: it waits, until the law gives the decision back to it."""
    decided = disposition in {Disposition.APPROVED, Disposition.REJECTED}
    return Disposition.PENDING_REVIEW if decided else disposition
