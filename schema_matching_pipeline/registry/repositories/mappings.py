"""Mappings: what each column of a client is to become, and every candidate it had.

A decided row stays while its decision stands; everything else is replaced by what routing says now. A
column that is gone keeps its row, deprecated, so that its trail is whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from pydantic import TypeAdapter

from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.ids import ClientId, RunId
from schema_matching_pipeline.model.matching import (
    Candidate,
    Correspondence,
    Disposition,
    MappedColumn,
    MappingProposal,
    MappingSource,
    SignalScore,
)
from schema_matching_pipeline.model.review import ItemKind, ReviewQueue
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.registry.transaction import (
    Transaction,
    collection_paused,
    from_json,
    to_json,
)

_MAPPED = TypeAdapter(tuple[MappedColumn, ...])
_CORRESPONDENCES = TypeAdapter(tuple[Correspondence, ...])
_PACKED_CANDIDATES = TypeAdapter(
    tuple[tuple[str, str, tuple[tuple[str, str, float, tuple[tuple[str, float, float], ...]], ...]], ...]
)
_DIGITS = 6  # of scores and shares; a person never sees more, and they fill most of the space

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
     transformation_rule, coercion_function, confidence_score, proposed_confidence, required_threshold,
     disposition, mapping_source, proposer, approval_hash, explanation)
select :client, source_table, source_field, data_type, entity, field, nullif(rule, 'null'), rule ->> 'cast',
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
    coercion_function = excluded.coercion_function, confidence_score = excluded.confidence_score,
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
                or (kept.disposition = 'excluded' and excluded.disposition = 'excluded')))
"""

_DEPRECATE = """
update smp.field_mappings set status = 'deprecated'
where client = :client and status <> 'deprecated'
  and (source_table, source_field) not in (
      select source_table, source_field
      from jsonb_to_recordset(cast(:columns as jsonb)) as g (source_table text, source_field text))
"""

_CURRENT = """
select jsonb_agg(jsonb_build_object(
    'ref', jsonb_build_object('table', m.source_table, 'column', m.source_field),
    'target', case when m.canonical_field is not null then
        jsonb_build_object('entity', m.canonical_entity, 'field', m.canonical_field) end,
    'disposition', m.disposition, 'confidence', m.confidence_score,
    'proposed_confidence', coalesce(m.proposed_confidence, 0), 'required_threshold', m.required_threshold,
    'source', m.mapping_source, 'rule', m.transformation_rule,
    'explanation', concat_ws('; ', nullif(m.explanation ->> 'reason', ''),
                             nullif(m.explanation ->> 'evidence', '')),
    'objections', coalesce(m.explanation -> 'objections', '[]'),
    'data_type', coalesce(m.source_data_type, ''), 'quality_label', coalesce(q.label, ''),
    'validation_status', m.validation_status, 'approval_hash', m.approval_hash, 'version', m.version)
    order by m.source_table, p.position, m.source_field)
from smp.field_mappings m
left join smp.quality_labels q
    on q.client = m.client and q.table_name = m.source_table and q.column_name = m.source_field
left join (
    select table_name, column_name, position from smp.column_profiles
    where snapshot_id = (select snapshot_id from smp.table_profiles where client = :client
                         order by id desc limit 1)) p
    on p.table_name = m.source_table and p.column_name = m.source_field
where m.client = :client and m.status <> 'deprecated'
"""

_PROPOSAL = """
select canonical_digest, knowledge_version, digest, correspondences::text as correspondences
from smp.mapping_proposals where client = :client
"""

_STORE_PROPOSAL = """
insert into smp.mapping_proposals
    (client, run_id, canonical_digest, knowledge_version, digest, correspondences)
values (:client, cast(:run as uuid), :canonical, :knowledge, :digest, cast(:correspondences as jsonb))
on conflict (tenant_id, client) do update
set run_id = excluded.run_id, canonical_digest = excluded.canonical_digest,
    knowledge_version = excluded.knowledge_version, digest = excluded.digest,
    correspondences = excluded.correspondences, proposed_at = now()
"""

_STORE_CANDIDATES = """
insert into smp.mapping_candidates
    (client, run_id, table_name, column_name, rank, entity, field, score, confidence, shares)
select :client, cast(:run as uuid), given.value ->> 0, given.value ->> 1, candidate.rank,
       candidate.value ->> 0, candidate.value ->> 1, null, (candidate.value ->> 2)::double precision,
       candidate.value -> 3
from jsonb_array_elements(cast(:columns as jsonb)) as given (value),
     jsonb_array_elements(given.value -> 2) with ordinality as candidate (value, rank)
"""

