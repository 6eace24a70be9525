"""Snapshots and profiles: what a client's source looked like, each time it was looked at.

The history is append-only; what is current belongs to the newest snapshot that was profiled. Sketches are
kept beside the JSON as packed 64-bit integers: a third of the size and a tenth of the time. A column's
*anchor* is the profile its approvals stand on; it stays while the column does not drift.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId, RunId
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile, TableProfile, ValueSketch
from schema_matching_pipeline.model.source import ColumnRef, SourceSnapshot, TableTrouble
from schema_matching_pipeline.registry.packing import cut, pack
from schema_matching_pipeline.registry.transaction import Transaction, collection_paused, from_json, to_json


class SnapshotDocument(Frozen):
    """What is kept of one look at a source: its snapshot and, once it is profiled, what could not be."""

    snapshot: SourceSnapshot
    snapshot_fingerprint: str
    troubles: tuple[TableTrouble, ...] = ()


_FINGERPRINTS = TypeAdapter(tuple[str, ...])
_COLUMNS = TypeAdapter(tuple[ColumnProfile, ...])
_TABLES = TypeAdapter(tuple[TableProfile, ...])

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
                                              'troubles', cast(:troubles as jsonb))
where id = :snapshot
"""

_STORE_TABLES = """
insert into smp.table_profiles (client, snapshot_id, run_id, table_name, row_count, estimated, profile)
select :client, :snapshot, :run, value ->> 'name', (value ->> 'row_count')::bigint,
       (value ->> 'estimated')::boolean, value
from jsonb_array_elements(cast(:tables as jsonb)) with ordinality as given (value, place)
order by place
"""

_STORE_COLUMNS = """
insert into smp.column_profiles
    (client, snapshot_id, run_id, table_name, column_name, position, data_type, value_type, row_count,
     null_count, distinct_count, profile, sketch_hashes, word_hashes)
select :client, :snapshot, :run, value ->> 'table', value ->> 'column', (value ->> 'position')::int,
       value ->> 'data_type', value ->> 'value_type', (value ->> 'row_count')::bigint,
       (value ->> 'null_count')::bigint, (value ->> 'distinct_count')::bigint, value,
       packed.sketch_hashes, packed.word_hashes
from jsonb_array_elements(cast(:columns as jsonb)) with ordinality as given (value, place)
join unnest(cast(:sketches as bytea[]), cast(:words as bytea[])) with ordinality
     as packed (sketch_hashes, word_hashes, place) using (place)
order by place
"""

_STORE_ANCHORS = """
insert into smp.column_anchors
    (client, table_name, column_name, fingerprint, profile, sketch_hashes, word_hashes)
select client, table_name, column_name, given.fingerprint, profile, sketch_hashes, word_hashes
from smp.column_profiles
join jsonb_to_recordset(cast(:prints as jsonb))
     as given (table_name text, column_name text, fingerprint text) using (table_name, column_name)
where snapshot_id = :snapshot
on conflict (tenant_id, client, table_name, column_name) do update
set fingerprint = excluded.fingerprint, profile = excluded.profile, sketch_hashes = excluded.sketch_hashes,
    word_hashes = excluded.word_hashes, anchored_at = now()
where column_anchors.fingerprint <> excluded.fingerprint
"""

_PROFILED = """
select snapshot_id, profiled_at from smp.table_profiles where client = :client order by id desc limit 1
"""

_COLUMNS_OF_SNAPSHOT = """
select jsonb_agg(profile order by id)::text as documents,
       string_agg(sketch_hashes, ''::bytea order by id) as sketches,
       array_agg(octet_length(sketch_hashes) order by id) as sketch_sizes,
       string_agg(word_hashes, ''::bytea order by id) as words,
       array_agg(octet_length(word_hashes) order by id) as word_sizes
from smp.column_profiles where snapshot_id = :snapshot
"""

_ANCHORS = """
select jsonb_agg(profile order by table_name, column_name)::text as documents,
       jsonb_agg(fingerprint order by table_name, column_name)::text as fingerprints,
       string_agg(sketch_hashes, ''::bytea order by table_name, column_name) as sketches,
       array_agg(octet_length(sketch_hashes) order by table_name, column_name) as sketch_sizes,
       string_agg(word_hashes, ''::bytea order by table_name, column_name) as words,
       array_agg(octet_length(word_hashes) order by table_name, column_name) as word_sizes
from smp.column_anchors where client = :client
"""


