"""Proposals as the matcher made them: every candidate of every column, with the share of each signal.

There are a million figures in the proposal of a large client, so it is kept as compressed JSON, one value
a table; the best candidates of each column are rows besides, for whoever asks in SQL.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

from pydantic import TypeAdapter
from pydantic_core import from_json

from schema_matching_pipeline.model.ids import ClientId, RunId
from schema_matching_pipeline.model.matching import Candidate, Correspondence, MappingProposal
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.registry.packing import chunks_in_a_row
from schema_matching_pipeline.registry.transaction import Transaction, collection_paused, to_json

_CORRESPONDENCES = TypeAdapter(tuple[Correspondence, ...])
_ROWS_KEPT = 5  # candidates of a column that are rows; all of them are in the proposal
_QUICKLY = 1  # zlib's fastest level: a quarter of the size for a tenth of the time of the best

_HEAD = "select canonical_digest, knowledge_version, digest from smp.mapping_proposals where client = :client"

_STORE = """
insert into smp.mapping_proposals (client, run_id, canonical_digest, knowledge_version, digest)
values (:client, cast(:run as uuid), :canonical, :knowledge, :digest)
on conflict (tenant_id, client) do update
set run_id = excluded.run_id, canonical_digest = excluded.canonical_digest,
    knowledge_version = excluded.knowledge_version, digest = excluded.digest, proposed_at = now()
"""

_STORE_TABLES = """
insert into smp.proposed_tables (client, table_name, position, correspondences)
select :client, name, position, substring(cast(:packed as bytea) from place for length)
from unnest(cast(:names as text[]), cast(:places as int[]), cast(:lengths as int[]))
     with ordinality as g (name, place, length, position)
"""

_STORE_CANDIDATES = """
insert into smp.mapping_candidates
    (client, run_id, table_name, column_name, rank, entity, field, score, confidence, shares)
select :client, cast(:run as uuid), given.value ->> 0, given.value ->> 1, candidate.rank,
       candidate.value ->> 0, candidate.value ->> 1, (candidate.value ->> 2)::double precision,
       (candidate.value ->> 3)::double precision, candidate.value -> 4
from jsonb_array_elements(cast(:columns as jsonb)) as given (value),
     jsonb_array_elements(given.value -> 2) with ordinality as candidate (value, rank)
"""

_TABLES = """
select correspondences from smp.proposed_tables
where client = %(client)s and (%(table)s::text is null or table_name = %(table)s)
order by position
"""


class Proposals:
    """The newest proposal of each of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def store(self, client: ClientId, run_id: RunId, proposal: MappingProposal) -> None:
        """Replaces the client's proposal, unless it is the one that is there already: routing again changes nothing in it."""
        tables = _by_table(proposal.correspondences)
        digest = _digest(tables.values())
        known = self._transaction.row(_HEAD, client=client)
        if known is not None and known["digest"] == digest:
            return
        self._transaction.run(
            _STORE,
            client=client,
            run=run_id,
            canonical=proposal.canonical_digest,
            knowledge=proposal.knowledge_version,
            digest=digest,
        )
        self._store_tables(client, tables)
        self._transaction.run("delete from smp.mapping_candidates where client = :client", client=client)
        best = to_json(list(_best(proposal.correspondences)))
        self._transaction.run(_STORE_CANDIDATES, client=client, run=run_id, columns=best)

    def current(self, client: ClientId) -> MappingProposal | None:
        """The newest proposal, or None where nothing was ever proposed."""
        head = self._transaction.row(_HEAD, client=client)
        if head is None:
            return None
        return MappingProposal(
            correspondences=tuple(self._correspondences(client)),
            canonical_digest=head["canonical_digest"],
            knowledge_version=head["knowledge_version"],
        )

    def candidates(self, client: ClientId, ref: ColumnRef) -> tuple[Candidate, ...]:
        """The fields one column may fill, the likeliest first."""
        found = self.column(client, ref)
        return found.candidates if found else ()

    def column(self, client: ClientId, ref: ColumnRef) -> Correspondence | None:
        """What is proposed for one column; None where nothing is."""
        wanted = {"table": ref.table, "column": ref.column}
        for (packed,) in self._transaction.packed_rows(_TABLES, client=client, table=ref.table):
            for said in from_json(zlib.decompress(packed)):  # of a table's columns, one is made a value
                if said["ref"] == wanted:
                    return Correspondence.model_validate(said)
        return None

    def table(self, client: ClientId, name: str) -> tuple[Correspondence, ...]:
        """What is proposed for the columns of one table."""
        return tuple(self._correspondences(client, name))

    def _store_tables(self, client: ClientId, tables: dict[str, bytes]) -> None:
        packed = chunks_in_a_row(zlib.compress(document, _QUICKLY) for document in tables.values())
        self._transaction.run("delete from smp.proposed_tables where client = :client", client=client)
        self._transaction.run(
            _STORE_TABLES,
            client=client,
            names=list(tables),
            packed=packed.blob,
            places=packed.places,
            lengths=packed.sizes,
        )

    def _correspondences(self, client: ClientId, table: str | None = None) -> Iterator[Correspondence]:
        with collection_paused():
            for (packed,) in self._transaction.packed_rows(_TABLES, client=client, table=table):
                yield from _CORRESPONDENCES.validate_json(zlib.decompress(packed))


def _by_table(correspondences: Iterable[Correspondence]) -> dict[str, bytes]:
    """The correspondences of each table, as JSON."""
    tables: dict[str, list[Correspondence]] = defaultdict(list)
    for each in correspondences:
        tables[each.ref.table].append(each)
    return {name: _CORRESPONDENCES.dump_json(tuple(tables[name])) for name in tables}


def _digest(documents: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for document in documents:
        digest.update(document)
    return digest.hexdigest()


def _best(correspondences: Iterable[Correspondence]) -> Iterator[tuple[object, ...]]:
    """Columns with their best candidates, as short as JSON goes; a candidate's score is the best of its signals."""
    for each in correspondences:
        yield (
            each.ref.table,
            each.ref.column,
            [
                (
                    candidate.target.entity,
                    candidate.target.field,
                    max((signal.score for signal in candidate.signals), default=None),
                    candidate.confidence,
                    {signal.signal: (signal.score, signal.share) for signal in candidate.signals},
                )
                for candidate in each.candidates[:_ROWS_KEPT]
            ],
        )
