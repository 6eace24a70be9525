"""What is told of a client with thousands of columns, counted where they lie."""

from __future__ import annotations

from pydantic import TypeAdapter

from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.quality import QualityLabel
from schema_matching_pipeline.model.review import ItemKind, ReviewItem
from schema_matching_pipeline.model.tally import (
    Backlog,
    ColumnGroup,
    ColumnTally,
    DemandTally,
    LabelGroup,
    MeaningGroup,
)
from schema_matching_pipeline.model.validation import Finding
from schema_matching_pipeline.registry.repositories.mappings import Mappings
from schema_matching_pipeline.registry.repositories.reviews import BARE_ITEM
from schema_matching_pipeline.registry.repositories.validations import NEWEST_FINDINGS
from schema_matching_pipeline.registry.transaction import Transaction, from_json

_ITEMS = TypeAdapter(tuple[ReviewItem, ...])
_COLUMN_GROUPS = TypeAdapter(tuple[ColumnGroup, ...])
_LABEL_GROUPS = TypeAdapter(tuple[LabelGroup, ...])
_LABELS = TypeAdapter(tuple[QualityLabel, ...])
_MEANINGS = TypeAdapter(tuple[MeaningGroup, ...])
_FINDINGS = TypeAdapter(tuple[Finding, ...])

_WAITING = "client = :client and kind = :kind and state in ('open', 'awaiting_second')"
_FURTHEST = f"""
select jsonb_agg({BARE_ITEM} order by i.had - i.needed, (i.source_table || '.' || i.source_column) collate "C", i.id)
from (select * from smp.review_items where {_WAITING}
      order by had - needed, (source_table || '.' || source_column) collate "C", id limit :most) as i
"""

_COLUMNS = """
with asked as materialized (
    select distinct source_table, source_column from smp.review_items
    where client = :client and state in ('open', 'awaiting_second') and source_column <> ''
)
select jsonb_agg(jsonb_build_object(
    'disposition', disposition, 'asked', asked, 'sure', sure, 'columns', columns,
    'target', case when field is not null then jsonb_build_object('entity', entity, 'field', field) end)
    order by disposition, asked, sure, entity, field)
from (
    select m.disposition, a.source_table is not null as asked, m.confidence_score >= :sure as sure,
           m.canonical_entity as entity, m.canonical_field as field, count(*) as columns
    from smp.field_mappings m
    left join asked a on (a.source_table, a.source_column) = (m.source_table, m.source_field)
    where m.client = :client and m.status <> 'deprecated' group by 1, 2, 3, 4, 5
) as groups
"""

# What people said of a label counts while the label is the one they were asked about, which is not for SQL to tell.
_SAID = """
exists (select from smp.item_approvals a where a.client = q.client and a.kind = 'quality' and a.revoked_at is null
    and (a.source_table, a.source_column) = (q.table_name, q.column_name))
"""
_LABELLED = f"""
select jsonb_agg(jsonb_build_object('table', table_name, 'flagged', flagged, 'notes', notes, 'columns', columns)
    order by table_name, flagged, notes)
from (
    select q.table_name, q.label <> 'good' as flagged, coalesce(q.value -> 'notes', '[]') as notes, count(*) as columns
    from smp.quality_labels q where q.client = :client and not {_SAID} group by 1, 2, 3
) as groups
"""
_DECIDED_LABELS = (
    f"select jsonb_agg(q.value order by q.id) from smp.quality_labels q where q.client = :client and {_SAID}"
)

_MEANINGS_OF_CLIENT = """
select jsonb_agg(jsonb_build_object('entity', entity, 'confidence', confidence, 'columns', columns)
    order by entity, confidence)
from (
    select entity, confidence, count(*) as columns
    from smp.classifications where client = :client and semantic_type is not null group by entity, confidence
) as groups
"""

_DEMANDED = """
with standing as materialized (
    select source_table, source_field, canonical_entity, canonical_field from smp.field_mappings
    where client = :client and disposition in ('auto_accepted', 'approved', 'pending_review') and status <> 'deprecated'
)
select count(*) as count from smp.mapping_validation_results r
join standing m on (m.source_table, m.source_field, m.canonical_entity, m.canonical_field)
    = (r.source_table, r.source_field, r.canonical_entity, r.canonical_field)
where r.client = :client and r.demanded and r.digest = (
    select validated_digest from smp.mapping_versions
    where client = :client and validated_digest is not null order by version desc limit 1)
"""
_FAILED = f"select jsonb_agg(r.finding - 'place' order by (r.finding ->> 'place')::int) {NEWEST_FINDINGS} and r.demanded and r.validation_status = 'failed'"


class Tallies:
    """The figures of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._mappings = Mappings(transaction)

    def backlog(self, client: ClientId, kind: ItemKind, *, most: int) -> Backlog:
        """The open items of a kind, so many of them by themselves, without candidates, facts and rules."""
        count = self._transaction.one(
            f"select count(*) as count from smp.review_items where {_WAITING}", client=client, kind=kind
        )["count"]
        found = self._transaction.json(_FURTHEST, client=client, kind=kind, most=most) if count else None
        return Backlog(count=count, furthest=from_json(_ITEMS, found or "[]"))

    def columns(self, client: ClientId, *, sure: float) -> ColumnTally:
        """What the columns are to become; a field is ``sure`` from that confidence on."""
        found = self._transaction.json(_COLUMNS, client=client, sure=sure)
        return ColumnTally(
            groups=from_json(_COLUMN_GROUPS, found or "[]"), below=self._mappings.accepted_below(client)
        )

    def labels(self, client: ClientId) -> tuple[LabelGroup, ...]:
        """The labels of columns about which no person said anything, by table."""
        return from_json(_LABEL_GROUPS, self._transaction.json(_LABELLED, client=client) or "[]")

    def decided_labels(self, client: ClientId) -> tuple[QualityLabel, ...]:
        """The labels of the other columns, each by itself."""
        return from_json(_LABELS, self._transaction.json(_DECIDED_LABELS, client=client) or "[]")

    def meanings(self, client: ClientId) -> tuple[MeaningGroup, ...]:
        """What is known of the meaning of the columns."""
        return from_json(_MEANINGS, self._transaction.json(_MEANINGS_OF_CLIENT, client=client) or "[]")

    def demands(self, client: ClientId) -> DemandTally:
        """What the newest validation says of the checks that risk classes demand."""
        demanded = self._transaction.one(_DEMANDED, client=client)["count"]
        failed = self._transaction.json(_FAILED, client=client) if demanded else None
        return DemandTally(demanded=demanded, failed=from_json(_FINDINGS, failed or "[]"))
