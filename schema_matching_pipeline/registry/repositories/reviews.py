"""The review queue: what waits for a person, what was decided, and which decisions stand.

Two clients may ask the same question about columns of the same name, so an item's id here is made of the
client and the id that routing gave it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import ceil

from pydantic import TypeAdapter

from schema_matching_pipeline.errors import BadDecisionError, UnknownNameError
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.ids import ClientId, content_id
from schema_matching_pipeline.model.knowledge import RejectedPair, ReviewedSuggestions
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.registry import (
    ClientItem,
    EarlierAction,
    ItemAction,
    QueuePage,
    ReviewSync,
    StandingApproval,
)
from schema_matching_pipeline.model.reliability import JudgedSuggestion
from schema_matching_pipeline.model.review import (
    Decision,
    DecisionKind,
    ItemKind,
    QualityDecision,
    QueueOrder,
    ReviewItem,
    ReviewPace,
)
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.registry.repositories.review_queue import conditions, placed
from schema_matching_pipeline.registry.transaction import Row, Transaction, from_json, to_json

_IDS = TypeAdapter(tuple[str, ...])
_ITEMS = TypeAdapter(tuple[ClientItem, ...])
_ACTIONS = TypeAdapter(tuple[ItemAction, ...])
_EARLIER_ACTIONS = TypeAdapter(tuple[EarlierAction, ...])
_APPROVALS = TypeAdapter(tuple[StandingApproval, ...])
_PAIRS = TypeAdapter(tuple[RejectedPair, ...])
_QUALITY = TypeAdapter(tuple[QualityDecision, ...])

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHORTEST_PREFIX = 4  # fewer digits of an id name too many items

_GIVEN = """
jsonb_to_recordset(cast(:items as jsonb))
    as g (id text, kind text, source_table text, source_column text, entity text, field text,
          risk_class text, reason text, needed double precision, had double precision, item jsonb,
          expectation_id text, required_approvals int, approval_hash text)
"""

_SYNC = f"""
insert into smp.review_items as kept
    (client, id, kind, source_table, source_column, entity, field, risk_class, reason, needed, had, item,
     expectation_id, required_approvals, approval_hash, rows_affected)
select :client, id, kind, source_table, source_column, entity, field, risk_class, reason, needed, had, item,
       expectation_id, required_approvals, approval_hash, smp.rows_of(:client, source_table, source_column)
from {_GIVEN}
on conflict (tenant_id, client, id) do update
set state = case kept.state when 'withdrawn' then 'open' else kept.state end,
    risk_class = excluded.risk_class, reason = excluded.reason, needed = excluded.needed, had = excluded.had,
    item = excluded.item, required_approvals = excluded.required_approvals,
    rows_affected = excluded.rows_affected
where kept.state in ('open', 'awaiting_second', 'withdrawn')
returning (xmax = 0) as opened, state
"""

_REOPENED = """
select count(*) as count from smp.review_items
where client = :client and state = 'withdrawn' and id = any (cast(:ids as text[]))
"""

# Gaps are asked about by the law itself; everything else that routing no longer asks is over.
_WITHDRAW = """
update smp.review_items set state = 'withdrawn'
where client = :client and state in ('open', 'awaiting_second') and id <> all (cast(:ids as text[]))
  and not smp.is_gap(expectation_id)
"""

_ITEM = """
jsonb_build_object(
    'id', i.id, 'kind', i.kind,
    'ref', jsonb_build_object('table', i.source_table, 'column', i.source_column),
    'target', case when i.field is not null then
        jsonb_build_object('entity', i.entity, 'field', i.field) end,
    'risk_class', i.risk_class, 'reason', i.reason, 'needed', i.needed, 'had', i.had,
    'facts', coalesce(kept.facts, '[]'), 'choices', coalesce(kept.choices, '[]'),
    'spot_check', coalesce(kept.spot_check, 'false'),
    'expectation_id', i.expectation_id, 'required_approvals', i.required_approvals,
    'approval_hash', i.approval_hash, 'rule', kept.rule, 'row_version', i.row_version,
    'state', case when i.state = 'awaiting_second' and smp.is_disputed(i.client, i.id, i.opened_at) then 'reconcile'
                  else i.state end)
