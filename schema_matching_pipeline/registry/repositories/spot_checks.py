"""Spot checks: blind questions about columns that were accepted without anybody looking at them alone."""

from __future__ import annotations

from collections.abc import Iterable

from schema_matching_pipeline.model.ids import ClientId, content_id
from schema_matching_pipeline.model.quality import EvidenceFact
from schema_matching_pipeline.model.review import OBJECTION, SpotCheck
from schema_matching_pipeline.model.trust import SpotCheckFigures
from schema_matching_pipeline.registry.transaction import Transaction, to_json

_FIGURES = """
select waiting, answered, wrong, smp.wilson_bound(wrong, answered, false) as at_least,
       smp.wilson_bound(wrong, answered, true) as at_most
from (select count(*) filter (where i.state = 'spot_check') as waiting, count(j.item_id) as answered,
             count(*) filter (where not j.is_right) as wrong
      from smp.spot_checks c
      join smp.review_items i on (i.client, i.id) = (c.client, c.item_id)
      left join smp.judged_suggestions j on (j.client, j.item_id) = (c.client, c.item_id)
      where c.client = :client) counted
"""


class SpotChecks:
    """What a tenant's clients are asked about blind, and how that fared."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def draw(self, client: ClientId, drawn: Iterable[SpotCheck]) -> int:
        """Asks blind about just these columns, and about none twice; how many questions are new or changed."""
        rows = [_row(client, check) for check in drawn]
        return int(
            self._transaction.one(
                "select smp.draw_spot_checks(:client, cast(:drawn as jsonb)) as opened",
                client=client,
                drawn=to_json(rows),
            )["opened"]
        )

    def figures(self, client: ClientId) -> SpotCheckFigures:
        """How many of a client's spot checks wait, and how those fared that were answered."""
        return SpotCheckFigures.model_validate(dict(self._transaction.one(_FIGURES, client=client)))


def _row(client: ClientId, check: SpotCheck) -> dict[str, object]:
    return {
        "id": content_id(client, check.id),
        "source_table": check.ref.table,
        "source_column": check.ref.column,
        "approval_hash": check.approval_hash,
        "choices": check.choices,
        "checked_item": check.checked_item,
        "entity": check.target.entity,
        "field": check.target.field,
        "risk_class": check.risk_class,
        "reason": check.reason,
        "needed": check.needed,
        "had": check.had,
        "item": {
            "candidates": check.candidates,
            "facts": [EvidenceFact(name=OBJECTION, value=text) for text in check.objections],
            "rule": check.rule,
        },
    }
