"""Snapshots and profiles: what a client's source looked like, each time it was looked at.

The history is append-only; what is current belongs to the newest snapshot that was profiled. Sketches are
kept beside the JSON as packed 64-bit integers: a third of the size and a tenth of the time. A column's
*anchor* is the profile its approvals stand on; it stays while the column does not drift.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId, RunId
from schema_matching_pipeline.model.profile import (
    ColumnProfile,
    PastProfile,
    SourceProfile,
    TableProfile,
    ValueSketch,
)
from schema_matching_pipeline.model.source import ColumnRef, SourceChange, SourceSnapshot, TableTrouble
from schema_matching_pipeline.model.whole_numbers import WholeNumbers
from schema_matching_pipeline.registry.packing import in_a_row, unpack
from schema_matching_pipeline.registry.transaction import Transaction, collection_paused, from_json, to_json


class SnapshotDocument(Frozen):
    """What is kept of one look at a source: its snapshot and, once it is profiled, what could not be and what changed.

    ``measured_with`` names the product and the policy: profiles of another one are not to be gone on with.
    """

    snapshot: SourceSnapshot
    snapshot_fingerprint: str
    troubles: tuple[TableTrouble, ...] = ()
    changes: tuple[SourceChange, ...] = ()
    measured_with: str = ""


_COLUMNS = TypeAdapter(tuple[ColumnProfile, ...])
_TABLES = TypeAdapter(tuple[TableProfile, ...])
_CHANGES = TypeAdapter(tuple[SourceChange, ...])

_STORE_SNAPSHOT = """
insert into smp.source_snapshots (client, fingerprint, schema_name, snapshot)
values (:client, :fingerprint, :schema_name, cast(:document as jsonb))
"""

_NEWEST_SNAPSHOT = """
select id from smp.source_snapshots where client = :client order by taken_at desc, id limit 1
"""

_FINISH_SNAPSHOT = """
update smp.source_snapshots
set run_id = :run,
    snapshot = snapshot || jsonb_build_object('snapshot_fingerprint', cast(:fingerprint as text),
                                              'troubles', cast(:troubles as jsonb),
                                              'changes', cast(:changes as jsonb))
where id = :snapshot
"""

_STORE_TABLES = """
insert into smp.table_profiles (client, snapshot_id, run_id, table_name, row_count, estimated, profile)
select :client, :snapshot, :run, value ->> 'name', (value ->> 'row_count')::bigint,
       (value ->> 'estimated')::boolean, value
from jsonb_array_elements(cast(:tables as jsonb)) with ordinality as given (value, place)
order by place
"""

# One pass over what is given, no join: right after a bulk insert the planner knows nothing of the tables.
_STORE_COLUMNS = """
with given as materialized (
    select place, value -> 'profile' as profile, value ->> 'fingerprint' as fingerprint,
           substring(cast(:sketches as bytea) from (value ->> 'sketch_place')::int
                     for (value ->> 'sketch_size')::int) as sketch_hashes,
           substring(cast(:words as bytea) from (value ->> 'word_place')::int
                     for (value ->> 'word_size')::int) as word_hashes
    from jsonb_array_elements(cast(:columns as jsonb)) with ordinality as g (value, place)
), stored as (
    insert into smp.column_profiles
        (client, snapshot_id, run_id, table_name, column_name, position, data_type, value_type, row_count,
         null_count, distinct_count, profile, sketch_hashes, word_hashes)
    select :client, :snapshot, :run, profile ->> 'table', profile ->> 'column',
           (profile ->> 'position')::int, profile ->> 'data_type', profile ->> 'value_type',
           (profile ->> 'row_count')::bigint, (profile ->> 'null_count')::bigint,
           (profile ->> 'distinct_count')::bigint, profile, sketch_hashes, word_hashes
    from given order by place
)
insert into smp.column_anchors
    (client, table_name, column_name, fingerprint, profile, sketch_hashes, word_hashes)