"""
# Of each item taken out of the disk's form once; whoever asks for its parts one by one pays for the whole each time.
_KEPT = ", lateral jsonb_to_record(i.item) as kept (facts jsonb, choices jsonb, spot_check jsonb, rule jsonb)"
_OF_CLIENT = """
jsonb_build_object(
    'client', i.client, 'opened_at', i.opened_at, 'rows', i.rows_affected, 'value', i.value_of_information,
    'comments', (select count(*) from smp.item_comments c where (c.client, c.item_id) = (i.client, i.id)),
    'taken_by', case when i.kind = 'mapping' and i.field is not null and i.state in ('open', 'awaiting_second') then
        (select jsonb_build_object('table', i.source_table, 'column', taker)
         from smp.taken_by(i.client, i.source_table, i.source_column, i.entity, i.field) as taker where taker is not null) end)
|| coalesce((select jsonb_build_object('assignee', m.assignee, 'flag', m.flag)
             from smp.item_marks m where (m.client, m.item_id) = (i.client, i.id)), '{}')
"""
# Candidates are nearly all of an item. They are told as they stand: to build a document of them takes six times as long.
_CANDIDATES = "coalesce(i.item -> 'candidates', '[]')"
_LINES = f"select ({_OF_CLIENT})::text as line, ({_ITEM})::text as item,"

_PAGE = (
    """
from (select i.* from smp.review_items i where {conditions} order by {order} limit :size offset :start) as i"""
    + _KEPT
    + """
order by {order}
"""
)

_COUNTED = """
select count(*) as total, count(*) filter (where i.state = 'spot_check') as spot_checks
from smp.review_items i where {}
"""

# Of all clients together, those are counted of which something changed since they were counted last.
_ALL_OPEN = """
select coalesce(sum(holding + checks), 0)::bigint as total, coalesce(sum(checks), 0)::bigint as spot_checks
from smp.clients c left join smp.client_figures f on f.client = c.slug
cross join lateral (
    select coalesce((f.figures ->> 'waiting')::bigint, 0) as holding,
           coalesce((f.figures ->> 'spot_checks')::bigint, 0) as checks
    where f.figures is not null and not exists (select from smp.client_changes n where n.client = c.slug)
    union all
    select count(*) filter (where i.state <> 'spot_check'), count(*) filter (where i.state = 'spot_check')
    from smp.review_items i
    where i.client = c.slug and i.state in ('open', 'awaiting_second', 'spot_check')
          and (f.figures is null or exists (select from smp.client_changes n where n.client = c.slug))
) as counted
"""

_FOUND = f"""
from smp.review_items i{_KEPT} where i.id = any (cast(:ids as text[])) order by i.client, i.id
"""

_KNOWN = "select id, client, kind from smp.review_items where id = any (cast(:ids as text[]))"

# The column ``item`` is nearly all of an item; for thousands of them it is not even read.
BARE_ITEM = re.sub(r"kept\.\w+", "null::jsonb", _ITEM)

# An id is written in hexadecimal digits, all of which come before the letter g. An index may be asked how texts compare
# before a row's tenant is known, and may not be asked how they begin.
BEGINNING = """
select id from smp.review_items
where id >= :beginning and id < cast(:beginning as text) || 'g' and starts_with(id, :beginning) order by id limit 3
"""

_ASKING = """
select distinct on (source_table, source_column) id, source_table, source_column
from smp.review_items where client = :client and state in ('open', 'awaiting_second')
  and (source_table, source_column) in (select * from unnest(cast(:tables as text[]), cast(:columns as text[])))
