"""What the asset checks found, for people; the gate never reads it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import TypeAdapter

from schema_matching_pipeline.model.check import CheckVerdict
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.registry.transaction import Transaction, from_json, to_json

_VERDICTS = TypeAdapter(tuple[CheckVerdict, ...])

_STORE = """
insert into smp.check_results (client, check_name, passed, severity, actual, threshold, details, version)
select :client, value ->> 'name', (value ->> 'passed')::boolean, upper(value ->> 'severity'),
       (value ->> 'actual')::double precision, (value ->> 'threshold')::double precision, value,
       (select max(version) from smp.mapping_versions where client = :client)
from jsonb_array_elements(cast(:verdicts as jsonb)) with ordinality as given (value, place)
order by place
"""

_CURRENT = """
select jsonb_agg(details order by check_name)
from (select distinct on (check_name) check_name, details
      from smp.check_results where client = :client order by check_name, id desc) as newest
"""


class Checks:
    """The verdicts of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def store(self, client: ClientId, verdicts: Sequence[CheckVerdict]) -> None:
        """Adds verdicts to the client's history."""
        self._transaction.run(_STORE, client=client, verdicts=to_json(tuple(verdicts)))

    def current(self, client: ClientId) -> tuple[CheckVerdict, ...]:
        """The newest verdict of every check, by name."""
        return from_json(_VERDICTS, self._transaction.json(_CURRENT, client=client) or "[]")
