"""The value bank: what publications taught. Names of columns, sketches of values, short lists of codes.

Values are known by their keyed hashes alone. What a person approved is verified at once; what a trust
profile approved by itself is not, unless its values are seen at several clients and the profile trusts that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import TypeAdapter

from schema_matching_pipeline.errors import StaleDecisionError, UnknownNameError
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.knowledge import (
    ColumnVariant,
    FieldExample,
    FieldValues,
    PastMapping,
    RefusedBefore,
)
from schema_matching_pipeline.model.matching import Disposition, MappedColumn
from schema_matching_pipeline.model.policy import LearningPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, ValueSketch
from schema_matching_pipeline.model.registry import FieldKnowledge, LearnedValue, ValueState
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.value_map import KnownTranslation
from schema_matching_pipeline.registry.repositories.field_sketches import (
    FieldSketches,
    TaughtColumn,
    TaughtRow,
    target_of,
)
from schema_matching_pipeline.registry.transaction import Transaction, from_json, to_json

_VARIANTS = TypeAdapter(tuple[ColumnVariant, ...])
_PAST = TypeAdapter(tuple[PastMapping, ...])
_REFUSED = TypeAdapter(tuple[RefusedBefore, ...])
_TRANSLATIONS = TypeAdapter(tuple[KnownTranslation, ...])

_LIST_VARIANTS = """
select jsonb_agg(jsonb_build_object(
    'target', jsonb_build_object('entity', entity, 'field', field), 'name', name, 'table', table_name,
    'clients', clients) order by entity, field, name, table_name)
from (select entity, field, name, table_name, count(distinct client) as clients
      from smp.column_variants group by entity, field, name, table_name) as learned
"""

# Nothing is an answer about the fields there were: it counts for the same canonical model, as it is now. A person
# must have said so: a meaning that was refused leaves a column without a field too.
_LIST_PAST = """
select jsonb_agg(jsonb_build_object(
    'client', client, 'ref', jsonb_build_object('table', source_table, 'column', source_field),
    'target', case when field is not null then jsonb_build_object('entity', entity, 'field', field) end,
    'data_type', coalesce(source_data_type, ''), 'looks', looks) order by client, source_table, source_field)
from (select p.client, p.source_table, p.source_field, p.source_data_type, p.canonical_entity as entity,
             p.canonical_field as field, null::jsonb as looks
      from smp.published_mappings p
      join (select client, max(version) as version from smp.publications group by client) as newest
          using (client, version)
      where p.transformation_rule -> 'computed' is null
      union all
      select m.client, m.source_table, m.source_field, m.source_data_type, null, null,
             a.profile || '{"top_values": [], "tokens": []}'
      from smp.field_mappings m
      join smp.clients theirs on theirs.slug = m.client
      join smp.clients own on own.slug = :client and own.canonical_model = theirs.canonical_model
      join smp.canonical_models model on model.name = own.canonical_model and model.is_current
      left join smp.column_anchors a
          on (a.client, a.table_name, a.column_name) = (m.client, m.source_table, m.source_field)
      where m.disposition = 'unmapped' and m.decided_by is not null and m.status <> 'deprecated'
        and exists (
            select from smp.item_approvals said
            join smp.standing_actions action
                on (action.client, action.item_id, action.decided_at)
                 = (said.client, said.item_id, said.decided_at)
            where (said.client, said.source_table, said.source_column, said.approval_hash)
                = (m.client, m.source_table, m.source_field, m.approval_hash)
              and said.kind = 'mapping' and said.revoked_at is null and action.decision = 'unmap'
              and said.decided_at >= model.created_at)) as decided
where client <> :client
"""

# A refusal is about the field as it was then; one that the client's own people overcame is none.
_LIST_REFUSED = """
select jsonb_agg(jsonb_build_object(
    'client', p.client, 'ref', jsonb_build_object('table', p.source_table, 'column', p.source_column),
    'target', jsonb_build_object('entity', p.entity, 'field', p.field),
    'looks', a.profile || '{"top_values": [], "tokens": []}')
    order by p.client, p.source_table, p.source_column, p.entity, p.field)
from (select client, source_table, source_column, entity, field, max(rejected_at) as rejected_at
      from smp.rejected_pairs group by client, source_table, source_column, entity, field) as p