order by source_table, source_column, had, id
"""

_STILL_OPEN = """
select count(*) as items from smp.review_items where client = :client and state in ('open', 'awaiting_second')
"""

# The audit tells what these decisions did to items: of each, the state it had before the first of it.
_TURNED = """
with told as (
    select distinct on (subject_key) subject_key, coalesce(old_value ->> 'state' in ('open', 'awaiting_second'), false) as waited
    from smp.audit_log
    where seq > :since and subject = 'review_items' and new_value ? 'state' and starts_with(subject_key, :client || '/')
      and actor = smp.current_actor() and trace_id is not distinct from nullif(current_setting('smp.trace_id', true), '')
    order by subject_key, seq
)
select i.id, t.waited from told t join smp.review_items i on i.client = :client and i.client || '/' || i.id = t.subject_key
where t.waited <> (i.state in ('open', 'awaiting_second'))
"""

_WAIVED = """
select distinct expectation_id from smp.item_approvals
where client = :client and expectation_id is not null and smp.is_waived(:client, expectation_id)
"""

_HISTORY = """
select jsonb_agg(jsonb_build_object(
    'who', actor, 'when', decided_at, 'decision', decision, 'reason', coalesce(reason, ''), 'rule', rule,
    'target', case when field is not null then jsonb_build_object('entity', entity, 'field', field) end,
    'batch_id', batch_id,
    'taken_back', exists (select from smp.review_actions undone where undone.undoes = said.id)) order by id)
from smp.review_actions said where item_id = :id
"""

# A later word about the same item takes the place of one that was said together with others.
_APPROVED_TOGETHER = """
select a.approval_hash, a.item_id from smp.item_approvals a
where a.client = :client and a.revoked_at is null and a.kind = 'mapping' and a.decision = 'approve'
  and exists (select from smp.standing_actions s
              where (s.client, s.item_id, s.actor) = (a.client, a.item_id, a.decided_by)
                and s.decision = 'approve' and s.batch_id is not null)
"""

_PACE = """
select count(*) as decisions,
       count(*) filter (where decision = 'approve' and seconds < :seconds) as at_once
from (select decision, extract(epoch from decided_at - lag(decided_at) over (order by id)) as seconds, id
      from (select id, decision, decided_at from smp.review_actions
            where actor = :who and batch_id is null and undoes is null
            order by id desc limit cast(:last as int) + 1) with_the_one_before
      order by id desc limit :last) lately
"""

_WITHHELD = """
select id, opened_at from smp.review_items
where id = any(:ids) and state in ('open', 'awaiting_second') and smp.is_withheld(client, id, smp.current_actor())
"""

_TAKEN = """
select g.entity, g.field, smp.taken_by(:client, :table, :column, g.entity, g.field) as taker
from jsonb_to_recordset(cast(:fields as jsonb)) as g (entity text, field text)
"""

_BATCH_CLIENTS = """
select distinct client from smp.review_actions where batch_id = cast(:batch as uuid) order by client
"""

# What people said of the same column when other things were asked; whether it drifted beyond tolerance since.
_EARLIER = """
select jsonb_agg(jsonb_build_object(
    'who', s.actor, 'when', s.decided_at, 'decision', s.decision, 'reason', coalesce(s.reason, ''), 'rule', s.rule,
    'target', case when s.field is not null then jsonb_build_object('entity', s.entity, 'field', s.field) end,
    'taken_back', exists (select from smp.review_actions undone where undone.undoes = s.id),
    'drifted', coalesce(a.anchored_at > s.decided_at, false)) order by s.id)
from smp.review_items i
join smp.review_actions s on (s.client, s.item_id) = (i.client, i.id)
left join smp.column_anchors a
    on (a.client, a.table_name, a.column_name) = (i.client, i.source_table, i.source_column)
where i.client = :client and (i.source_column, i.source_table) = (:column, :table) and i.id <> :item
  and (s.decided_at < i.opened_at or not smp.is_withheld(i.client, i.id, smp.current_actor()))
"""

_APPROVALS_OF_CLIENT = """
select jsonb_agg(jsonb_build_object(
    'approval_hash', a.approval_hash,
    'ref', jsonb_build_object('table', a.source_table, 'column', a.source_column),
    'target', case when a.field is not null then jsonb_build_object('entity', a.entity, 'field', a.field) end,
    'rule', a.rule, 'shown_rule', i.item -> 'rule', 'decided_by', a.decided_by, 'decided_at', a.decided_at)
    order by a.decided_at, a.approval_hash)
from smp.item_approvals a
left join smp.review_items i on i.client = a.client and i.id = a.item_id
where a.client = :client and a.revoked_at is null
  and (a.kind = 'mapping' or a.kind = 'validation' and a.decision <> 'approve' or a.kind = 'quality' and a.field is not null)