select :client, profile ->> 'table', profile ->> 'column', fingerprint, profile, sketch_hashes, word_hashes
from given where fingerprint is not null
on conflict (tenant_id, client, table_name, column_name) do update
set fingerprint = excluded.fingerprint, profile = excluded.profile, sketch_hashes = excluded.sketch_hashes,
    word_hashes = excluded.word_hashes, anchored_at = now()
where column_anchors.fingerprint <> excluded.fingerprint
"""

_PROFILED = """
select snapshot_id, profiled_at from smp.table_profiles where client = :client order by id desc limit 1
"""

_PROFILED_AT = """
select snapshot_id from smp.table_profiles where client = :client and profiled_at = :taken limit 1
"""

_HISTORY = """
select max(profiled_at) as profiled_at, count(*) as tables, sum(row_count)::bigint as rows
from smp.table_profiles where client = :client group by snapshot_id order by max(id) desc limit :newest
"""

_COLUMNS_OF_SNAPSHOT = """
select profile::text, sketch_hashes, word_hashes
from smp.column_profiles where snapshot_id = %(snapshot)s order by id
"""

_NEWEST_TABLE = """
select profile::text as profile, snapshot_id from smp.table_profiles where table_name = :table and snapshot_id = (
    select snapshot_id from smp.table_profiles where client = :client order by id desc limit 1)
"""

_COLUMNS_OF_TABLE = """
select profile::text, sketch_hashes, word_hashes
from smp.column_profiles where snapshot_id = %(snapshot)s and table_name = %(table)s order by id
"""

_COLUMNS_BESIDE = """
with beside as (select id, column_name, row_number() over (order by id) as place
                from smp.column_profiles where snapshot_id = %(snapshot)s and table_name = %(table)s)
select p.profile::text, p.sketch_hashes, p.word_hashes
from beside b join beside one on one.column_name = %(column)s and abs(one.place - b.place) <= %(beside)s
join smp.column_profiles p on p.id = b.id order by b.id
"""

_CHANGES_OF_COLUMN = """
select jsonb_agg(change order by place)
from smp.source_snapshots s, jsonb_array_elements(s.snapshot -> 'changes') with ordinality as g (change, place)
where s.id = (select snapshot_id from smp.table_profiles where client = :client order by id desc limit 1)
  and change ->> 'table' = :table and change ->> 'column' = :column
