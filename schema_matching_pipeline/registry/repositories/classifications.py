"""Classifications: what every usable column means."""

from __future__ import annotations

from pydantic import TypeAdapter

from schema_matching_pipeline.model.classification import Classification, Verdict
from schema_matching_pipeline.model.ids import ClientId, RunId
from schema_matching_pipeline.registry.transaction import Transaction, from_json, to_json

_VERDICTS = TypeAdapter(tuple[Verdict, ...])

_STORE = """
insert into smp.classifications
    (client, run_id, table_name, column_name, semantic_type, entity, confidence, source, value)
select :client, :run, value -> 'ref' ->> 'table', value -> 'ref' ->> 'column', value ->> 'semantic_type',
       value ->> 'entity', (value ->> 'confidence')::double precision, value ->> 'source', value
from jsonb_array_elements(cast(:verdicts as jsonb)) with ordinality as given (value, place)
order by place
"""

_NOTE = """
insert into smp.classification_runs (client, run_id, verdicts)
values (:client, cast(:run as uuid), :verdicts)
on conflict (tenant_id, client) do update
set run_id = excluded.run_id, verdicts = excluded.verdicts, classified_at = now()
"""

_CURRENT = """
select coalesce((select jsonb_agg(value order by id) from smp.classifications where client = :client), '[]')
from smp.classification_runs where client = :client
"""

_WERE_MADE = "select 1 from smp.classification_runs where client = :client"


class Classifications:
    """The classifications of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def store(self, client: ClientId, run_id: RunId, classification: Classification) -> None:
        """Replaces the client's verdicts."""
        self._transaction.run("delete from smp.classifications where client = :client", client=client)
        self._transaction.run(_STORE, client=client, run=run_id, verdicts=to_json(classification.verdicts))
        self._transaction.run(_NOTE, client=client, run=run_id, verdicts=len(classification.verdicts))

    def were_made(self, client: ClientId) -> bool:
        """Whether the client's columns were ever classified."""
        return self._transaction.row(_WERE_MADE, client=client) is not None

    def current(self, client: ClientId) -> Classification | None:
        """The client's verdicts, or None where none were ever made."""
        verdicts = self._transaction.json(_CURRENT, client=client)
        return None if verdicts is None else Classification(verdicts=from_json(_VERDICTS, verdicts))