join smp.clients theirs on theirs.slug = p.client
join smp.clients own on own.slug = :client and own.canonical_model = theirs.canonical_model
join smp.canonical_models model on model.name = own.canonical_model and model.is_current
join smp.column_anchors a
    on (a.client, a.table_name, a.column_name) = (p.client, p.source_table, p.source_column)
where p.client <> :client and p.rejected_at >= model.created_at and not exists (
    select from smp.field_mappings m
    where (m.client, m.source_table, m.source_field, m.canonical_entity, m.canonical_field)
        = (p.client, p.source_table, p.source_column, p.entity, p.field)
      and m.disposition in ('approved', 'auto_accepted') and m.status <> 'deprecated')
"""

# The profile a column's approvals stand on; of many clients that fill a field the newest teach how it looks.
_LIST_EXAMPLES = """
select entity, field, profile
from (select p.canonical_entity as entity, p.canonical_field as field, a.profile::text as profile,
             row_number() over (partition by p.canonical_entity, p.canonical_field
                                order by n.published_at desc, p.client, p.source_table, p.source_field) as place
      from smp.published_mappings p
      join (select distinct on (client) client, version, published_at
            from smp.publications order by client, version desc) n using (client, version)
      join smp.column_anchors a
          on (a.client, a.table_name, a.column_name) = (p.client, p.source_table, p.source_field)
      where p.client <> :client) as shown
where place <= :kept
order by entity, field, place
"""

# What people made of codes, in rules that are in force.
_LIST_TRANSLATIONS = """
select jsonb_agg(jsonb_build_object(
    'target', jsonb_build_object('entity', entity, 'field', field), 'code', code, 'value', value,
    'equivalence', equivalence, 'clients', clients) order by entity, field, code, value)
from (select p.canonical_entity as entity, p.canonical_field as field, code.key as code, code.value,
             coalesce(step.value -> 'equivalence' ->> code.key, 'equal') as equivalence,
             count(distinct p.client) as clients,
             row_number() over (partition by p.canonical_entity, p.canonical_field, code.key
                                order by count(distinct p.client) desc, code.value) as place
      from smp.published_mappings p
      join (select client, max(version) as version from smp.publications group by client) as newest
          using (client, version)
      cross join lateral jsonb_array_elements(
          case jsonb_typeof(p.transformation_rule -> 'steps') when 'array' then p.transformation_rule -> 'steps'
          else '[]' end) as step
      cross join lateral jsonb_each_text(
          case step.value ->> 'step' when 'map_values' then step.value -> 'codes' else '{}' end) as code
      where p.client is distinct from :client and p.disposition = 'approved'
      group by 1, 2, 3, 4, 5) as said
where place = 1
"""

_COLUMNS = """
jsonb_to_recordset(cast(:columns as jsonb))
    as g (table_name text, column_name text, entity text, field text, verified bool)
"""

_FORGET_VARIANTS = f"""
delete from smp.column_variants v where v.client = :client and not exists (
    select from {_COLUMNS}
    where (g.entity, g.field, g.column_name, g.table_name) = (v.entity, v.field, v.name, v.table_name))
"""

_ADD_VARIANTS = f"""
insert into smp.column_variants (client, entity, field, name, table_name)
select :client, entity, field, column_name, table_name from {_COLUMNS} on conflict do nothing
"""

_FORGET_SIGHTINGS = "delete from smp.value_bank_sightings where client = :client"

_VALUES = """
jsonb_to_recordset(cast(:values as jsonb)) as g (entity text, field text, value_hash text, verified bool)
"""

_ADD_VALUES = f"""
insert into smp.value_bank_entries (entity, field, value_hash)
select distinct entity, field, value_hash from {_VALUES} on conflict do nothing
"""

_ADD_SIGHTINGS = f"""
insert into smp.value_bank_sightings (entry_id, client, occurrences)
select e.id, :client, count(*)
from {_VALUES} join smp.value_bank_entries e using (entity, field, value_hash) group by e.id
"""

# What nobody shows any more goes, unless a person refused it: a refusal is remembered.
_SETTLE_VALUES = f"""
with seen as (
    select entry_id, count(*) as clients from smp.value_bank_sightings group by entry_id
), gone as (
    delete from smp.value_bank_entries e
    where e.status <> 'rejected' and not exists (select from seen where entry_id = e.id)
)
update smp.value_bank_entries e
set status = case
        when e.status = 'pending' and (g.verified or (:auto_verify and seen.clients >= :enough)) then 'verified'
        else e.status end,
    decided_by = case
        when e.status = 'pending' and g.verified then :approver
        when e.status = 'pending' and :auto_verify and seen.clients >= :enough then 'policy:high occurrence'
        else e.decided_by end,
    occurrences = seen.clients, last_seen_at = now()