_CANDIDATES = """
select jsonb_agg(jsonb_build_array(table_name, column_name, candidates))
from (select table_name, column_name,
             jsonb_agg(jsonb_build_array(entity, field, confidence, shares) order by rank) as candidates
      from smp.mapping_candidates
      where client = :client
        and (cast(:table as text) is null or (table_name, column_name) = (:table, :column))
      group by table_name, column_name) as by_column
"""


class Mappings:
    """The mappings of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

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
        self._store_proposal(client, run_id, proposal)
        self._transaction.run("select smp.carry_over(:client)", client=client)

    def current(self, client: ClientId) -> tuple[MappedColumn, ...]:
        """What every column is to become, by table and position."""
        return from_json(_MAPPED, self._transaction.json(_CURRENT, client=client) or "[]")

    def proposal(self, client: ClientId) -> MappingProposal | None:
        """The newest proposal with all candidates, or None where nothing was ever proposed."""
        row = self._transaction.row(_PROPOSAL, client=client)
        if row is None:
            return None
        candidates = dict(self._candidates(client, None))
        with collection_paused():
            return MappingProposal(
                correspondences=tuple(
                    each.model_copy(update={"candidates": candidates.get(each.ref, ())})
                    for each in _CORRESPONDENCES.validate_json(row["correspondences"])
                ),
                canonical_digest=row["canonical_digest"],
                knowledge_version=row["knowledge_version"],
            )

    def candidates(self, client: ClientId, ref: ColumnRef) -> tuple[Candidate, ...]:
        """The fields one column may fill, the likeliest first."""
        return dict(self._candidates(client, ref)).get(ref, ())

    def _store_proposal(self, client: ClientId, run_id: RunId, proposal: MappingProposal) -> None:
        """Writes the proposal unless it is the one that is there already: routing again changes nothing in it."""
        bare = tuple(each.model_copy(update={"candidates": ()}) for each in proposal.correspondences)
        correspondences, candidates = to_json(bare), to_json(list(_packed(proposal)))
        digest = hashlib.sha256(f"{correspondences}{candidates}".encode()).hexdigest()
        known = self._transaction.row(_PROPOSAL, client=client)
        if known is not None and known["digest"] == digest:
            return
        self._transaction.run(
            _STORE_PROPOSAL,
            client=client,
            run=run_id,
            canonical=proposal.canonical_digest,
            knowledge=proposal.knowledge_version,
            digest=digest,
            correspondences=correspondences,
        )
        self._transaction.run("delete from smp.mapping_candidates where client = :client", client=client)
        self._transaction.run(_STORE_CANDIDATES, client=client, run=run_id, columns=candidates)

    def _candidates(
        self, client: ClientId, ref: ColumnRef | None
    ) -> Iterator[tuple[ColumnRef, tuple[Candidate, ...]]]:
        packed = self._transaction.json(
            _CANDIDATES,
            client=client,
            table=ref.table if ref else None,
            column=ref.column if ref else None,
        )
        targets: dict[tuple[str, str], FieldRef] = {}
        with collection_paused():
            for table, column, candidates in _PACKED_CANDIDATES.validate_json(packed or "[]"):
                yield (
                    ColumnRef(table=table, column=column),
                    tuple(_candidate(targets, *each) for each in candidates),
                )


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


def _packed(proposal: MappingProposal) -> Iterator[tuple[object, ...]]:
    """Columns with their candidates, as short as JSON goes: names of fields would be most of it."""
    for each in proposal.correspondences:
        yield (
            each.ref.table,
            each.ref.column,
            [
                (
                    candidate.target.entity,
                    candidate.target.field,
                    candidate.confidence,
                    [
                        (signal.signal, round(signal.score, _DIGITS), round(signal.share, _DIGITS))
                        for signal in candidate.signals
                    ],
                )
                for candidate in each.candidates
            ],
        )


def _candidate(
    targets: dict[tuple[str, str], FieldRef],
    entity: str,
    field: str,
    confidence: float,
    signals: tuple[tuple[str, float, float], ...],
) -> Candidate:
    target = targets.setdefault((entity, field), FieldRef(entity=entity, field=field))
    return Candidate(
        target=target,
        confidence=confidence,
        signals=tuple(SignalScore(signal=name, score=score, share=share) for name, score, share in signals),
    )
