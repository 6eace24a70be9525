"""The SQL of the review queue: which items a list shows, and in which order."""

from __future__ import annotations

from collections.abc import Mapping

from schema_matching_pipeline.model.review import QueueOrder

OPEN = "i.state in ('open', 'awaiting_second', 'spot_check')"
DECIDED = "i.state in ('approved', 'rejected', 'overridden')"

_BY = "i.client, i.source_table, i.source_column, i.id"
_RISK = "array_position(array['critical', 'important', 'optional'], i.risk_class)"
# The default is that of an index, so that the first page of many items costs no more than that of few.
_ORDERS = {
    QueueOrder.VALUE: "i.value_of_information desc, i.client, i.id",
    QueueOrder.RISK: f"{_RISK}, i.had, {_BY}",
    QueueOrder.AGE: f"i.opened_at, {_BY}",
    QueueOrder.CONFIDENCE: f"i.had desc, {_BY}",
    QueueOrder.TABLE: _BY,
    QueueOrder.ROWS: f"i.rows_affected desc, {_BY}",
}

_MARKED = "exists (select from smp.item_marks m where (m.client, m.item_id) = (i.client, i.id) and {})"
_FILTERS = {
    "client": "i.client = :client",
    "among": "i.client = any (cast(:among as text[]))",
    "kind": "i.kind = :kind",
    "entity": "i.entity = :entity",
    "risk": "i.risk_class = :risk",
    "at_least": "i.had >= :at_least",
    "below": "i.had < :below",
    "older_than_days": "i.opened_at < now() - make_interval(days => :older_than_days)",
    "table": "i.source_table = :table",
    "run": "i.run_id::text = :run",
    "assignee": _MARKED.format("m.assignee = :assignee"),
    "flagged": _MARKED.format("m.flag is not null"),
    "text": "strpos(lower(concat_ws(' ', i.source_table || '.' || i.source_column, i.entity || '.' || i.field, i.reason)),"
    " lower(:text)) > 0",
    "only": "i.id = any (cast(:only as text[]))",
    "without": "i.id <> all (cast(:without as text[]))",
}


def conditions(wanted: Mapping[str, object], *, decided: bool) -> str:
    """The condition that items ``i`` of a list meet: only what is asked for is part of it, so that indexes serve."""
    asked = [
        f"not {_FILTERS[name]}" if value is False else _FILTERS[name]
        for name, value in wanted.items()
        if value is not None
    ]
    return " and ".join([DECIDED if decided else OPEN, *asked])


def placed(order: QueueOrder) -> str:
    """By what items ``i`` are put in order; no two of them are equal."""
    return _ORDERS[order]
