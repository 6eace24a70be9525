"""The audit: what changed, who did it and why; written by the database, read here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from schema_matching_pipeline.model.audit import (
    OF_ITEMS,
    AuditEvent,
    AuditFilter,
    AuditRow,
    AuditVerification,
    Change,
    PersonsAct,
    RegistryRow,
)
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.registry.audit_anchor import compare_with_anchor
from schema_matching_pipeline.registry.transaction import Transaction, to_json

# People, their keys and what was asked about anybody belong to no client, even where a key of theirs begins with a client's name.
_OF_CLIENT = """(cast(:client as text) is null or log.subject not in ('users', 'api_keys', 'logins', 'erasure_requests') and (
        log.subject_key = :client or starts_with(log.subject_key, :client || '/')
        or case log.subject when 'field_mappings' then exists (
            select from smp.field_mappings as one
            where one.id = cast(log.subject_key as uuid) and one.client = :client) end
        or coalesce(log.new_value, log.old_value) ->> 'client' = :client))"""

# What may narrow a list. Only what is asked for stands in the statement, so that each form of it is planned by itself: by time, by
# person and by kind there is an index in the very order of the list, which ends with the last row that is wanted.
# Of an item that the reader is to decide unaware of what others said, no row is found by the name of who acted there.
_NARROWED = {
    "client": _OF_CLIENT,
    "actor": """log.actor = :actor and (
        log.actor = smp.current_actor() or starts_with(log.actor, 'system:') or log.subject <> all(:of_items) or not exists (
            select from smp.review_items as one
            where one.id = split_part(log.subject_key, '/', 2) and one.state in ('open', 'awaiting_second')
              and log.created_at >= one.opened_at and smp.is_withheld(one.client, one.id, smp.current_actor())))""",
    "subject": "log.subject = :subject",
    "action": "log.action = :action",
    "since": "log.created_at >= :since",
    "until": "log.created_at < :until",
    # A clock may have been put back: what follows a row is told by its moment, and by its number only within that.
    "before": """(log.created_at, log.seq) < (
        coalesce((select one.created_at from smp.audit_log as one where one.seq = :before), 'infinity'), cast(:before as bigint))""",
}

# A mapping's own rows go by its id alone: of which client, column and field it is stands with the mapping, as it is today.
# The rows are chosen from the newest on before anything is joined to them: there are a million, and a page shows a hundred.
_LIST = """
with newest as (
    select log.*, coalesce(log.new_value, log.old_value) as told
    from smp.audit_log as log
    where {narrowed}
    order by log.created_at desc, log.seq desc limit :limit
), chosen as (
    select newest.*, mappings.source_table, mappings.source_field, mappings.canonical_entity, mappings.canonical_field
    from newest
    left join lateral (  -- one by one, of a hundred: the limit keeps all mappings from being read for them
        select * from smp.field_mappings as one
        where one.id = case newest.subject when 'field_mappings' then cast(newest.subject_key as uuid) end limit 1
    ) as mappings on true
)
select seq, action, subject, subject_key, actor, change_reason as reason, ip_address as address, user_agent as agent, trace_id, created_at as at,
       array(select jsonb_array_elements_text(changed)) as changed, old_value::text as old, new_value::text as new,
       nullif(concat_ws('.', coalesce(items.source_table, chosen.source_table, told ->> 'source_table'),
                        nullif(coalesce(items.source_column, chosen.source_field, told ->> 'source_column', told ->> 'source_field'), '')), '') as column,
       nullif(case when told ->> 'entity' is not null then concat_ws('.', told ->> 'entity', told ->> 'field')
                   when told ->> 'canonical_field' is not null then concat_ws('.', coalesce(told ->> 'canonical_entity', chosen.canonical_entity), told ->> 'canonical_field')
                   when chosen.canonical_field is not null then concat_ws('.', chosen.canonical_entity, chosen.canonical_field)
                   else concat_ws('.', items.entity, items.field) end, '') as field
from chosen
left join lateral (
    select * from smp.review_items as one
    where chosen.subject = any(:of_items)
      and (one.client, one.id) = (split_part(chosen.subject_key, '/', 1), split_part(chosen.subject_key, '/', 2)) limit 1
) as items on true
order by at desc, seq desc
"""

# By kind and client alone, and the latest row of each: what a page must know to look again.
_SINCE = """
select max(seq) as seq, subject, client from (
    select seq, subject, coalesce(new_value, old_value) ->> case subject when 'clients' then 'slug' else 'client' end as client
    from smp.audit_log where seq > :seq order by seq limit :limit) as fresh
