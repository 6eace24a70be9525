"""Validation results: what was asked of a client's data about its mapping, and what the data said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pydantic import TypeAdapter

from schema_matching_pipeline.errors import StaleDecisionError
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import Finding, ValidationReport
from schema_matching_pipeline.registry.transaction import Transaction, from_json, to_json

_FINDINGS = TypeAdapter(tuple[Finding, ...])

_STORE = """
insert into smp.mapping_validation_results
    (client, field_mapping_id, digest, expectation_id, source_table, source_field, canonical_entity,
     canonical_field, validation_type, validation_status, demanded, error_message, sample_input, test_count,
     pass_count, fail_count, finding)
select :client, m.id, :digest, value ->> 'expectation_id', value -> 'ref' ->> 'table',
       value -> 'ref' ->> 'column', value -> 'target' ->> 'entity', value -> 'target' ->> 'field',
       value ->> 'code', value ->> 'status', (value ->> 'demanded')::boolean,
       case value ->> 'status' when 'passed' then null else value ->> 'message' end, value -> 'samples',
       (value ->> 'tested')::int, (value ->> 'tested')::int - (value ->> 'failed')::int,
       (value ->> 'failed')::int, value || jsonb_build_object('place', place)
from jsonb_array_elements(cast(:findings as jsonb)) with ordinality as given (value, place)
left join smp.field_mappings m
    on m.client = :client and m.source_table = value -> 'ref' ->> 'table'
   and m.source_field = value -> 'ref' ->> 'column'
"""

_MARK_MAPPINGS = """
update smp.field_mappings m
set validation_status = r.outcome, success_rate = r.success_rate, error_count = r.failed,
    last_validated_at = now()
from (select field_mapping_id,
             case when bool_or(validation_status = 'failed') then 'failed' else 'validated' end as outcome,
             1 - coalesce(sum(fail_count)::double precision / nullif(sum(test_count), 0), 0) as success_rate,
             least(sum(fail_count), 2147483647)::int as failed
      from smp.mapping_validation_results where client = :client and digest = :digest
      group by field_mapping_id) r
where m.id = r.field_mapping_id
  and (m.validation_status, m.success_rate, m.error_count)
      is distinct from (r.outcome, r.success_rate, r.failed)
"""

NEWEST_FINDINGS = """
from smp.mapping_validation_results r
join smp.field_mappings m
    on (m.client, m.source_table, m.source_field, m.canonical_entity, m.canonical_field)
     = (r.client, r.source_table, r.source_field, r.canonical_entity, r.canonical_field)
   and m.disposition in ('auto_accepted', 'approved', 'pending_review') and m.status <> 'deprecated'
where r.client = :client and r.digest = (
    select validated_digest from smp.mapping_versions
    where client = :client and validated_digest is not null order by version desc limit 1)
"""

_CURRENT = f"""
select jsonb_agg(r.finding - 'place' order by (r.finding ->> 'place')::int)
{NEWEST_FINDINGS}
"""

# A question of its own: one for both would be planned as if it were about all columns.
_ABOUT = f"{_CURRENT} and (r.source_table, r.source_field) = (:table, :column)"

_FAILED = f"""
select r.source_table, r.source_field, r.expectation_id
{NEWEST_FINDINGS}
  and r.validation_status = 'failed' and (r.source_table, r.source_field) in (
      select * from unnest(cast(:tables as text[]), cast(:columns as text[])))
"""

_WAS_VALIDATED = """
select 1 from smp.mapping_versions where client = :client and validated_digest is not null limit 1
"""


class Validations:
    """The validation results of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def store(self, client: ClientId, digest: str, report: ValidationReport) -> None:
        """Replaces what is known about the mapping of that digest; results about earlier ones stay."""
        place = {"client": client, "digest": digest}
        self._transaction.run(
            "delete from smp.mapping_validation_results where client = :client and digest = :digest", **place
        )
        self._transaction.run(_STORE, findings=to_json(report.findings), **place)
        self._transaction.run(_MARK_MAPPINGS, **place)

    def mark_validated(self, client: ClientId, digest: str) -> None:
        """Notes that everything was asked about the newest version as it stands.

        Raises:
            StaleDecisionError: the mapping is not the one that was validated any more.
        """
        settled = self._transaction.one("select * from smp.mark_validated(:client)", client=client)
        if settled["digest"] != digest:
            raise StaleDecisionError(
                f"The mapping of client {client!r} changed while it was being validated. Validate it again."
            )

    def current(self, client: ClientId) -> ValidationReport | None:
        """The findings about the newest validated version, or None where none was ever validated.

        What was found about a suggestion that was refused since is about nothing any more.
        """
        if self._transaction.row(_WAS_VALIDATED, client=client) is None:
            return None
        return ValidationReport(findings=self._findings(_CURRENT, client=client))

    def failed(self, client: ClientId, refs: Sequence[ColumnRef]) -> dict[ColumnRef, list[str]]:
        """The expectations about some columns that failed in the newest validated version."""
        rows = self._transaction.rows(
            _FAILED,
            client=client,
            tables=[ref.table for ref in refs],
            columns=[ref.column for ref in refs],
        )
        failed = defaultdict[ColumnRef, list[str]](list)
        for row in rows:
            failed[ColumnRef(table=row["source_table"], column=row["source_field"])].append(
                row["expectation_id"]
            )
        return failed

    def about(self, client: ClientId, ref: ColumnRef) -> tuple[Finding, ...]:
        """The findings about one column in the newest validated version, the worst first."""
        return self._findings(_ABOUT, client=client, table=ref.table, column=ref.column)

    def _findings(self, query: str, **place: str) -> tuple[Finding, ...]:
        return from_json(_FINDINGS, self._transaction.json(query, **place) or "[]")