"""

_QUALITY_OF_CLIENT = """
select jsonb_agg(jsonb_build_object(
    'ref', jsonb_build_object('table', source_table, 'column', source_column),
    'kind', case when decision in ('include', 'override') then 'include' else 'exclude' end,
    'approval_hash', approval_hash) order by decided_at, approval_hash)
from smp.item_approvals where client = :client and revoked_at is null and kind = 'quality'
"""

# A column's anchor moves when the column drifts. The rule is that of the suggestion that was shown.
_PAIRS_OF_CLIENT = """
select jsonb_agg(jsonb_build_object(
    'ref', jsonb_build_object('table', p.source_table, 'column', p.source_column),
    'target', jsonb_build_object('entity', p.entity, 'field', p.field), 'approval_hash', p.approval_hash,
    'rule', (select i.item -> 'rule' from smp.review_items i
             where (i.client, i.source_table, i.source_column, i.approval_hash)
                 = (p.client, p.source_table, p.source_column, p.approval_hash) limit 1),
    'drifted', coalesce(a.anchored_at > p.rejected_at, false))
    order by p.source_table, p.source_column, p.entity, p.field, p.approval_hash)
from smp.rejected_pairs p
left join smp.column_anchors a
    on a.client = p.client and a.table_name = p.source_table and a.column_name = p.source_column
where p.client = :client
"""

# An item keeps the parts of its confidence; what earlier decisions added is taken off again, so that decisions
# are held against what the signals alone said.
_REVIEWED = """
select round((ln(had / (1 - had)) - decided.share)::numeric, 1)::double precision as log_odds,
       count(*)::int as count, count(*) filter (where is_right)::int as right
from smp.judged_suggestions i
     join smp.clients theirs on theirs.slug = i.client
     join smp.clients own on own.slug = :client and own.canonical_model = theirs.canonical_model,
     lateral (select coalesce(sum((signal ->> 'share')::double precision), 0) as share
              from jsonb_array_elements(coalesce(i.item -> 'candidates', '[]')) candidate,
                   jsonb_array_elements(candidate -> 'signals') signal
              where candidate -> 'target' ->> 'entity' = i.entity and candidate -> 'target' ->> 'field' = i.field
                and signal ->> 'signal' = 'decisions') decided
where had > 0 and had < 1
group by 1 order by 1
"""

# Of a client, or of all clients of its canonical model.
_DECIDED = """
select had as confidence, is_right as right
from smp.judged_suggestions i
     join smp.clients theirs on theirs.slug = i.client
     join smp.clients own on own.slug = :client and own.canonical_model = theirs.canonical_model