"""

_ANCHORS = """
select profile::text, sketch_hashes, word_hashes, fingerprint
from smp.column_anchors where client = %(client)s order by table_name, column_name
"""


class Profiles:
    """The snapshots and profiles of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def store_snapshot(self, client: ClientId, snapshot: SourceSnapshot, measured_with: str = "") -> None:
        """Adds a look at the client's source to the history."""
        fingerprint = snapshot.fingerprint()
        self._transaction.run(
            _STORE_SNAPSHOT,
            client=client,
            fingerprint=fingerprint,
            schema_name=snapshot.schema_name,
            document=to_json(
                {
                    "snapshot": snapshot.model_dump(exclude={"column_count"}),
                    "snapshot_fingerprint": fingerprint,
                    "measured_with": measured_with,
                }
            ),
        )

    def latest_snapshot(self, client: ClientId) -> SourceSnapshot | None:
        """The newest snapshot, or None where the source was never looked at."""
        newest = self._transaction.row(_NEWEST_SNAPSHOT, client=client)
        return None if newest is None else self._document(newest["id"]).snapshot

    def last_measured(self, client: ClientId, measured_with: str) -> SourceSnapshot | None:
        """The snapshot of the newest profile, if that was measured in this way."""
        newest = self._transaction.row(_PROFILED, client=client)
        document = None if newest is None else self._document(newest["snapshot_id"])
        return document.snapshot if document and document.measured_with == measured_with else None

    def store(
        self,
        client: ClientId,
        run_id: RunId,
        profile: SourceProfile,
        fingerprints: Mapping[ColumnRef, str],
        changes: tuple[SourceChange, ...] = (),
    ) -> None:
        """Adds the profile of the newest snapshot to the history, and moves the anchors that drifted."""
        place = {
            "client": client,
            "run": run_id,
            "snapshot": self._transaction.one(_NEWEST_SNAPSHOT, client=client)["id"],
        }
        tables = tuple(table.model_copy(update={"columns": ()}) for table in profile.tables)
        self._transaction.run(
            _FINISH_SNAPSHOT,
            run=run_id,
            snapshot=place["snapshot"],
            fingerprint=profile.snapshot_fingerprint,
            troubles=to_json(profile.troubles),
            changes=to_json(changes),
        )
        self._transaction.run(_STORE_TABLES, tables=to_json(tables), **place)
        self._store_columns(profile.columns, fingerprints, place)

    def current(self, client: ClientId) -> SourceProfile | None:
        """The newest profile, or None where the client was never profiled."""
        newest = self._transaction.row(_PROFILED, client=client)
        return None if newest is None else self._profile(newest["snapshot_id"])

    def table(self, client: ClientId, name: str) -> TableProfile | None:
        """One table of the newest profile; None where that has none of the name."""
        return self._table(client, name, _COLUMNS_OF_TABLE)

    def table_around(self, client: ClientId, ref: ColumnRef, beside: int) -> TableProfile | None:
        """The table of a column, of its columns the one and so many ``beside`` it on each side; none where it has not that one."""
        return self._table(client, ref.table, _COLUMNS_BESIDE, column=ref.column, beside=beside)

    def changes_of(self, client: ClientId, ref: ColumnRef) -> tuple[SourceChange, ...]:
        """What the newest profile found changed in one column since the one before."""
        place = {"client": client, "table": ref.table, "column": ref.column}
        return from_json(_CHANGES, self._transaction.json(_CHANGES_OF_COLUMN, **place) or "[]")

    def taken(self, client: ClientId, at: datetime) -> SourceProfile:
        """The profile of the history that was stored at that moment."""
        return self._profile(self._transaction.one(_PROFILED_AT, client=client, taken=at)["snapshot_id"])

    def changes(self, client: ClientId) -> tuple[SourceChange, ...]:
        """What the newest profile found changed since the one before; nothing where there was none before."""
        newest = self._transaction.row(_PROFILED, client=client)
        return () if newest is None else self._document(newest["snapshot_id"]).changes

    def row_counts(self, client: ClientId) -> dict[str, int]:
        """The rows of every table in the newest profile; nothing where there is none."""
        newest = self._transaction.row(_PROFILED, client=client)
        if newest is None:
            return {}
        rows = self._transaction.rows(
            "select table_name, row_count from smp.table_profiles where snapshot_id = :snapshot",
            snapshot=newest["snapshot_id"],
        )
        return {row["table_name"]: row["row_count"] for row in rows}

    def unread(self, client: ClientId) -> dict[str, str]:
        """The tables that the newest profile could not read, each with the reason; these hold the gate."""
        rows = self._transaction.rows("select * from smp.unread_tables(:client)", client=client)
        return {row["source_table"]: row["why"] for row in rows}

    def history(self, client: ClientId, newest: int) -> tuple[PastProfile, ...]:
        """The newest profiles of the client, the last one first."""
        rows = self._transaction.rows(_HISTORY, client=client, newest=newest)
        return tuple(PastProfile.model_validate(dict(row)) for row in rows)

    def profiled_at(self, client: ClientId) -> datetime | None:
        """When the newest profile was stored."""
        newest = self._transaction.row(_PROFILED, client=client)
        return None if newest is None else newest["profiled_at"]

    def anchors(self, client: ClientId) -> dict[ColumnRef, tuple[ColumnProfile, str]]:
        """The profile and fingerprint that each column's approvals stand on."""
        rows = self._transaction.packed_rows(_ANCHORS, client=client)
        return {
            ColumnRef(table=column.table, column=column.column): (column, row[-1])
            for column, row in zip(_columns(rows), rows, strict=True)
        }

    def fingerprints(self, client: ClientId) -> dict[ColumnRef, str]:
        """The content fingerprint of every column that was ever profiled."""
        rows = self._transaction.rows(
            "select table_name, column_name, fingerprint from smp.column_anchors where client = :client",
            client=client,
        )
        return {
            ColumnRef(table=row["table_name"], column=row["column_name"]): row["fingerprint"] for row in rows
        }

    def _store_columns(
        self,
        columns: tuple[ColumnProfile, ...],
        fingerprints: Mapping[ColumnRef, str],
        place: Mapping[str, object],
    ) -> None:
        sketches = in_a_row(_hashes(column.sketch) for column in columns)
        words = in_a_row(_hashes(column.word_sketch) for column in columns)
        rows = [
            {
                "profile": _with_hashes(column, (), ()),
                "fingerprint": fingerprints.get(ColumnRef(table=column.table, column=column.column)),
                "sketch_place": sketches.places[index],
                "sketch_size": sketches.sizes[index],
                "word_place": words.places[index],
                "word_size": words.sizes[index],
            }
            for index, column in enumerate(columns)
        ]
        self._transaction.run(
            _STORE_COLUMNS, columns=to_json(rows), sketches=sketches.blob, words=words.blob, **place
        )

    def _table(self, client: ClientId, name: str, columns: str, **which: object) -> TableProfile | None:
        found = self._transaction.row(_NEWEST_TABLE, client=client, table=name)
        if found is None:
            return None
        place = {"snapshot": found["snapshot_id"], "table": name}
        read = _columns(self._transaction.packed_rows(columns, **place, **which))
        return TableProfile.model_validate_json(found["profile"]).model_copy(update={"columns": tuple(read)})

    def _profile(self, snapshot_id: object) -> SourceProfile:
        document = self._document(snapshot_id)
        return SourceProfile(
            snapshot_fingerprint=document.snapshot_fingerprint,
            tables=self._tables(snapshot_id),
            troubles=document.troubles,
        )

    def _document(self, snapshot_id: object) -> SnapshotDocument:
        row = self._transaction.one(
            "select snapshot::text as document from smp.source_snapshots where id = :id", id=snapshot_id
        )
        return SnapshotDocument.model_validate_json(row["document"])

    def _tables(self, snapshot_id: object) -> tuple[TableProfile, ...]:
        documents = self._transaction.json(
            "select jsonb_agg(profile order by id) from smp.table_profiles where snapshot_id = :snapshot",
            snapshot=snapshot_id,
        )
        columns: dict[str, list[ColumnProfile]] = defaultdict(list)
        for column in _columns(self._transaction.packed_rows(_COLUMNS_OF_SNAPSHOT, snapshot=snapshot_id)):
            columns[column.table].append(column)
        return tuple(
            table.model_copy(update={"columns": tuple(columns[table.name])})
            for table in from_json(_TABLES, documents or "[]")
        )


def _with_hashes(column: ColumnProfile, sketch: Sequence[int], words: Sequence[int]) -> ColumnProfile:
    """The column with the hashes of its sketches replaced; copied, not validated: there may be millions."""
    changes = {
        name: kept.model_copy(update={"hashes": hashes})
        for name, kept, hashes in (
            ("sketch", column.sketch, sketch),
            ("word_sketch", column.word_sketch, words),
        )
        if kept is not None
    }
    return column.model_copy(update=changes)


def _hashes(sketch: ValueSketch | None) -> WholeNumbers | None:
    return None if sketch is None else sketch.hashes


def _columns(rows: Sequence[Sequence[Any]]) -> list[ColumnProfile]:
    """Column profiles from rows that begin with the document, the packed sketch and the packed words."""
    columns = from_json(_COLUMNS, f"[{','.join(row[0] for row in rows)}]")
    with collection_paused():
        return [
            _with_hashes(column, unpack(row[1] or b""), unpack(row[2] or b""))
            for column, row in zip(columns, rows, strict=True)
        ]