class Profiles:
    """The snapshots and profiles of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def store_snapshot(self, client: ClientId, snapshot: SourceSnapshot) -> None:
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
                }
            ),
        )

    def latest_snapshot(self, client: ClientId) -> SourceSnapshot | None:
        """The newest snapshot, or None where the source was never looked at."""
        newest = self._transaction.row(_NEWEST_SNAPSHOT, client=client)
        return None if newest is None else self._document(newest["id"]).snapshot

    def store(
        self,
        client: ClientId,
        run_id: RunId,
        profile: SourceProfile,
        fingerprints: Mapping[ColumnRef, str],
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
        )
        self._transaction.run(_STORE_TABLES, tables=to_json(tables), **place)
        self._store_columns(profile.columns, place)
        self._transaction.run(
            _STORE_ANCHORS, snapshot=place["snapshot"], prints=to_json(_fingerprint_rows(fingerprints))
        )

    def current(self, client: ClientId) -> SourceProfile | None:
        """The newest profile, or None where the client was never profiled."""
        newest = self._transaction.row(_PROFILED, client=client)
        if newest is None:
            return None
        document = self._document(newest["snapshot_id"])
        return SourceProfile(
            snapshot_fingerprint=document.snapshot_fingerprint,
            tables=self._tables(newest["snapshot_id"]),
            troubles=document.troubles,
        )

    def profiled_at(self, client: ClientId) -> datetime | None:
        """When the newest profile was stored."""
        newest = self._transaction.row(_PROFILED, client=client)
        return None if newest is None else newest["profiled_at"]

    def anchors(self, client: ClientId) -> dict[ColumnRef, tuple[ColumnProfile, str]]:
        """The profile and fingerprint that each column's approvals stand on."""
        found = self._transaction.one(_ANCHORS, client=client)
        if found["documents"] is None:
            return {}
        fingerprints = from_json(_FINGERPRINTS, found["fingerprints"])
        columns = _unpacked(found)
        return {
            ColumnRef(table=column.table, column=column.column): (column, fingerprint)
            for column, fingerprint in zip(columns, fingerprints, strict=True)
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

    def _store_columns(self, columns: tuple[ColumnProfile, ...], place: Mapping[str, object]) -> None:
        self._transaction.run(
            _STORE_COLUMNS,
            columns=to_json(tuple(_without_hashes(column) for column in columns)),
            sketches=[_packed(column.sketch) for column in columns],
            words=[_packed(column.word_sketch) for column in columns],
            **place,
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
        found = self._transaction.one(_COLUMNS_OF_SNAPSHOT, snapshot=snapshot_id)
        columns: dict[str, list[ColumnProfile]] = defaultdict(list)
        for column in _unpacked(found):
            columns[column.table].append(column)
        return tuple(
            table.model_copy(update={"columns": tuple(columns[table.name])})
            for table in from_json(_TABLES, documents or "[]")
        )


def _fingerprint_rows(fingerprints: Mapping[ColumnRef, str]) -> list[dict[str, str]]:
    return [
        {"table_name": ref.table, "column_name": ref.column, "snapshot_fingerprint": fingerprint}
        for ref, fingerprint in fingerprints.items()
    ]


def _without_hashes(column: ColumnProfile) -> ColumnProfile:
    return _with_hashes(column, (), ())


def _with_hashes(column: ColumnProfile, sketch: tuple[int, ...], words: tuple[int, ...]) -> ColumnProfile:
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


def _packed(sketch: ValueSketch | None) -> bytes | None:
    return None if sketch is None else pack(sketch.hashes)


def _unpacked(found: RowMapping) -> list[ColumnProfile]:
    """Column profiles from their documents and, in the same order, their packed sketches."""
    if found["documents"] is None:
        return []
    columns = from_json(_COLUMNS, str(found["documents"]))
    with collection_paused():
        sketches = cut(found["sketches"] or b"", found["sketch_sizes"])
        words = cut(found["words"] or b"", found["word_sizes"])
        return [_with_hashes(*each) for each in zip(columns, sketches, words, strict=True)]