where i.client = :client or :with_others
order by had desc, i.client, item_id
"""


class Reviews:
    """The review items and decisions of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._whole: set[str] = set()  # ids that were found; an item stays for ever

    def sync(self, client: ClientId, items: Sequence[ReviewItem]) -> ReviewSync:
        """Makes the queue ask exactly these questions: new ones open, vanished ones are withdrawn, decided ones stay."""
        rows = [_item_row(client, item) for item in items]
        ids = [row["id"] for row in rows]
        reopened = self._transaction.one(_REOPENED, client=client, ids=ids)["count"]
        written = self._transaction.rows(_SYNC, client=client, items=to_json(rows))
        opened = sum(bool(row["opened"]) for row in written) + reopened
        withdrawn = self._transaction.run(_WITHDRAW, client=client, ids=ids)
        return ReviewSync(opened=opened, kept=len(rows) - opened, withdrawn=withdrawn)

    def list(  # noqa: PLR0913 - each is one filter, and none needs another
        self,
        *,
        client: ClientId | None = None,
        among: Sequence[ClientId] | None = None,
        kind: ItemKind | None = None,
        entity: str | None = None,
        risk: RiskClass | None = None,
        at_least: float | None = None,
        below: float | None = None,
        older_than_days: int | None = None,
        table: str | None = None,
        run: str | None = None,
        assignee: str | None = None,
        flagged: bool | None = None,
        text: str | None = None,
        only: Sequence[str] | None = None,
        without: Sequence[str] | None = None,
        decided: bool = False,
        order: QueueOrder = QueueOrder.VALUE,
        page: int = 1,
        size: int = 50,
        candidates: bool = True,
    ) -> QueuePage:
        """One page of what waits, or of what was decided, of one client or of some; without the items' candidates if told so."""
        wanted = {
            "client": client,
            "among": None if among is None else list(among),
            "kind": kind,
            "entity": entity,
            "risk": risk,
            "at_least": at_least,
            "below": below,
            "older_than_days": older_than_days,
            "table": table,
            "run": run,
            "assignee": assignee,
            "flagged": flagged,
            "text": text,
            "only": None if only is None else list(only),
            "without": None if without is None else list(without),
        }
        meant = conditions(wanted, decided=decided)
        asked = decided or any(value is not None for value in wanted.values())
        counted = self._transaction.one(_COUNTED.format(meant) if asked else _ALL_OPEN, **wanted)
        query = _PAGE.format(conditions=meant, order=placed(order))
        found = self._lines(query, candidates=candidates, size=size, start=(page - 1) * size, **wanted)
        return QueuePage(
            total=counted["total"],
            spot_checks=counted["spot_checks"],
            page=page,
            size=size,
            pages=ceil(counted["total"] / size),
            items=found,
        )

    def asking_about(self, client: ClientId, refs: Sequence[ColumnRef]) -> dict[ColumnRef, str]:
        """The open items about some columns by their ids, of each column the least sure one."""
        rows = self._transaction.rows(
            _ASKING,
            client=client,
            tables=[ref.table for ref in refs],
            columns=[ref.column for ref in refs],
        )
        return {ColumnRef(table=row["source_table"], column=row["source_column"]): row["id"] for row in rows}

    def still_open(self, client: ClientId) -> int:
        """How many items of a client wait for a person."""
        return int(self._transaction.one(_STILL_OPEN, client=client)["items"])

    def turned(self, client: ClientId, since: int) -> tuple[frozenset[str], frozenset[str]]:
        """The items that wait since the unit of work did something after that row of the audit, and those that wait no more."""
        rows = self._transaction.rows(_TURNED, client=client, since=since)
        gone = frozenset(str(row["id"]) for row in rows if row["waited"])
        return frozenset(str(row["id"]) for row in rows) - gone, gone

    def among(self, ids: Iterable[str], *, candidates: bool = True) -> tuple[ReviewItem, ...]:
        """The items of those ids, by table and column; without their candidates if told so."""
        items = (entry.item for entry in self._items(ids, candidates=candidates))
        return tuple(sorted(items, key=lambda item: (item.ref.table, item.ref.column, item.id)))

    def waived(self, client: ClientId) -> frozenset[str]:
        """The expectations whose failure people approved living with."""
        rows = self._transaction.rows(_WAIVED, client=client)
        return frozenset(str(row["expectation_id"]) for row in rows)

    def get(self, item_id: str) -> ReviewItem:
        """The item of that id, or the only one whose id begins so.

        Raises:
            UnknownNameError: no item begins so.
            BadDecisionError: more than one does.
        """
        return self.find(item_id).item

    def find(self, item_id: str, *, candidates: bool = True) -> ClientItem:
        """The item as ``get`` finds it, with its client; without its candidates if told so.

        Raises:
            UnknownNameError: no item begins so.
            BadDecisionError: more than one does.
        """
        return self._items([self._whole_id(item_id)], candidates=candidates)[0]

    def find_many(self, ids: Sequence[str]) -> tuple[ClientItem, ...]:
        """The items as ``find`` finds them, each once, without candidates.

        Raises:
            UnknownNameError: no item begins so.
            BadDecisionError: more than one does.
        """
        return self._items(dict.fromkeys(self._whole_ids(ids)), candidates=False)

    def history(self, item_id: str) -> tuple[ItemAction, ...]:
        """What people did to an item, in order."""
        actions = self._transaction.json(_HISTORY, id=self._whole_id(item_id))
        return from_json(_ACTIONS, actions or "[]")

    def withheld(self, items: Iterable[str]) -> Mapping[str, datetime]:
        """Those of the items of which the acting person is not told what others said, and since when that is so."""
        rows = self._transaction.rows(_WITHHELD, ids=list(items))
        return {str(row["id"]): row["opened_at"] for row in rows}

    def taken(
        self, client: ClientId, ref: ColumnRef, fields: Iterable[FieldRef]
    ) -> dict[FieldRef, ColumnRef]:
        """Those of the fields that another column of the table fills, and that admit one; each with that column."""
        rows = self._transaction.rows(
            _TAKEN, client=client, table=ref.table, column=ref.column, fields=to_json(list(fields))
        )
        return {
            FieldRef(entity=row["entity"], field=row["field"]): ColumnRef(
                table=ref.table, column=row["taker"]
            )
            for row in rows
            if row["taker"]
        }

    def earlier(self, client: ClientId, item: ReviewItem) -> tuple[EarlierAction, ...]:
        """What people said of the item's column when something else was asked about it, in order."""
        found = self._transaction.json(
            _EARLIER, client=client, table=item.ref.table, column=item.ref.column, item=item.id
        )
        return from_json(_EARLIER_ACTIONS, found or "[]")

    def decide(self, decision: Decision) -> ReviewItem:
        """The item as it stands after the decision.

        Raises:
            NotAllowedError: the person may not decide, or may not be the second one.
            StaleDecisionError: somebody else decided first, or the item changed.
            BadDecisionError: the decision makes no sense.
        """
        return self.get(self.decide_many([decision])[0])

    def decide_many(self, decisions: Sequence[Decision]) -> tuple[str, ...]:
        """The ids of the items that were decided, in the order of the decisions; all are recorded, or none.

        What is lived with is recorded first: another decision about its column would withdraw it. From here to the end
        of the unit of work everybody else in the tenant who decides waits, so that items are read anew after it.

        Raises:
            NotAllowedError: the person may not decide, or may not be the second one.
            StaleDecisionError: somebody else decided first, or an item changed.
            BadDecisionError: a decision makes no sense.
        """
        ids = self._whole_ids([decision.item_id for decision in decisions])
        if len(set(ids)) < len(ids):
            raise BadDecisionError("An item was named twice among these decisions. Decide each item once.")
        known = self._known(ids)
        named = [
            (known[item_id], decision.but(item_id=item_id))
            for item_id, decision in zip(ids, decisions, strict=True)
        ]
        named.sort(key=lambda pair: not _is_lived_with(pair[0]["kind"], pair[1]))
        for client in sorted({found["client"] for found in known.values()}):
            theirs = [decision for found, decision in named if found["client"] == client]
            self._transaction.run(
                "select smp.decide_items(:client, cast(:decisions as jsonb))",
                client=client,
                decisions=to_json(theirs),
            )
        return ids

    def undo(self, item_id: str, reason: str = "", *, expected_row_version: int | None = None) -> ReviewItem:
        """The item as it stands after the last word about it was taken back; saying so again changes nothing.

        Raises:
            NotAllowedError: the person may not decide, or neither decided that nor is an admin.
            StaleDecisionError: there is nothing to take back, something rests on it, or the item changed.
        """
        found = self.find(item_id)
        self._transaction.run(
            "select smp.undo_item(:client, :item, :reason, :version)",
            client=found.client,
            item=found.item.id,
            reason=reason,
            version=expected_row_version,
        )
        return self.get(found.item.id)

    def undo_batch(self, batch_id: str, reason: str = "") -> tuple[ReviewItem, ...]:
        """The items as they stand after decisions made together were taken back, all or none.

        Those that somebody took back already are left out.

        Raises:
            NotAllowedError: the person may not decide, or neither decided that nor is an admin.
            StaleDecisionError: something rests on one of them; all that does is named.
        """
        return self._of_batch("undo_batch", batch_id, reason)

    def redo_batch(self, batch_id: str, reason: str = "") -> tuple[ReviewItem, ...]:
        """The items as they stand after decisions that were taken back together were made again, all or none.

        Empty where they stand.

        Raises:
            NotAllowedError: the person may not decide.
            StaleDecisionError: one of the items changed since; all that did are named.
        """
        return self._of_batch("redo_batch", batch_id, reason)

    def clients_of_batch(self, batch_id: str) -> tuple[ClientId, ...]:
        """The clients that decisions made together are about, by name.

        Raises:
            UnknownNameError: none were made under that id.
        """
        known = _UUID.fullmatch(batch_id)
        rows = self._transaction.rows(_BATCH_CLIENTS, batch=batch_id) if known else ()
        if not rows:
            raise UnknownNameError(
                "batch of decisions", batch_id, (), hint="Deciding many items at once tells its id."
            )
        return tuple(str(row["client"]) for row in rows)

    def decide_use(
        self, client: ClientId, ref: ColumnRef, *, used: bool, approval_hash: str, reason: str
    ) -> ReviewItem:
        """The decided question whether a column is used at all, which nobody needs to have asked.

        Raises:
            NotAllowedError: the person may not decide.
            BadDecisionError: the column is used, or left out, already; or the reason is missing.
        """
        outcome = self._transaction.one(
            "select smp.decide_use(:client, :table, :column, :used, :hash, :reason) ->> 'item_id' as id",
            client=client,
            table=ref.table,
            column=ref.column,
            used=used,
            hash=approval_hash,
            reason=reason,
        )
        return self.get(outcome["id"])

    def map_column(
        self,
        client: ClientId,
        ref: ColumnRef,
        target: FieldRef,
        *,
        rule: TransformRule | None,
        approval_hash: str,
        reason: str,
    ) -> ReviewItem:
        """The decided question about a column that is given a field nobody suggested for it.

        Raises:
            NotAllowedError: the person may not decide.
            StaleDecisionError: somebody decided about the column, and it stands.
            BadDecisionError: the column or the field is unknown, left out or taken; or the reason is missing.
        """
        outcome = self._transaction.one(
            "select smp.map_column(:client, :table, :column, :entity, :field, cast(:rule as jsonb), :hash, :reason)"
            " ->> 'item_id' as id",
            client=client,
            table=ref.table,
            column=ref.column,
            entity=target.entity,
            field=target.field,
            rule=to_json(rule),
            hash=approval_hash,
            reason=reason,
        )
        return self.get(outcome["id"])

    def way_back(self, item_id: str) -> str | None:
        """The commands that lead back from the decision about an item; None where nothing does."""
        found = self._transaction.one(
            "select smp.way_back(i) as way from smp.review_items i where id = :id",
            id=self._whole_id(item_id),
        )
        return None if found["way"] is None else str(found["way"])

    def reviewed_suggestions(self, client: ClientId) -> tuple[ReviewedSuggestions, ...]:
        """How suggestions of each certainty fared with the tenant's people, the least certain first.

        Those of all clients of the client's canonical model count: how sure a suggestion is, says no more about
        the fields of another model.
        """
        rows = self._transaction.rows(_REVIEWED, client=client)
        return tuple(ReviewedSuggestions.model_validate(dict(row)) for row in rows)

    def decided_suggestions(
        self, client: ClientId, *, with_others: bool = False
    ) -> tuple[JudgedSuggestion, ...]:
        """Suggestions of mappings that people decided on, the surest first, as sure as they were shown.

        Of the client alone, or of all clients of its canonical model.
        """
        rows = self._transaction.rows(_DECIDED, client=client, with_others=with_others)
        return tuple(JudgedSuggestion.model_validate(dict(row)) for row in rows)

    def clients_of(self, decisions: Sequence[Decision]) -> tuple[ClientId, ...]:
        """The clients that the decisions are about, each once, by name.

        Raises:
            UnknownNameError: there is no such item.
            BadDecisionError: the beginning of an id is that of more than one.
        """
        ids = self._whole_ids([decision.item_id for decision in decisions])
        return tuple(sorted({str(found["client"]) for found in self._known(ids).values()}))

    def standing_approvals(self, client: ClientId) -> tuple[StandingApproval, ...]:
        """Decisions about a client's columns that nobody took back; each holds while its hash does."""
        found = self._transaction.json(_APPROVALS_OF_CLIENT, client=client)
        return from_json(_APPROVALS, found or "[]")

    def approved_together(self, client: ClientId) -> dict[str, str]:
        """The items about mappings that a person approved together with others, by the hash of the approval."""
        rows = self._transaction.rows(_APPROVED_TOGETHER, client=client)
        return {str(row["approval_hash"]): str(row["item_id"]) for row in rows}

    def pace(self, who: str, *, last: int, within_seconds: float) -> ReviewPace:
        """How many of a person's last decisions, made one by one, accepted a suggestion so soon after the one before."""
        found = self._transaction.one(_PACE, who=who, last=last, seconds=within_seconds)
        return ReviewPace(decisions=found["decisions"], at_once=found["at_once"])

    def quality_decisions(self, client: ClientId) -> tuple[QualityDecision, ...]:
        """Which flagged columns are to be used all the same, and which are not; each while its hash holds."""
        return from_json(_QUALITY, self._transaction.json(_QUALITY_OF_CLIENT, client=client) or "[]")

    def rejected_pairs(self, client: ClientId) -> tuple[RejectedPair, ...]:
        """Pairs of a column and a field that a person refused, and whether the column drifted since."""
        return from_json(_PAIRS, self._transaction.json(_PAIRS_OF_CLIENT, client=client) or "[]")

    def _of_batch(self, act: str, batch_id: str, reason: str) -> tuple[ReviewItem, ...]:
        changed = self._transaction.json(
            f"select smp.{act}(cast(:batch as uuid), :reason)", batch=batch_id, reason=reason
        )
        ids = from_json(_IDS, changed or "[]")
        return self.among(ids)

    def _items(self, ids: Iterable[str], *, candidates: bool = True) -> tuple[ClientItem, ...]:
        wanted = list(ids)
        return self._lines(_FOUND, candidates=candidates, ids=wanted) if wanted else ()

    def _lines(self, where: str, *, candidates: bool = True, **values: object) -> tuple[ClientItem, ...]:
        asked = _CANDIDATES if candidates else "'[]'::jsonb"
        query = f"{_LINES} ({asked})::text as candidates {where}"
        told = ",".join(
            f'{row["line"][:-1]}, "item": {row["item"][:-1]}, "candidates": {row["candidates"]}}}}}'
            for row in self._transaction.rows(query, **values)
        )
        return from_json(_ITEMS, f"[{told}]")

    def _known(self, ids: Sequence[str]) -> dict[str, Row]:
        """Client and kind of the items of those ids."""
        return {str(row["id"]): row for row in self._transaction.rows(_KNOWN, ids=list(ids))}

    def _whole_ids(self, given: Sequence[str]) -> tuple[str, ...]:
        """The ids, where some may be given by their beginnings."""
        if not self._whole.issuperset(given):
            self._whole.update(self._known(given))
        return tuple(self._whole_id(each) for each in given)

    def _whole_id(self, beginning: str) -> str:
        """The id that begins so, where only one does."""
        if beginning in self._whole:
            return beginning
        rows = self._transaction.rows(
            BEGINNING,
            beginning=beginning,
        )
        ids = [str(row["id"]) for row in rows]
        if beginning in ids:
            self._whole.add(beginning)
            return beginning
        if len(ids) > 1 or (ids and len(beginning) < _SHORTEST_PREFIX):
            raise BadDecisionError(
                f"More than one review item may begin with {beginning!r}. Give more of its id, as `smp review list` shows it."
            )
        if not ids:
            raise UnknownNameError("review item", beginning, (), hint="See `smp review list`.")
        self._whole.add(ids[0])
        return ids[0]


def _item_row(client: ClientId, item: ReviewItem) -> dict[str, object]:
    return {
        "id": content_id(client, item.id),
        "kind": item.kind,
        "source_table": item.ref.table,
        "source_column": item.ref.column,
        "entity": item.target.entity if item.target else None,
        "field": item.target.field if item.target else None,
        "risk_class": item.risk_class,
        "reason": item.reason,
        "needed": item.needed,
        "had": item.had,
        "item": {"candidates": item.candidates, "facts": item.facts, "rule": item.rule},
        "expectation_id": item.expectation_id,
        "required_approvals": item.required_approvals,
        "approval_hash": item.approval_hash,
    }


def _is_lived_with(kind: str, decision: Decision) -> bool:
    """Whether the decision, about an item of that kind, accepts that a check failed."""
    return kind == ItemKind.VALIDATION and decision.kind is DecisionKind.APPROVE