group by subject, client order by 1
"""

# What people said of items, counted by person, and each word about a version; of so many rows. A word that waits for
# another person's decides nothing yet, and is not told.
_ACTS = """
select max(seq) as seq, client, who, version, jsonb_object_agg(word, many order by word) as words from (
    select max(seq) as seq, new_value ->> 'client' as client, coalesce(new_value ->> 'decided_by', actor) as who, cast(new_value ->> 'version' as int) as version,
           case subject when 'review_actions' then new_value ->> 'decision'
               when 'final_approvals' then case when (new_value ->> 'approved')::boolean then 'approved' else 'refused' end
           end as word, count(*) as many
    from (select * from smp.audit_log where seq > :seq order by seq limit :limit) as fresh
    where subject in ('review_actions', 'final_approvals') and old_value is null
      and new_value ->> 'state_after' is distinct from 'awaiting_second'
      and not (new_value ->> 'decision' is not distinct from 'undo' and new_value ->> 'state_before' = 'awaiting_second')
    group by client, who, version, word,
             case subject when 'final_approvals' then seq end) as said
group by client, who, version, case when version is not null then seq end order by 1
"""


_AS_OF = """
select subject_key as key, state::text as state from smp.as_of(:at, :kind, :client)
"""

# The whole row as it was written, so that nothing of it is left out.
_WHOLE = (
    """
select log.seq, log.subject, log.subject_key, log.actor, log.created_at as at, to_jsonb(log)::text as text
from smp.audit_log as log
left join smp.field_mappings as mappings on mappings.id = case log.subject when 'field_mappings' then cast(log.subject_key as uuid) end
where log.seq > :after and log.seq <= :last and """
    + _OF_CLIENT
    + """
order by log.seq limit :limit
"""
)

_NOTE_EXPORT = """
insert into smp.exports (client, what, form, asked, rows)
values (:client, :what, :form, cast(:asked as jsonb), :rows)
"""


_ALL = AuditFilter()


def newest_by(narrowed: Iterable[str]) -> str:
    """The statement for the newest rows, narrowed by what of ``client``, ``before`` and an ``AuditFilter`` is given."""
    return _LIST.format(narrowed=" and ".join(_NARROWED[name] for name in narrowed) or "true")


class Audit:
    """The audit rows of one tenant."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def list(
        self,
        *,
        limit: int,
        client: ClientId | None = None,
        before: int | None = None,
        asked: AuditFilter = _ALL,
    ) -> tuple[AuditEvent, ...]:
        """The newest rows, or those ``before`` one, newest first; of one client, and of what is ``asked`` for.

        Rows of items of which the acting person is not told what others said are not found by their names.
        """
        given = {"client": client, "before": before, **asked.model_dump()}
        narrowed = {name: value for name, value in given.items() if value is not None}
        rows = self._transaction.rows(newest_by(narrowed), limit=limit, of_items=sorted(OF_ITEMS), **narrowed)
        return tuple(AuditEvent.model_validate(dict(row)) for row in rows)

    def whole(
        self, *, after: int, last: int, limit: int, client: ClientId | None = None
    ) -> tuple[AuditRow, ...]:
        """So many rows between two, whole, the earliest first; of one client where asked."""
        rows = self._transaction.rows(_WHOLE, after=after, last=last, limit=limit, client=client)
        return tuple(AuditRow.model_validate(dict(row)) for row in rows)

    def as_of(self, at: datetime, kind: str, client: ClientId | None = None) -> tuple[RegistryRow, ...]:
        """The rows of one of ``KINDS`` as they stood, by key; of one client where asked."""
        rows = self._transaction.rows(_AS_OF, at=at, kind=kind, client=client)
        return tuple(RegistryRow.model_validate(dict(row)) for row in rows)

    def last(self) -> int:
        """The number of the newest row; 0 where there is none."""
        found = self._transaction.row("select seq from smp.audit_heads")
        return int(found["seq"]) if found else 0

    def since(self, seq: int, limit: int = 1000) -> tuple[Change, ...]:
        """What changed in the rows after that number, of so many rows: kinds and clients, the earliest first."""
        rows = self._transaction.rows(_SINCE, seq=seq, limit=limit)
        return tuple(Change.model_validate(dict(row)) for row in rows)

    def acts(self, seq: int, limit: int = 5000) -> tuple[PersonsAct, ...]:
        """What people did about clients in the rows after that number, of so many rows."""
        rows = self._transaction.rows(_ACTS, seq=seq, limit=limit)
        return tuple(PersonsAct.model_validate({**row, "words": tuple(row["words"].items())}) for row in rows)

    def note_export(
        self, client: ClientId | None, what: str, form: str, asked: Mapping[str, object], rows: int
    ) -> None:
        """Writes down that so many rows of a client, or of the tenant, leave as a file, by what was ``asked`` for."""
        self._transaction.run(
            _NOTE_EXPORT, client=client, what=what, form=form, asked=to_json(asked), rows=rows
        )

    def verify(self, anchor_folder: Path | None = None) -> AuditVerification:
        """Whether the chain is whole, recomputed by the database, and ends no earlier than it was seen to.

        Raises:
            RegistryError: the remembered end cannot be read or written.
        """
        found = self._transaction.one("select * from smp.verify_audit()")
        verification = AuditVerification(
            rows=found["rows_seen"],
            intact=found["broken_at"] is None,
            broken_at=found["broken_at"],
            message=found["message"],
        )
        if anchor_folder is None:
            return verification
        return compare_with_anchor(self._transaction, verification, anchor_folder)
