"""Vectors of accepted mappings: one each, with the text and the model it was made from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from schema_matching_pipeline.model.embedding import EmbeddableMapping, MappingText, SimilarMapping
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.registry.transaction import Transaction, from_json, to_json

_EMBEDDABLE = TypeAdapter(tuple[EmbeddableMapping, ...])
_SIMILAR = TypeAdapter(tuple[SimilarMapping, ...])

_ACCEPTED = """
select jsonb_agg(jsonb_build_object(
    'id', m.id, 'source_field', m.source_field,
    'canonical_entity', m.canonical_entity, 'canonical_field', m.canonical_field,
    'embedded_text', e.embedding_text, 'embedded_model', e.embedding_model)
    order by m.source_table, m.source_field)
from smp.field_mappings m
left join smp.mapping_embeddings e on e.field_mapping_id = m.id and e.embedding_vector is not null
where m.client = :client and m.status = 'active' and m.disposition in ('auto_accepted', 'approved')
"""

# A mapping that went meanwhile is left out, not an error.
_STORE = """
insert into smp.mapping_embeddings (field_mapping_id, embedding_text, embedding_vector, embedding_model)
select m.id, given.text, cast(given.vector as vector), :model
from jsonb_to_recordset(cast(:rows as jsonb)) as given (id uuid, text text, vector text)
join smp.field_mappings m on m.id = given.id
on conflict (tenant_id, field_mapping_id) do update
set embedding_text = excluded.embedding_text, embedding_vector = excluded.embedding_vector,
    embedding_model = excluded.embedding_model, created_at = now()
"""

_DROP = """
delete from smp.mapping_embeddings e using smp.field_mappings m
where m.id = e.field_mapping_id and m.client = :client
  and not (m.status = 'active' and m.disposition in ('auto_accepted', 'approved'))
"""

_INDEX = "select smp.index_embeddings(:model)"

# A model's index holds the vectors of every tenant: it is read on until enough of them are this tenant's and client's,
# however many others lie nearer. A plan for any model could use the index of none, so each question has its own plan.
_READ_ON = """
select set_config(name, value, true) from (values
    ('hnsw.iterative_scan', 'relaxed_order'), ('hnsw.max_scan_tuples', '2147483647'),
    ('hnsw.scan_mem_multiplier', '16'), ('plan_cache_mode', 'force_custom_plan')) as settings (name, value)
"""

READ_AHEAD = 4
"""How many are read for each that is wanted: of the first to come, one in fifteen was not among the nearest."""

# Read on, they come out of order, and the planner does not know it: it would take them as sorted but for the "+ 0".
_NEAREST = """
with read as materialized (
    select m.client, m.source_table, m.source_field, m.canonical_entity, m.canonical_field,
           e.embedding_vector <=> cast(:vector as vector) as distance
    from smp.mapping_embeddings e join smp.field_mappings m on m.id = e.field_mapping_id
    where e.embedding_model = :model and m.status = 'active'
      and m.disposition in ('auto_accepted', 'approved')
      and (cast(:clients as text[]) is null or m.client = any(:clients))
    order by distance limit :read_ahead)
select jsonb_agg(jsonb_build_object(
    'client', client, 'ref', jsonb_build_object('table', source_table, 'column', source_field),
    'target', jsonb_build_object('entity', canonical_entity, 'field', canonical_field),
    'similarity', 1 - distance) order by distance + 0, client, source_table, source_field)
from (select * from read order by distance + 0, client, source_table, source_field limit :limit) as near
"""


class Embeddings:
    """The vectors of a tenant's mappings."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def embeddable(self, client: ClientId) -> tuple[EmbeddableMapping, ...]:
        """The client's accepted mappings, each with what its vector was made from."""
        return from_json(_EMBEDDABLE, self._transaction.json(_ACCEPTED, client=client) or "[]")

    def index(self, model: str) -> None:
        """Makes the index of a model's vectors where there is none; the first act of its transaction."""
        self._transaction.run(_INDEX, model=model)

    def store(self, model: str, texts: Sequence[MappingText], vectors: npt.NDArray[np.float32]) -> int:
        """Keeps one vector a mapping in place of an earlier one; how many."""
        rows = [
            {"id": each.mapping_id, "text": each.text, "vector": _written(vector)}
            for each, vector in zip(texts, vectors, strict=True)
        ]
        return self._transaction.run(_STORE, model=model, rows=to_json(rows))

    def drop_unaccepted(self, client: ClientId) -> int:
        """Forgets the vectors of mappings that are accepted no more; how many."""
        return self._transaction.run(_DROP, client=client)

    def nearest(
        self,
        model: str,
        vector: npt.NDArray[np.float32],
        *,
        clients: Sequence[ClientId] | None = None,
        limit: int = 10,
    ) -> tuple[SimilarMapping, ...]:
        """Accepted mappings of the tenant, or of some clients, by cosine, the nearest first; one model's alone."""
        wanted = None if clients is None else list(clients)
        self._transaction.run(_READ_ON)
        found = self._transaction.json(
            _NEAREST,
            model=model,
            vector=_written(vector),
            clients=wanted,
            limit=limit,
            read_ahead=limit * READ_AHEAD,
        )
        return from_json(_SIMILAR, found or "[]")


def _written(vector: npt.NDArray[np.float32]) -> str:
    """The vector as pgvector reads it."""
    return "[" + ",".join(map(str, vector.tolist())) + "]"