from seen, (select entity, field, value_hash, bool_or(verified) as verified from {_VALUES}
            group by entity, field, value_hash) as g
where seen.entry_id = e.id and (g.entity, g.field, g.value_hash) = (e.entity, e.field, e.value_hash)
  and (e.occurrences <> seen.clients
       or (e.status = 'pending' and (g.verified or (:auto_verify and seen.clients >= :enough))))
"""

_LIST_VALUES = """
select e.id, e.entity, e.field, e.value_hash, e.status as state, count(s.client) as clients
from smp.value_bank_entries e left join smp.value_bank_sightings s on s.entry_id = e.id
where (e.entity = cast(:entity as text) or e.id = cast(:id as bigint)) and (e.status = 'pending' or not :pending)
group by e.id order by e.field, e.value_hash
"""

_COUNT_VALUES = """
select entity, field, count(*) filter (where status = 'verified') as verified,
       count(*) filter (where status = 'pending') as pending, count(*) filter (where status = 'rejected') as rejected
from smp.value_bank_entries group by entity, field order by entity, field
"""

_DECIDE_VALUE = """
update smp.value_bank_entries set status = :state, decided_by = :by
where id = :id and status in ('pending', :state) returning id
"""


class ValueBank:
    """What one tenant learned from its publications."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._policy = LearningPolicy()
        self._sketches = FieldSketches(transaction, self._policy)

    def variants(self) -> tuple[ColumnVariant, ...]:
        """Column names that were published for a field, with how many clients use them so."""
        return from_json(_VARIANTS, self._transaction.json(_LIST_VARIANTS) or "[]")

    def field_values(self) -> tuple[FieldValues, ...]:
        """What the verified values of each field look like."""
        return self._sketches.field_values()

    def past_mappings(self, *, exclude_client: ClientId) -> tuple[PastMapping, ...]:
        """What other clients of the tenant have in force, and what their people mapped to nothing."""
        return from_json(_PAST, self._transaction.json(_LIST_PAST, client=exclude_client) or "[]")

    def refused(self, *, exclude_client: ClientId) -> tuple[RefusedBefore, ...]:
        """Pairs that people of the tenant's other clients of the same canonical model refused."""
        found = self._transaction.json(_LIST_REFUSED, client=exclude_client)
        return from_json(_REFUSED, found or "[]")

    def examples(self, *, exclude_client: ClientId) -> tuple[FieldExample, ...]:
        """How the columns look that other clients of the tenant have in force for each field; no value among it."""
        rows = self._transaction.rows(_LIST_EXAMPLES, client=exclude_client, kept=self._policy.examples_kept)
        return tuple(
            FieldExample(
                target=target_of(row["entity"], row["field"]),
                profile=ColumnProfile.model_validate_json(row["profile"]).but(top_values=(), tokens=()),
            )
            for row in rows
        )

    def translations(self, *, exclude_client: ClientId | None) -> tuple[KnownTranslation, ...]:
        """What people of the tenant's other clients, or all, made of codes, for each code what most of them did."""
        found = self._transaction.json(_LIST_TRANSLATIONS, client=exclude_client)
        return from_json(_TRANSLATIONS, found or "[]")

    def counts(self) -> tuple[FieldKnowledge, ...]:
        """How many values are known of each field, by state."""
        rows = self._transaction.rows(_COUNT_VALUES)
        return tuple(
            FieldKnowledge(
                target=target_of(row["entity"], row["field"]),
                verified=row["verified"],
                pending=row["pending"],
                rejected=row["rejected"],
            )
            for row in rows
        )

    def values(self, entity: str, *, pending: bool = False) -> tuple[LearnedValue, ...]:
        """The values known one by one of an entity's fields; only those nobody verified yet where asked."""
        return self._values(entity=entity, pending=pending)

    def value(self, value_id: int) -> LearnedValue:
        """One value.

        Raises:
            UnknownNameError: the tenant knows none of that id.
        """
        found = self._values(value_id=value_id)
        if not found:
            raise UnknownNameError("learned value", str(value_id), ())
        return found[0]

    def decide_value(self, value_id: int, state: ValueState) -> LearnedValue:
        """The value as a person verified or rejected it; saying the same again changes nothing.

        Raises:
            UnknownNameError: the tenant knows none of that id.
            StaleDecisionError: it was decided otherwise.
        """
        known = self.value(value_id)
        if known.state is state:
            return known
        decided = self._transaction.row(_DECIDE_VALUE, id=value_id, state=state, by=self._transaction.actor)
        if decided is None:
            raise StaleDecisionError(f"The value is {self.value(value_id).state} already; that stands.")
        return self.value(value_id)

    def _values(
        self, *, entity: str | None = None, value_id: int | None = None, pending: bool = False
    ) -> tuple[LearnedValue, ...]:
        rows = self._transaction.rows(_LIST_VALUES, entity=entity, id=value_id, pending=pending)
        return tuple(
            LearnedValue(
                id=row["id"],
                target=target_of(row["entity"], row["field"]),
                value_hash=int(row["value_hash"], 16),
                clients=row["clients"],
                state=ValueState(row["state"]),
            )
            for row in rows
        )

    def learn(
        self,
        client: ClientId,
        mapped: Sequence[MappedColumn],
        sketches: Mapping[ColumnRef, ValueSketch],
        *,
        auto_verify: bool,
    ) -> None:
        """Replaces what this client taught by what it has published now; derived columns have no name to teach."""
        approver = self._approver(client)
        taught = [
            _column_row(column, column.target, approver)
            for column in mapped
            if column.target and not (column.rule and column.rule.computed)
        ]
        columns = to_json(taught)
        self._transaction.run(_FORGET_VARIANTS, client=client, columns=columns)
        self._transaction.run(_ADD_VARIANTS, client=client, columns=columns)
        shown = [
            TaughtColumn(row, sketch)
            for row in taught
            if (sketch := sketches.get(ColumnRef(table=row["table_name"], column=row["column_name"])))
            and sketch.hashes
        ]
        self._learn_values(client, shown, approver, auto_verify=auto_verify)
        self._sketches.learn(client, shown, self._rejected(), auto_verify=auto_verify)

    def _approver(self, client: ClientId) -> str:
        row = self._transaction.row(
            "select approved_by from smp.publications where client = :client order by version desc limit 1",
            client=client,
        )
        return str(row["approved_by"]) if row else "policy:none"

    def _learn_values(
        self,
        client: ClientId,
        shown: Sequence[TaughtColumn],
        approver: str,
        *,
        auto_verify: bool,
    ) -> None:
        values = to_json(list(_value_rows(shown, self._policy.closed_set)))
        self._transaction.run(_FORGET_SIGHTINGS, client=client)
        self._transaction.run(_ADD_VALUES, values=values)
        self._transaction.run(_ADD_SIGHTINGS, client=client, values=values)
        self._transaction.run(
            _SETTLE_VALUES,
            values=values,
            auto_verify=auto_verify,
            enough=self._policy.verify_clients,
            approver=approver,
        )

    def _rejected(self) -> dict[FieldRef, frozenset[int]]:
        """Hashes that a person refused, by field."""
        refused: dict[FieldRef, set[int]] = defaultdict(set)
        for row in self._transaction.rows(
            "select entity, field, value_hash from smp.value_bank_entries where status = 'rejected'"
        ):
            refused[target_of(row["entity"], row["field"])].add(int(row["value_hash"], 16))
        return {target: frozenset(hashes) for target, hashes in refused.items()}


def _column_row(column: MappedColumn, target: FieldRef, approver: str) -> TaughtRow:
    by_person = column.disposition is Disposition.APPROVED or not approver.startswith("policy:")
    return {
        "table_name": column.ref.table,
        "column_name": column.ref.column,
        "entity": target.entity,
        "field": target.field,
        "verified": by_person,
    }


def _value_rows(shown: Iterable[TaughtColumn], closed_set: int) -> Iterator[dict[str, object]]:
    """One row a value, of columns that have few and show them all."""
    for row, sketch in shown:
        if sketch.complete and len(sketch.hashes) <= closed_set:
            for value in sketch.hashes:
                yield {
                    "entity": row["entity"],
                    "field": row["field"],
                    "value_hash": f"{value:016x}",
                    "verified": row["verified"],
                }
