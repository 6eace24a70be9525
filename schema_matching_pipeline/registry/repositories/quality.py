"""Quality labels: the newest label of every profiled column."""

from __future__ import annotations

from pydantic import TypeAdapter

from schema_matching_pipeline.model.ids import ClientId, RunId
from schema_matching_pipeline.model.quality import QualityLabel, QualityReport
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.registry.transaction import Transaction, from_json, to_json

_LABELS = TypeAdapter(tuple[QualityLabel, ...])

_STORE = """
insert into smp.quality_labels
    (client, run_id, table_name, column_name, label, confidence, reason, value)
select :client, :run, value -> 'ref' ->> 'table', value -> 'ref' ->> 'column', value ->> 'label',
       (value ->> 'confidence')::double precision, value ->> 'reason', value
from jsonb_array_elements(cast(:labels as jsonb)) with ordinality as given (value, place)
order by place
"""


class Quality:
    """The quality labels of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def store(self, client: ClientId, run_id: RunId, report: QualityReport) -> None:
        """Replaces the client's labels."""
        self._transaction.run("delete from smp.quality_labels where client = :client", client=client)
        self._transaction.run(_STORE, client=client, run=run_id, labels=to_json(report.labels))

    def current(self, client: ClientId) -> QualityReport | None:
        """The client's labels, or None where none were ever made."""
        labels = self._transaction.json(
            "select jsonb_agg(value order by id) from smp.quality_labels where client = :client",
            client=client,
        )
        return None if labels is None else QualityReport(labels=from_json(_LABELS, labels))

    def of(self, client: ClientId, ref: ColumnRef) -> QualityLabel | None:
        """The label of one column; None where it was not labelled."""
        labels = self._transaction.json(
            "select jsonb_agg(value) from smp.quality_labels"
            " where client = :client and (table_name, column_name) = (:table, :column)",
            client=client,
            table=ref.table,
            column=ref.column,
        )
        found = from_json(_LABELS, labels or "[]")
        return found[0] if found else None
